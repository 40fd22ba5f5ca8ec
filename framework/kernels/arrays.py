"""Kernels of the ops that arrange elements anew. Shapes are NumPy arrays: nothing about them is traced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from framework.kernels.registry import register_kernel, static
from framework.kernels.values import axes_of, broadcast


@register_kernel("Shape")
def shape_(attrs: Mapping[str, Any], x: jax.Array) -> np.ndarray:
    return np.array(np.shape(x), attrs["out_type"].numpy)


@register_kernel("Size")
def size(attrs: Mapping[str, Any], x: jax.Array) -> np.ndarray:
    return np.array(np.size(x), attrs["out_type"].numpy)


@register_kernel("Rank")
def rank(attrs: Mapping[str, Any], x: jax.Array) -> np.ndarray:
    return np.array(np.ndim(x), np.int32)


@register_kernel("Reshape")
def reshape(attrs: Mapping[str, Any], x: jax.Array, shape: np.ndarray) -> jax.Array:
    return jnp.reshape(x, [int(d) for d in static(shape, "shape")])


@register_kernel("Squeeze")
def squeeze(attrs: Mapping[str, Any], x: jax.Array) -> jax.Array:
    return jnp.squeeze(x, attrs["squeeze_dims"] or None)


@register_kernel("ExpandDims")
def expand_dims(attrs: Mapping[str, Any], x: jax.Array, axis: np.ndarray) -> jax.Array:
    return jnp.expand_dims(x, int(static(axis, "dim").reshape(())))


@register_kernel("Transpose")
def transpose(attrs: Mapping[str, Any], x: jax.Array, order: np.ndarray) -> jax.Array:
    return jnp.transpose(x, [int(axis) for axis in static(order, "perm")])


@register_kernel("Tile")
def tile(attrs: Mapping[str, Any], x: jax.Array, multiples: np.ndarray) -> jax.Array:
    return jnp.tile(x, [int(m) for m in static(multiples, "multiples")])


@register_kernel("BroadcastTo")
def broadcast_to(attrs: Mapping[str, Any], x: jax.Array, shape: np.ndarray) -> jax.Array:
    return jnp.broadcast_to(x, [int(d) for d in static(shape, "shape")])


@register_kernel("ReverseV2")
def reverse(attrs: Mapping[str, Any], x: jax.Array, axes: np.ndarray) -> jax.Array:
    x = jnp.asarray(x)
    return lax.rev(x, axes_of(static(axes, "axis"), x.ndim))


@register_kernel("Roll")
def roll(attrs: Mapping[str, Any], x: jax.Array, shift: jax.Array, axes: np.ndarray) -> jax.Array:
    x = jnp.asarray(x)
    return jnp.roll(x, shift, axes_of(static(axes, "axis"), x.ndim) if np.ndim(axes) else int(static(axes, "axis")))


@register_kernel("ReverseSequence")
def reverse_sequence(attrs: Mapping[str, Any], x: jax.Array, lengths: jax.Array) -> jax.Array:
    x = jnp.asarray(x)
    along, batch = (axis % x.ndim for axis in (attrs["seq_dim"], attrs["batch_dim"]))
    place = lax.broadcasted_iota(np.int32, [d if axis == along else 1 for axis, d in enumerate(x.shape)], along)
    length = jnp.asarray(lengths).astype(np.int32).reshape([-1 if axis == batch else 1 for axis in range(x.ndim)])
    place, length = broadcast(place, length)
    place = jnp.where(place < length, length - 1 - place, place)
    return jnp.take_along_axis(x, place, along, mode="clip")
