"""Kernels that write updates to positions of a tensor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from framework.kernels.registry import register_kernel, static
from framework.kernels.values import positions
from framework.ops.inference import require_shape


def _written(how: str, tensor: jax.Array, indices: jax.Array, updates: jax.Array) -> jax.Array:
    """The tensor after `how`, a method of JAX's indexed updates, at positions [..., depth]."""
    tensor, indices, updates = jnp.asarray(tensor), jnp.asarray(indices), jnp.asarray(updates)
    depth = indices.shape[-1]
    require_shape("updates", updates, (*indices.shape[:-1], *tensor.shape[depth:]))
    if not depth:  # every update is of the whole tensor, as if that had one more axis of size 1
        first = jnp.zeros((*indices.shape[:-1], 1), np.int32)
        return _written(how, tensor[None], first, updates)[0]
    index = tuple(positions(indices[..., k], tensor.shape[k]) for k in range(depth))
    if tensor.dtype == bool:
        how = {"add": "max", "subtract": "min"}.get(how, how)
    return getattr(tensor.at[index], how)(updates, mode="drop")


@register_kernel("ScatterNd")
def scatter_nd(attrs: Mapping[str, Any], indices: jax.Array, updates: jax.Array, shape: np.ndarray) -> jax.Array:
    target = jnp.zeros([int(d) for d in static(shape, "shape")], jnp.asarray(updates).dtype)
    return _written("add", target, indices, updates)


def _tensor_scatter(op: str, how: str) -> None:
    def kernel(attrs: Mapping[str, Any], tensor: jax.Array, indices: jax.Array, updates: jax.Array) -> jax.Array:
        return _written(how, tensor, indices, updates)

    kernel.__qualname__ = f"_tensor_scatter.{op}"
    register_kernel(op)(kernel)


_tensor_scatter("TensorScatterUpdate", "set")
_tensor_scatter("TensorScatterAdd", "add")
_tensor_scatter("TensorScatterSub", "subtract")
_tensor_scatter("TensorScatterMax", "max")
_tensor_scatter("TensorScatterMin", "min")
