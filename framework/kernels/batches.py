"""Kernels that make entries of the batch of blocks, and blocks of entries."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from framework.kernels.registry import register_kernel, static


@register_kernel("SpaceToBatchND")
def space_to_batch_nd(attrs: Mapping[str, Any], x: jax.Array, block_shape: np.ndarray, paddings: Any) -> jax.Array:
    return _to_batch(x, static(block_shape, "block_shape").tolist(), static(paddings, "paddings").tolist())


@register_kernel("SpaceToBatch")
def space_to_batch(attrs: Mapping[str, Any], x: jax.Array, paddings: np.ndarray) -> jax.Array:
    return _to_batch(x, [attrs["block_size"]] * 2, static(paddings, "paddings").tolist())


@register_kernel("BatchToSpaceND")
def batch_to_space_nd(attrs: Mapping[str, Any], x: jax.Array, block_shape: np.ndarray, crops: Any) -> jax.Array:
    return _to_space(x, static(block_shape, "block_shape").tolist(), static(crops, "crops").tolist())


@register_kernel("BatchToSpace")
def batch_to_space(attrs: Mapping[str, Any], x: jax.Array, crops: np.ndarray) -> jax.Array:
    return _to_space(x, [attrs["block_size"]] * 2, static(crops, "crops").tolist())


def _to_batch(x: jax.Array, block: Sequence[int], paddings: Sequence[Sequence[int]]) -> jax.Array:
    axes, x = len(block), jnp.asarray(x)
    x = jnp.pad(x, [(0, 0), *(tuple(p) for p in paddings), *[(0, 0)] * (x.ndim - 1 - axes)])
    batch, rest = x.shape[0], x.shape[1 + axes :]
    sizes = [size // b for size, b in zip(x.shape[1:], block, strict=False)]
    split = x.reshape(batch, *(d for pair in zip(sizes, block, strict=True) for d in pair), *rest)
    inner, outer = [2 + 2 * k for k in range(axes)], [1 + 2 * k for k in range(axes)]
    moved = split.transpose(*inner, 0, *outer, *range(1 + 2 * axes, split.ndim))
    return moved.reshape(batch * math.prod(block), *sizes, *rest)


def _to_space(x: jax.Array, block: Sequence[int], crops: Sequence[Sequence[int]]) -> jax.Array:
    axes, x = len(block), jnp.asarray(x)
    batch, sizes, rest = x.shape[0] // math.prod(block), x.shape[1 : 1 + axes], x.shape[1 + axes :]
    split = x.reshape(*block, batch, *sizes, *rest)
    pairs = [axis for k in range(axes) for axis in (axes + 1 + k, k)]
    moved = split.transpose(axes, *pairs, *range(1 + 2 * axes, split.ndim))
    whole = moved.reshape(batch, *(size * b for size, b in zip(sizes, block, strict=True)), *rest)
    kept = [slice(first, size - last) for (first, last), size in zip(crops, whole.shape[1:], strict=False)]
    return whole[(slice(None), *kept)]
