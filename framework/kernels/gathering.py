"""Kernels that pick rows and elements by their positions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from framework.kernels.registry import register_kernel, static
from framework.kernels.values import positions
from framework.ops.gathering import batch_axes


@register_kernel("GatherV2")
def gather(attrs: Mapping[str, Any], params: jax.Array, indices: jax.Array, axis: np.ndarray) -> jax.Array:
    params, indices = jnp.asarray(params), jnp.asarray(indices)
    place = int(static(axis, "axis")) % params.ndim
    batch = batch_axes(attrs, indices.ndim)
    take = partial(jnp.take, axis=place - batch, mode="fill", fill_value=0)
    for _ in range(batch):
        take = jax.vmap(take)
    return take(params, positions(indices, params.shape[place]))


@register_kernel("Gather")
def gather_v1(attrs: Mapping[str, Any], params: jax.Array, indices: jax.Array) -> jax.Array:
    params, indices = jnp.asarray(params), jnp.asarray(indices)
    return jnp.take(params, positions(indices, params.shape[0]), axis=0, mode="fill", fill_value=0)


@register_kernel("GatherNd")
def gather_nd(attrs: Mapping[str, Any], params: jax.Array, indices: jax.Array) -> jax.Array:
    params, indices = jnp.asarray(params), jnp.asarray(indices)
    columns = [positions(indices[..., k], params.shape[k]) for k in range(indices.shape[-1])]
    if not columns:
        return jnp.broadcast_to(params, (*indices.shape[:-1], *params.shape))
    return params.at[tuple(columns)].get(mode="fill", fill_value=0)
