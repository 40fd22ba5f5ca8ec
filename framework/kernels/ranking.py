"""Kernels that find the greatest of many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from framework.kernels.registry import register_kernel, static
from framework.kernels.values import element_type


@register_kernel("TopKV2")
def top_k(attrs: Mapping[str, Any], x: jax.Array, k: np.ndarray) -> tuple[jax.Array, jax.Array]:
    values, positions = lax.top_k(jnp.asarray(x), int(static(k, "k")))
    return values, positions.astype(element_type(attrs["index_type"]))


@register_kernel("InTopKV2")
def in_top_k(attrs: Mapping[str, Any], predictions: jax.Array, targets: jax.Array, k: jax.Array) -> jax.Array:
    column = lax.expand_dims(jnp.asarray(targets), (1,))
    # A comparison with every class, as a gather would need care with targets outside.
    is_target = column == lax.broadcasted_iota(column.dtype, predictions.shape, 1)
    wanted = jnp.sum(jnp.where(is_target, predictions, jnp.zeros_like(predictions)), 1, keepdims=True)
    greater = jnp.sum(predictions > wanted, 1, dtype=column.dtype)
    is_sound = jnp.any(is_target, 1) & jnp.all(lax.is_finite(predictions), 1)
    return is_sound & (greater < k)
