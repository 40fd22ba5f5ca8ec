"""Kernels of normalisation over a batch, and over neighbouring channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from framework.kernels.registry import register_kernel
from framework.ops.windows import channel_axis


@register_kernel("FusedBatchNormV3")
def fused_batch_norm(
    attrs: Mapping[str, Any],
    x: jax.Array,
    scale: jax.Array,
    offset: jax.Array,
    mean: jax.Array,
    variance: jax.Array,
) -> tuple[jax.Array, ...]:
    axis = channel_axis(attrs["data_format"])
    wide = jnp.asarray(x, jnp.float32)
    old_mean, old_variance = mean, variance = [jnp.asarray(v, jnp.float32) for v in (mean, variance)]

    def along_channels(vector: jax.Array) -> jax.Array:
        return lax.broadcast_in_dim(jnp.asarray(vector, jnp.float32), x.shape, (axis,))

    next_mean, next_variance = mean, variance
    if attrs["is_training"]:
        mean, variance = _moments(wide, axis, along_channels)
        next_mean, next_variance = mean, variance * _bessel(x.size // max(x.shape[axis], 1))
        share = attrs["exponential_avg_factor"]
        if share != 1.0:
            next_mean = (1 - share) * old_mean + share * next_mean
            next_variance = (1 - share) * old_variance + share * next_variance
    factor = along_channels(lax.rsqrt(variance + attrs["epsilon"]) * jnp.asarray(scale, jnp.float32))
    y = (wide - along_channels(mean)) * factor + along_channels(offset)
    statistics = (v.astype(scale.dtype) for v in (next_mean, next_variance, mean, variance))
    return (y.astype(x.dtype), *statistics, jnp.zeros((), scale.dtype))


@register_kernel("FusedBatchNorm")
@register_kernel("FusedBatchNormV2")
def older_fused_batch_norm(attrs: Mapping[str, Any], *inputs: jax.Array) -> tuple[jax.Array, ...]:
    return fused_batch_norm(attrs, *inputs)[:5]


def _moments(x: jax.Array, axis: int, along_channels: Any) -> tuple[jax.Array, jax.Array]:
    """Mean and biased variance over every axis but one."""
    others = tuple(a for a in range(x.ndim) if a != axis)
    mean = jnp.mean(x, others)
    return mean, jnp.mean(jnp.square(x - along_channels(mean)), others)


def _bessel(count: int) -> float:
    """What makes the variance of `count` elements unbiased."""
    return count / max(count - 1, 1)


@register_kernel("LRN")
def local_response_normalization(attrs: Mapping[str, Any], x: jax.Array) -> jax.Array:
    wide, radius = jnp.asarray(x, jnp.float32), attrs["depth_radius"]
    channels = wide.shape[3]
    near = np.abs(np.arange(channels)[:, None] - np.arange(channels)) <= radius
    # A product with a matrix that is 1 in a band: the gradient of windows or of shifted sums is slow on CPUs.
    around = jnp.matmul(lax.square(wide), near.astype(np.float32), precision=lax.Precision.HIGHEST)
    factor = lax.exp(-attrs["beta"] * lax.log(attrs["bias"] + attrs["alpha"] * around))
    return (wide * factor).astype(x.dtype)
