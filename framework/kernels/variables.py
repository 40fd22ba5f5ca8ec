"""Kernels of the ops on variables: they get the values of the variables, and return what these become."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from framework.kernels.gathering import gather, gather_nd
from framework.kernels.registry import register_kernel


@register_kernel("ReadVariableOp")
def read(attrs: Mapping[str, Any], variable: jax.Array) -> jax.Array:
    return variable


@register_kernel("VariableShape")
def shape(attrs: Mapping[str, Any], variable: jax.Array) -> np.ndarray:
    return np.asarray(np.shape(variable), attrs["out_type"].numpy)


@register_kernel("ResourceGather")
def resource_gather(attrs: Mapping[str, Any], variable: jax.Array, indices: jax.Array) -> jax.Array:
    return gather(attrs, variable, indices, np.int32(attrs["batch_dims"]))


@register_kernel("ResourceGatherNd")
def resource_gather_nd(attrs: Mapping[str, Any], variable: jax.Array, indices: jax.Array) -> jax.Array:
    return gather_nd(attrs, variable, indices)


@register_kernel("AssignAdd")
@register_kernel("AssignAddVariableOp")
def add(attrs: Mapping[str, Any], variable: jax.Array, value: jax.Array) -> jax.Array:
    return variable + value


@register_kernel("AssignSub")
@register_kernel("AssignSubVariableOp")
def subtract(attrs: Mapping[str, Any], variable: jax.Array, value: jax.Array) -> jax.Array:
    return variable - value


@register_kernel("ScatterAdd")
@register_kernel("ResourceScatterAdd")
def scatter_add(attrs: Mapping[str, Any], variable: jax.Array, indices: jax.Array, updates: jax.Array) -> jax.Array:
    return variable.at[_rows(variable, indices)].add(updates, mode="drop")


@register_kernel("ScatterSub")
@register_kernel("ResourceScatterSub")
def scatter_subtract(
    attrs: Mapping[str, Any], variable: jax.Array, indices: jax.Array, updates: jax.Array
) -> jax.Array:
    return variable.at[_rows(variable, indices)].add(-jnp.asarray(updates), mode="drop")


@register_kernel("ScatterUpdate")
@register_kernel("ResourceScatterUpdate")
def scatter_update(attrs: Mapping[str, Any], variable: jax.Array, indices: jax.Array, updates: jax.Array) -> jax.Array:
    return variable.at[_rows(variable, indices)].set(updates, mode="drop")


def _rows(variable: jax.Array, indices: jax.Array) -> jax.Array:
    """JAX counts negative positions from the end; here they are outside, like those that are too large."""
    return jnp.where(indices < 0, jnp.full_like(indices, variable.shape[0]), indices)
