"""Kernels of diagonals and bands of matrices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from framework.kernels.registry import register_kernel, static
from framework.ops.diagonals import Band, band_of
from framework.ops.inference import require_shape

# What the oldest ops, which know the main diagonal alone, leave out.
_MAIN, _FEWEST = np.array(0), np.array(-1)


@register_kernel("MatrixDiagPart")
@register_kernel("MatrixDiagPartV2")
@register_kernel("MatrixDiagPartV3")
def matrix_diag_part(
    attrs: Mapping[str, Any], x: jax.Array, k: np.ndarray = _MAIN, padding_value: Any = 0
) -> jax.Array:
    x, band = jnp.asarray(x), band_of(static(k, "k"))
    rows, columns = x.shape[-2:]
    longest = band.longest(rows, columns)
    diagonal = band.upper - lax.iota(np.int32, band.count)[:, None]
    place = lax.broadcasted_iota(np.int32, (band.count, longest), 1)
    place = place - _indent(attrs, diagonal, rows, columns, longest)
    is_inside = (place >= 0) & (place < _length(diagonal, rows, columns))
    row, column = place - jnp.minimum(diagonal, 0), place + jnp.maximum(diagonal, 0)
    found = x[..., jnp.clip(row, 0, max(rows - 1, 0)), jnp.clip(column, 0, max(columns - 1, 0))]
    found = _where(is_inside, found, padding_value)
    return lax.squeeze(found, [found.ndim - 2]) if band.count == 1 else found


@register_kernel("MatrixDiag")
@register_kernel("MatrixDiagV2")
@register_kernel("MatrixDiagV3")
def matrix_diag(
    attrs: Mapping[str, Any],
    diagonal: jax.Array,
    k: np.ndarray = _MAIN,
    num_rows: np.ndarray = _FEWEST,
    num_cols: np.ndarray = _FEWEST,
    padding_value: Any = 0,
) -> jax.Array:
    diagonal, band = jnp.asarray(diagonal), band_of(static(k, "k"))
    wanted = (int(static(number, name)) for number, name in ((num_rows, "num_rows"), (num_cols, "num_cols")))
    return _spread(attrs, diagonal, band, band.size(diagonal.shape[-1], *wanted), padding_value)


@register_kernel("MatrixSetDiag")
@register_kernel("MatrixSetDiagV2")
@register_kernel("MatrixSetDiagV3")
def matrix_set_diag(attrs: Mapping[str, Any], x: jax.Array, diagonal: jax.Array, k: np.ndarray = _MAIN) -> jax.Array:
    band, (*batch, rows, columns) = band_of(static(k, "k")), np.shape(x)
    longest = band.longest(rows, columns)
    require_shape("diagonal", diagonal, (*batch, longest) if band.count == 1 else (*batch, band.count, longest))
    return _spread(attrs, jnp.asarray(diagonal), band, (rows, columns), x)


def _spread(attrs: Mapping[str, Any], diagonals: jax.Array, band: Band, size: Any, background: Any) -> jax.Array:
    """Matrices of this size with the diagonals of a band, and `background` elsewhere."""
    rows, columns = size
    longest = diagonals.shape[-1]
    row, column = (lax.broadcasted_iota(np.int32, size, axis) for axis in (0, 1))
    diagonal = column - row
    is_inside = (diagonal >= band.lower) & (diagonal <= band.upper)
    if band.count == 1:  # without a gather, whose gradient is a slow scatter
        first = max(band.lower, 0)
        edges = [(0, 0, 0)] * (diagonals.ndim - 1) + [(first, columns - longest - first, 0)]
        found = lax.pad(diagonals, jnp.zeros((), diagonals.dtype), edges)
        found = jnp.broadcast_to(found[..., None, :], (*found.shape[:-1], rows, columns))
    else:
        place = column - jnp.maximum(diagonal, 0) + _indent(attrs, diagonal, rows, columns, longest)
        of = jnp.clip(band.upper - diagonal, 0, band.count - 1)
        found = diagonals[..., of, jnp.clip(place, 0, max(longest - 1, 0))]
    return _where(is_inside, found, background)


def _length(diagonal: jax.Array, rows: int, columns: int) -> jax.Array:
    return jnp.minimum(rows + jnp.minimum(diagonal, 0), columns - jnp.maximum(diagonal, 0))


def _indent(attrs: Mapping[str, Any], diagonal: jax.Array, rows: int, columns: int, longest: int) -> jax.Array:
    """How far from the left each diagonal begins among the rows of a band."""
    above, below = attrs.get("align", "LEFT_LEFT").split("_")
    is_left = ((diagonal >= 0) & (above == "LEFT")) | ((diagonal <= 0) & (below == "LEFT"))
    return jnp.where(is_left, 0, longest - _length(diagonal, rows, columns))


def _where(condition: jax.Array, x: jax.Array, other: Any) -> jax.Array:
    shape = (*x.shape[: x.ndim - 2], *condition.shape)
    other = jnp.broadcast_to(jnp.asarray(other, x.dtype), shape)
    return jnp.where(jnp.broadcast_to(condition, shape), x, other)


@register_kernel("Diag")
def diag(attrs: Mapping[str, Any], x: jax.Array) -> jax.Array:
    x = jnp.asarray(x)
    return jnp.diag(x.reshape(-1)).reshape(x.shape * 2)


@register_kernel("DiagPart")
def diag_part(attrs: Mapping[str, Any], x: jax.Array) -> jax.Array:
    half = np.shape(x)[: np.ndim(x) // 2]
    size = int(np.prod(half))
    return jnp.diagonal(jnp.reshape(x, (size, size))).reshape(half)
