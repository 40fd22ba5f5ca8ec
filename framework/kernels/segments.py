"""Kernels that reduce the rows of each segment, and count values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from framework.kernels.registry import register_kernel, static
from framework.kernels.values import positions
from framework.ops.inference import require_shape
from framework.ops.segments import segment_count

# From rows [n, ...], the segment of each [n] and the number of segments to [segments, ...]; rows of none are dropped.
Reduce = Callable[[jax.Array, jax.Array, int], jax.Array]


def _start(rows: jax.Array, count: int, value: Any) -> jax.Array:
    return jnp.full((count, *rows.shape[1:]), value, rows.dtype)


def _sum(rows: jax.Array, ids: jax.Array, count: int) -> jax.Array:
    return _start(rows, count, 0).at[ids].add(rows, mode="drop")


def _extreme(name: str) -> Reduce:
    """The greatest (`max`) or least (`min`), which starts from the other end of what the type holds."""

    def reduce(rows: jax.Array, ids: jax.Array, count: int) -> jax.Array:
        limits: Any = jnp.finfo(rows.dtype) if jnp.issubdtype(rows.dtype, jnp.inexact) else jnp.iinfo(rows.dtype)
        start = _start(rows, count, limits.min if name == "max" else limits.max)
        return getattr(start.at[ids], name)(rows, mode="drop")

    return reduce


def _mean(rows: jax.Array, ids: jax.Array, count: int) -> jax.Array:
    total, each = _sum(rows, ids, count), jnp.maximum(_lengths(rows, ids, count), 1)
    return lax.div(total, jnp.broadcast_to(each.astype(rows.dtype), total.shape))


def _lengths(rows: jax.Array, ids: jax.Array, count: int) -> jax.Array:
    """How many rows each segment has, int32, with the axes of the result."""
    return _sum(jnp.ones((ids.shape[0], *(1,) * (rows.ndim - 1)), np.int32), ids, count)


@partial(jax.custom_jvp, nondiff_argnums=(2,))
def _product(rows: jax.Array, ids: jax.Array, count: int) -> jax.Array:
    return _start(rows, count, 1).at[ids].multiply(rows, mode="drop")


@_product.defjvp
def _product_jvp(count: int, primals: Any, tangents: Any) -> tuple[jax.Array, jax.Array]:
    """Each row counts with the product of the others, which is 0 where another one is; JAX knows no derivative."""
    (rows, ids), (tangent, _) = primals, tangents
    is_zero = rows == 0
    rest = jnp.where(is_zero, jnp.ones_like(rows), rows)
    zeros = _sum(is_zero.astype(np.int32), ids, count)
    own = jnp.clip(ids, 0, max(count - 1, 0))
    other_zeros = jnp.take(zeros, own, axis=0) - is_zero.astype(np.int32)
    others = jnp.take(_product(rest, ids, count), own, axis=0) / rest
    others = jnp.where(other_zeros > 0, jnp.zeros_like(rows), others)
    return _product(rows, ids, count), _sum(tangent * others, ids, count)


REDUCTIONS: dict[str, Reduce] = {
    "Sum": _sum,
    "Prod": _product,
    "Mean": _mean,
    "Max": _extreme("max"),
    "Min": _extreme("min"),
}


def _sorted(name: str, reduce: Reduce) -> None:
    def kernel(attrs: Mapping[str, Any], data: jax.Array, segment_ids: np.ndarray) -> jax.Array:
        rows, known = jnp.asarray(data), static(segment_ids, "segment_ids")
        require_shape("segment_ids", known, rows.shape[:1])
        count = segment_count(known)
        ids = positions(known, count)
        result = reduce(rows, ids, count)
        if name in ("Max", "Min"):
            is_empty = _lengths(rows, ids, count) == 0
            result = jnp.where(jnp.broadcast_to(is_empty, result.shape), jnp.zeros_like(result), result)
        return result

    kernel.__qualname__ = f"_sorted.{name}"
    register_kernel(f"Segment{name}")(kernel)


def _unsorted(name: str, reduce: Reduce) -> None:
    def kernel(attrs: Mapping[str, Any], data: jax.Array, ids: jax.Array, num_segments: np.ndarray) -> jax.Array:
        data, count = jnp.asarray(data), int(static(num_segments, "num_segments"))
        require_shape("segment_ids", ids, data.shape[: np.ndim(ids)])
        rows = data.reshape(np.size(ids), *data.shape[np.ndim(ids) :])
        return reduce(rows, positions(ids, count).reshape(-1), count)

    kernel.__qualname__ = f"_unsorted.{name}"
    register_kernel(f"UnsortedSegment{name}")(kernel)


for _name, _reduce in REDUCTIONS.items():
    _sorted(_name, _reduce)
    if _name != "Mean":
        _unsorted(_name, _reduce)


def _counts(values: jax.Array, count: int, weights: jax.Array) -> jax.Array:
    """How often each number below `count` occurs in a vector, or the sum of the weights."""
    each = weights if weights.size else jnp.ones(values.shape, weights.dtype)
    return _sum(each.reshape(-1), positions(values, count).reshape(-1), count)


@register_kernel("Bincount")
def bincount(attrs: Mapping[str, Any], values: jax.Array, size: np.ndarray, weights: jax.Array) -> jax.Array:
    return _counts(jnp.asarray(values), int(static(size, "size")), jnp.asarray(weights))


@register_kernel("DenseBincount")
def dense_bincount(attrs: Mapping[str, Any], values: jax.Array, size: np.ndarray, weights: jax.Array) -> jax.Array:
    values, count, weights = jnp.asarray(values), int(static(size, "size")), jnp.asarray(weights)
    if attrs["binary_output"]:
        return jnp.minimum(_rowwise(values, count, jnp.zeros(0, weights.dtype)), 1)
    return _rowwise(values, count, weights)


def _rowwise(values: jax.Array, count: int, weights: jax.Array) -> jax.Array:
    if values.ndim == 1:
        return _counts(values, count, weights)
    if not weights.size:
        return jax.vmap(lambda row: _counts(row, count, weights))(values)
    return jax.vmap(lambda row, weight: _counts(row, count, weight))(values, weights)
