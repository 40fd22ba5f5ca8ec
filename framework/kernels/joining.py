"""Kernels that join tensors along an axis, and part them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from framework.kernels.registry import register_kernel, static
from framework.ops.joining import split_sizes


@register_kernel("ConcatV2")
def concat(attrs: Mapping[str, Any], *inputs: jax.Array) -> jax.Array:
    *values, axis = inputs
    return jnp.concatenate([jnp.asarray(value) for value in values], int(static(axis, "axis")))


@register_kernel("Concat")
def concat_v1(attrs: Mapping[str, Any], axis: np.ndarray, *values: jax.Array) -> jax.Array:
    return jnp.concatenate([jnp.asarray(value) for value in values], int(static(axis, "concat_dim")))


@register_kernel("Pack")
def pack(attrs: Mapping[str, Any], *values: jax.Array) -> jax.Array:
    return jnp.stack([jnp.asarray(value) for value in values], attrs["axis"])


@register_kernel("Unpack")
def unpack(attrs: Mapping[str, Any], x: jax.Array) -> tuple[jax.Array, ...]:
    x = jnp.asarray(x)
    return tuple(lax.index_in_dim(x, k, attrs["axis"], keepdims=False) for k in range(attrs["num"]))


@register_kernel("Split")
def split(attrs: Mapping[str, Any], axis: np.ndarray, value: jax.Array) -> tuple[jax.Array, ...]:
    place, count = int(static(axis, "split_dim")), attrs["num_split"]
    return _parts(value, [np.shape(value)[place] // count] * count, place)


@register_kernel("SplitV")
def split_v(
    attrs: Mapping[str, Any], value: jax.Array, size_splits: np.ndarray, axis: np.ndarray
) -> tuple[jax.Array, ...]:
    place = int(static(axis, "split_dim"))
    sizes = split_sizes(static(size_splits, "size_splits").tolist(), np.shape(value)[place])
    return _parts(value, sizes, place)


def _parts(value: jax.Array, sizes: Sequence[int], axis: int) -> tuple[jax.Array, ...]:
    return tuple(lax.split(jnp.asarray(value), sizes, axis % np.ndim(value)))
