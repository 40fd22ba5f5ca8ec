"""Kernels of losses that are one op."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from framework.kernels.registry import register_kernel
from framework.kernels.values import broadcast


@register_kernel("SoftmaxCrossEntropyWithLogits")
def softmax_cross_entropy(
    attrs: Mapping[str, Any], features: jax.Array, labels: jax.Array
) -> tuple[jax.Array, jax.Array]:
    features, labels = broadcast(features, labels)
    logarithms = jax.nn.log_softmax(features)
    # A label of 0 adds nothing, also where the logarithm is infinite.
    terms = jnp.where(labels == 0, jnp.zeros_like(labels), labels * logarithms)
    return -jnp.sum(terms, 1), jnp.exp(logarithms) - labels


@register_kernel("SparseSoftmaxCrossEntropyWithLogits")
def sparse_softmax_cross_entropy(
    attrs: Mapping[str, Any], features: jax.Array, labels: jax.Array
) -> tuple[jax.Array, jax.Array]:
    features, labels = jnp.asarray(features), jnp.asarray(labels)
    column = lax.expand_dims(labels, (1,))
    # A comparison with every class, because the gradient of a gather is a scatter, which is slow.
    is_label = column == lax.broadcasted_iota(labels.dtype, (1, features.shape[1]), 1)
    is_class = (column >= 0) & (column < features.shape[1])
    logarithms = jnp.where(is_class, jax.nn.log_softmax(features), jnp.full_like(features, jnp.nan))
    loss = -jnp.sum(jnp.where(is_label | ~is_class, logarithms, jnp.zeros_like(features)), 1)
    return loss, jnp.exp(logarithms) - is_label.astype(features.dtype)


@register_kernel("L2Loss")
def l2_loss(attrs: Mapping[str, Any], t: jax.Array) -> jax.Array:
    return jnp.sum(jnp.square(t)) / 2
