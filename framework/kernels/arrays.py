"""Kernels of the ops that arrange elements anew. Shapes are NumPy arrays: nothing about them is traced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from framework.kernels.registry import register_kernel, static


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


@register_kernel("Pad")
def pad(attrs: Mapping[str, Any], x: jax.Array, paddings: np.ndarray) -> jax.Array:
    x = jnp.asarray(x)
    amounts = [(int(before), int(behind), 0) for before, behind in static(paddings, "paddings")]
    return lax.pad(x, jnp.zeros((), x.dtype), amounts)


@register_kernel("Tile")
def tile(attrs: Mapping[str, Any], x: jax.Array, multiples: np.ndarray) -> jax.Array:
    return jnp.tile(x, [int(m) for m in static(multiples, "multiples")])


@register_kernel("ConcatV2")
def concat(attrs: Mapping[str, Any], *inputs: jax.Array) -> jax.Array:
    *values, axis = inputs
    return jnp.concatenate([jnp.asarray(value) for value in values], int(static(axis, "axis")))


@register_kernel("Pack")
def pack(attrs: Mapping[str, Any], *values: jax.Array) -> jax.Array:
    return jnp.stack([jnp.asarray(value) for value in values], attrs["axis"])


@register_kernel("Unpack")
def unpack(attrs: Mapping[str, Any], x: jax.Array) -> tuple[jax.Array, ...]:
    x = jnp.asarray(x)
    return tuple(lax.index_in_dim(x, k, attrs["axis"], keepdims=False) for k in range(attrs["num"]))
