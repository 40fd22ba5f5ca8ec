"""Kernels of matrix products and of reductions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from framework.kernels.registry import Kernel, register_kernel, static
from framework.kernels.values import axes_of, element_type


@register_kernel("MatMul")
def matmul(attrs: Mapping[str, Any], a: jax.Array, b: jax.Array) -> jax.Array:
    inner = ((0 if attrs["transpose_a"] else 1,), (1 if attrs["transpose_b"] else 0,))
    return lax.dot_general(a, b, (inner, ((), ())))


@register_kernel("BatchMatMul")
@register_kernel("BatchMatMulV2")
def batch_matmul(attrs: Mapping[str, Any], x: jax.Array, y: jax.Array) -> jax.Array:
    x, y = (jnp.conj(value) if adjoint else value for value, adjoint in ((x, attrs["adj_x"]), (y, attrs["adj_y"])))
    if y.ndim == 2:  # one matrix for all: a single product, where broadcasting would make many small ones
        inner = ((x.ndim - (2 if attrs["adj_x"] else 1),), (1 if attrs["adj_y"] else 0,))
        return lax.dot_general(x, y, (inner, ((), ())))
    batch = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    # An axis that only one of them has is not repeated for the other: XLA multiplies such copies slower, and on a CPU
    # wrongly where the maximum of the product is taken (jaxlib 0.10.2).
    (x, of_x), (y, of_y) = _without_repeated(x, batch), _without_repeated(y, batch)
    row, column, inner = (len(batch) + offset for offset in range(3))
    x_axes = [*of_x, *((inner, row) if attrs["adj_x"] else (row, inner))]
    y_axes = [*of_y, *((column, inner) if attrs["adj_y"] else (inner, column))]
    return jnp.einsum(x, x_axes, y, y_axes, [*range(len(batch)), row, column])


@register_kernel("BatchMatMulV3")
def batch_matmul_v3(attrs: Mapping[str, Any], x: jax.Array, y: jax.Array) -> jax.Array:
    wanted = element_type(attrs["Tout"])
    return batch_matmul(attrs, jnp.asarray(x).astype(wanted), jnp.asarray(y).astype(wanted))


def _without_repeated(value: jax.Array, batch: tuple[int, ...]) -> tuple[jax.Array, list[int]]:
    """A stack of matrices without the axes along which it would be repeated, and which axes of `batch` are left."""
    first = len(batch) - (value.ndim - 2)
    repeated = [axis for axis in range(value.ndim - 2) if value.shape[axis] != batch[first + axis]]
    left = [first + axis for axis in range(value.ndim - 2) if axis not in repeated]
    return lax.squeeze(value, repeated), left


@register_kernel("MatrixBandPart")
def matrix_band_part(attrs: Mapping[str, Any], x: jax.Array, lower: jax.Array, upper: jax.Array) -> jax.Array:
    x = jnp.asarray(x)
    rows, columns = (lax.broadcasted_iota(np.int32, x.shape[-2:], axis) for axis in (0, 1))
    lower, upper = (jnp.asarray(number).astype(np.int32) for number in (lower, upper))
    is_inside = ((lower < 0) | (rows - columns <= lower)) & ((upper < 0) | (columns - rows <= upper))
    return jnp.where(jnp.broadcast_to(is_inside, x.shape), x, jnp.zeros_like(x))


def _sum(x: jax.Array, axes: tuple[int, ...]) -> jax.Array:
    return jnp.sum(x, axes, dtype=x.dtype)


def _mean(x: jax.Array, axes: tuple[int, ...]) -> jax.Array:
    count = np.prod([x.shape[axis] for axis in axes], dtype=np.int64)
    if jnp.issubdtype(x.dtype, jnp.inexact):
        return jnp.mean(x, axes, dtype=x.dtype)
    return lax.div(_sum(x, axes), jnp.full((), count, x.dtype))


def _euclidean_norm(x: jax.Array, axes: tuple[int, ...]) -> jax.Array:
    squares = _sum(x * jnp.conj(x), axes)
    if jnp.issubdtype(x.dtype, jnp.inexact):
        return jnp.sqrt(squares)
    return jnp.sqrt(squares.astype(jnp.float64 if x.dtype.itemsize == 8 else jnp.float32)).astype(x.dtype)


REDUCTIONS: dict[str, Callable[[Any, tuple[int, ...]], jax.Array]] = {
    "Sum": _sum,
    "Prod": lax.reduce_prod,
    "Mean": _mean,
    "EuclideanNorm": _euclidean_norm,
    "Max": lax.reduce_max,
    "Min": lax.reduce_min,
    "All": lax.reduce_and,
    "Any": lax.reduce_or,
}


def _reduction(op: str, function: Callable[[Any, tuple[int, ...]], jax.Array]) -> None:
    def kernel(attrs: Mapping[str, Any], x: jax.Array, reduction_indices: np.ndarray) -> jax.Array:
        x = jnp.asarray(x)
        axes = axes_of(static(reduction_indices, "reduction_indices"), x.ndim)
        result = function(x, axes)
        return lax.expand_dims(result, axes) if attrs["keep_dims"] else result

    kernel.__qualname__ = f"_reduction.{op}"
    register_kernel(op)(kernel)


for _op, _function in REDUCTIONS.items():
    _reduction(_op, _function)


def _position(function: Callable[..., jax.Array]) -> Kernel:
    def kernel(attrs: Mapping[str, Any], x: jax.Array, dimension: np.ndarray) -> jax.Array:
        (axis,) = axes_of(static(dimension, "dimension"), np.ndim(x))
        return function(jnp.asarray(x), axis, element_type(attrs["output_type"]))

    return kernel


register_kernel("ArgMax")(_position(lax.argmax))
register_kernel("ArgMin")(_position(lax.argmin))
