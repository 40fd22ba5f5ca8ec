"""Kernels that take parts of tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer

from framework.kernels.registry import register_kernel, static
from framework.ops.slicing import strided_index


@register_kernel("StridedSlice")
def strided_slice(
    attrs: Mapping[str, Any], x: jax.Array, begin: np.ndarray, end: np.ndarray, strides: np.ndarray
) -> jax.Array:
    x = jnp.asarray(x)
    limits = (static(v, name).tolist() for v, name in ((begin, "begin"), (end, "end"), (strides, "strides")))
    index = strided_index(attrs, *limits, rank=x.ndim)
    parts = [part for part in index if part is not None]
    for axis, part in enumerate(parts):
        x = _take(x, axis, part)
    shape = iter(x.shape)
    kept = [1 if part is None else next(shape) for part in index]
    return x.reshape([size for size, part in zip(kept, index, strict=True) if not isinstance(part, int)])


@register_kernel("StridedSliceGrad")
def strided_slice_grad(
    attrs: Mapping[str, Any], shape: np.ndarray, begin: np.ndarray, end: np.ndarray, strides: np.ndarray, dy: jax.Array
) -> jax.Array:
    dy = jnp.asarray(dy)
    whole = jnp.zeros([int(d) for d in static(shape, "shape")], dy.dtype)
    limits = (static(v, name).tolist() for v, name in ((begin, "begin"), (end, "end"), (strides, "strides")))
    index = strided_index(attrs, *limits, rank=whole.ndim)
    return whole.at[index].set(dy)


def _take(x: jax.Array, axis: int, part: int | slice) -> jax.Array:
    """One position (with size 1) or a range of an axis, as plain slices, whose gradient is cheap."""
    if isinstance(part, int):
        return lax.index_in_dim(x, part, axis)
    positions = range(*part.indices(x.shape[axis]))
    if not positions:
        return lax.slice_in_dim(x, 0, 0, axis=axis)
    first, last = sorted((positions[0], positions[-1]))
    x = lax.slice_in_dim(x, first, last + 1, abs(positions.step), axis)
    return lax.rev(x, (axis,)) if positions.step < 0 else x


@register_kernel("Slice")
def slice_(attrs: Mapping[str, Any], x: jax.Array, begin: jax.Array, size: np.ndarray) -> jax.Array:
    x, wanted = jnp.asarray(x), static(size, "size").tolist()
    if isinstance(begin, Tracer) and -1 not in wanted:
        return lax.dynamic_slice(x, list(begin), wanted)
    start = static(begin, "begin").tolist()
    stop = [d if w == -1 else b + w for d, b, w in zip(x.shape, start, wanted, strict=True)]
    return lax.slice(x, start, stop)
