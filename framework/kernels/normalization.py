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
        count = x.size // max(x.shape[axis], 1)
        old = (old_mean, old_variance)
        next_mean, next_variance = moved(attrs["exponential_avg_factor"], old, (mean, variance), count)
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


def moved(
    share: float, old: tuple[jax.Array, jax.Array], batch: tuple[jax.Array, jax.Array], count: int
) -> tuple[jax.Array, jax.Array]:
    """Running mean and variance after a batch of `count` elements with these moments, of which they take a share."""
    mean, variance = batch[0], batch[1] * _bessel(count)
    if share == 1.0:
        return mean, variance
    return (1 - share) * old[0] + share * mean, (1 - share) * old[1] + share * variance


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
