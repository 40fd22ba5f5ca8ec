"""Kernels that pick rows and elements by their positions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial, wraps
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from framework.kernels.registry import register_kernel, static
from framework.kernels.values import positions
from framework.ops.gathering import batch_axes


def _of_text_too(kernel: Callable[..., jax.Array]) -> Callable[..., Any]:
    """A kernel that picks text as well: it picks the numbers of the elements, and these the text."""

    @wraps(kernel)
    def pick(attrs: Mapping[str, Any], params: Any, *others: Any) -> Any:
        if not isinstance(params, np.ndarray) or params.dtype.kind != "O":
            return kernel(attrs, params, *others)
        texts = np.array([b"", *params.ravel()], object)  # none where nothing lies
        return texts[np.asarray(kernel(attrs, np.arange(1, len(texts), dtype=np.int32).reshape(params.shape), *others))]

    return pick


@register_kernel("GatherV2")
@_of_text_too
def gather(attrs: Mapping[str, Any], params: jax.Array, indices: jax.Array, axis: np.ndarray) -> jax.Array:
    params, indices = jnp.asarray(params), jnp.asarray(indices)
    place = int(static(axis, "axis")) % params.ndim
    batch = batch_axes(attrs, indices.ndim)
    take = partial(jnp.take, axis=place - batch, mode="fill", fill_value=0)
    for _ in range(batch):
        take = jax.vmap(take)
    return take(params, positions(indices, params.shape[place]))


@register_kernel("Gather")
@_of_text_too
def gather_v1(attrs: Mapping[str, Any], params: jax.Array, indices: jax.Array) -> jax.Array:
    params, indices = jnp.asarray(params), jnp.asarray(indices)
    return jnp.take(params, positions(indices, params.shape[0]), axis=0, mode="fill", fill_value=0)


@register_kernel("GatherNd")
@_of_text_too
def gather_nd(attrs: Mapping[str, Any], params: jax.Array, indices: jax.Array) -> jax.Array:
    params, indices = jnp.asarray(params), jnp.asarray(indices)
    columns = [positions(indices[..., k], params.shape[k]) for k in range(indices.shape[-1])]
    if not columns:
        return jnp.broadcast_to(params, (*indices.shape[:-1], *params.shape))
    return params.at[tuple(columns)].get(mode="fill", fill_value=0)
