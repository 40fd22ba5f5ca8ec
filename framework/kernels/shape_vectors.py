"""Kernels of what shapes are computed from, where it is not folded because the program computes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from framework.kernels.registry import register_kernel, static
from framework.ops.shape_vectors import reduced_axes


@register_kernel("ShapeN")
def shape_n(attrs: Mapping[str, Any], *tensors: jax.Array) -> list[np.ndarray]:
    return [np.array(np.shape(x), attrs["out_type"].numpy) for x in tensors]


@register_kernel("BroadcastArgs")
def broadcast_args(attrs: Mapping[str, Any], s0: jax.Array, s1: jax.Array) -> jax.Array:
    rank = max(len(s0), len(s1))
    first, second = (jnp.pad(s, (rank - len(s), 0), constant_values=1) for s in (s0, s1))
    return jnp.where(first == 1, second, first)


@register_kernel("BroadcastGradientArgs")
def broadcast_gradient_args(attrs: Mapping[str, Any], s0: np.ndarray, s1: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return reduced_axes(static(s0, "s0"), static(s1, "s1"))


@register_kernel("ConcatOffset")
def concat_offset(attrs: Mapping[str, Any], axis: np.ndarray, *shapes: jax.Array) -> list[jax.Array]:
    place = int(static(axis, "concat_dim"))
    is_free = np.arange(len(shapes[0])) == place % len(shapes[0])
    begin, found = jnp.zeros_like(shapes[0]), []
    for shape in shapes:
        found.append(begin)
        begin = begin + jnp.where(is_free, shape, jnp.zeros_like(shape))
    return found


@register_kernel("InvertPermutation")
def invert_permutation(attrs: Mapping[str, Any], x: jax.Array) -> jax.Array:
    return jnp.zeros_like(x).at[x].set(jnp.arange(len(x), dtype=x.dtype))
