"""Kernels of tensors made of a few numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from framework.kernels.registry import register_kernel, static
from framework.kernels.values import element_type
from framework.ops.creation import count_up


@register_kernel("Fill")
def fill(attrs: Mapping[str, Any], dims: np.ndarray, value: jax.Array) -> jax.Array:
    return jnp.broadcast_to(value, [int(d) for d in static(dims, "dims")])


@register_kernel("Range")
def range_(attrs: Mapping[str, Any], start: np.ndarray, limit: np.ndarray, delta: np.ndarray) -> np.ndarray:
    return count_up(static(start, "start"), static(limit, "limit"), static(delta, "delta"))


@register_kernel("LinSpace")
def linspace(attrs: Mapping[str, Any], start: jax.Array, stop: jax.Array, num: np.ndarray) -> jax.Array:
    start, stop, count = jnp.asarray(start), jnp.asarray(stop), int(static(num, "num"))
    position, steps = jnp.arange(count), max(count - 1, 1)
    return jnp.where(position == steps, stop, start + (stop - start) / steps * position.astype(start.dtype))


@register_kernel("OneHot")
def one_hot(
    attrs: Mapping[str, Any], indices: jax.Array, depth: np.ndarray, on_value: jax.Array, off_value: jax.Array
) -> jax.Array:
    indices = jnp.asarray(indices)
    # Positions of 8 bits could not be compared with a depth of more.
    indices = indices.astype(jnp.int32) if indices.dtype.itemsize < 4 else indices
    axis = attrs["axis"] % (indices.ndim + 1)
    wanted = lax.expand_dims(indices, (axis,))
    shape = (*indices.shape[:axis], int(static(depth, "depth")), *indices.shape[axis:])
    is_on = jnp.broadcast_to(wanted, shape) == lax.broadcasted_iota(indices.dtype, shape, axis)
    return jnp.where(is_on, on_value, off_value)


@register_kernel("ZerosLike")
def zeros_like(attrs: Mapping[str, Any], x: jax.Array) -> jax.Array:
    return jnp.zeros(np.shape(x), element_type(attrs["T"]))


@register_kernel("OnesLike")
def ones_like(attrs: Mapping[str, Any], x: jax.Array) -> jax.Array:
    return jnp.ones(np.shape(x), element_type(attrs["T"]))
