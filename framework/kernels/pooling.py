"""Kernels of pooling.

XLA's own reduce-window has a gradient that is ten times slower on a CPU than these: windows that tile the image are
a reshape and a reduction, others a few strided slices along each axis.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from framework.kernels.arithmetic import maximum
from framework.kernels.registry import register_kernel, static
from framework.kernels.values import element_type
from framework.ops.windows import Pads, pads, spatial_axes


@register_kernel("MaxPool3D")
@register_kernel("MaxPool")
def max_pool(attrs: Mapping[str, Any], x: jax.Array) -> jax.Array:
    x, padding, axes = _prepare(attrs, x)
    if _tile(attrs, padding):
        return _first_maximum(_tiles(x, attrs["ksize"], axes), _inside_tiles(axes))
    return _slide(maximum, _padded(x, _least(x.dtype), padding), attrs, axes)


@register_kernel("AvgPool3D")
@register_kernel("AvgPool")
def average_pool(attrs: Mapping[str, Any], x: jax.Array) -> jax.Array:
    x, padding, axes = _prepare(attrs, x)
    if _tile(attrs, padding):
        return jnp.mean(_tiles(x, attrs["ksize"], axes), _inside_tiles(axes), dtype=x.dtype)
    wide = x.astype(jnp.float32) if x.dtype.itemsize < 4 else x
    total = _slide(lax.add, _padded(wide, jnp.zeros((), wide.dtype), padding), attrs, axes)
    for axis in axes:  # how much of a window lies inside of the image is a product over the axes
        start = np.arange(total.shape[axis]) * attrs["strides"][axis] - padding[axis][0]
        count = np.minimum(start + attrs["ksize"][axis], x.shape[axis]) - np.maximum(start, 0)
        total = lax.div(total, lax.broadcast_in_dim(jnp.asarray(count, wide.dtype), total.shape, (axis,)))
    return total.astype(x.dtype)


@register_kernel("MaxPoolV2")
def max_pool_v2(attrs: Mapping[str, Any], x: jax.Array, ksize: np.ndarray, strides: np.ndarray) -> jax.Array:
    sizes = {"ksize": tuple(static(ksize, "ksize").tolist()), "strides": tuple(static(strides, "strides").tolist())}
    return max_pool({**attrs, **sizes}, x)


@register_kernel("MaxPoolWithArgmax")
def max_pool_with_argmax(attrs: Mapping[str, Any], x: jax.Array) -> tuple[jax.Array, jax.Array]:
    attrs = {**attrs, "data_format": "NHWC"}
    x, padding, _ = _prepare(attrs, x)
    position = _positions(x.shape, tuple(range(0 if attrs["include_batch_in_index"] else 1, 4)))
    values = _padded(x, _least(x.dtype), padding)
    position = _padded(position, jnp.int32(-1), padding)
    greatest, where = max_pool(attrs, x), None
    for row, column in np.ndindex(*attrs["ksize"][1:3]):
        seen, at = (_at(part, attrs, (row, column), greatest.shape) for part in (values, position))
        is_there = (lax.stop_gradient(seen) == lax.stop_gradient(greatest)) & (at >= 0)
        # The first of equal ones, which the places come in the order of.
        where = jnp.where(is_there, at, -1) if where is None else jnp.where((where < 0) & is_there, at, where)
    return greatest, jnp.asarray(where).astype(element_type(attrs["Targmax"]))


def _at(x: jax.Array, attrs: Mapping[str, Any], place: Sequence[int], shape: Sequence[int]) -> jax.Array:
    """The element at one place of each window."""
    strides = attrs["strides"][1:3]
    stop = [first + (count - 1) * stride + 1 for first, count, stride in zip(place, shape[1:3], strides, strict=True)]
    return lax.slice(x, (0, *place, 0), (x.shape[0], *stop, x.shape[3]), (1, *strides, 1))


def _least(dtype: Any) -> jax.Array:
    """What every element is at least."""
    return jnp.array(-jnp.inf if jnp.issubdtype(dtype, jnp.floating) else jnp.iinfo(dtype).min, dtype)


def _prepare(attrs: Mapping[str, Any], x: jax.Array) -> tuple[jax.Array, Pads, tuple[int, ...]]:
    return jnp.asarray(x), pads(attrs, x.shape, attrs["ksize"]), spatial_axes(attrs["data_format"])


def _padded(x: jax.Array, value: jax.Array, padding: Pads) -> jax.Array:
    return lax.pad(x, value, [(before, behind, 0) for before, behind in padding])


# -- windows side by side -------------------------------------------------------------------------------------------


def _tile(attrs: Mapping[str, Any], padding: Pads) -> bool:
    """Whether the windows lie side by side and inside the image."""
    return attrs["ksize"] == attrs["strides"] and not np.any(padding)


def _tiles(x: jax.Array, window: Sequence[int], axes: tuple[int, ...]) -> jax.Array:
    """Each of `axes` as two: which window, and where in it. What fills no window is left out."""
    counts = [size // w for size, w in zip(x.shape, window, strict=True)]
    x = lax.slice(x, [0] * x.ndim, [count * w for count, w in zip(counts, window, strict=True)])
    return x.reshape([d for axis in range(x.ndim) for d in (counts[axis], window[axis])[: 1 + (axis in axes)]])


def _inside_tiles(axes: tuple[int, ...]) -> tuple[int, ...]:
    """The axes of `_tiles(...)` that lie inside a window."""
    return tuple(axis + k + 1 for k, axis in enumerate(axes))


def _first_maximum(x: jax.Array, axes: tuple[int, ...]) -> jax.Array:
    """The maximum over `axes`, whose gradient goes to the first of equal elements alone."""

    @jax.custom_jvp
    def function(x: jax.Array) -> jax.Array:
        return lax.reduce_max(x, axes)

    @function.defjvp
    def _(primals: tuple[jax.Array], tangents: tuple[jax.Array]) -> tuple[jax.Array, jax.Array]:
        greatest = function(primals[0])
        position = _positions(x.shape, axes)
        none = jnp.int32(np.prod([x.shape[axis] for axis in axes]))
        candidates = jnp.where(primals[0] == lax.expand_dims(greatest, axes), position, none)
        is_first = position == jnp.min(candidates, axes, keepdims=True)
        return greatest, jnp.sum(jnp.where(is_first, tangents[0], jnp.zeros_like(x)), axes, dtype=x.dtype)

    return function(x)


def _positions(shape: Sequence[int], axes: tuple[int, ...]) -> jax.Array:
    """For each element, its number in row-major order within `axes`."""
    position = jnp.zeros(shape, jnp.int32)
    for axis in axes:
        position = position * shape[axis] + lax.broadcasted_iota(jnp.int32, shape, axis)
    return position


# -- windows that overlap, leave gaps or reach over the edge --------------------------------------------------------


def _slide(
    combine: Callable[[jax.Array, jax.Array], jax.Array], x: jax.Array, attrs: Mapping[str, Any], axes: Sequence[int]
) -> jax.Array:
    """Combines the elements of each window, along the last axis first: so they come in row-major order."""
    for axis in reversed(axes):
        window, stride = attrs["ksize"][axis], attrs["strides"][axis]
        reach = (x.shape[axis] - window) // stride * stride + 1
        x = reduce(combine, (lax.slice_in_dim(x, k, k + reach, stride, axis) for k in range(window)))
    return x
