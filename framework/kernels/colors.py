"""Kernels of colours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from framework.kernels.registry import register_kernel


@register_kernel("RGBToHSV")
def rgb_to_hsv(attrs: Mapping[str, Any], images: jax.Array) -> jax.Array:
    red, green, blue = jnp.moveaxis(jnp.asarray(images), -1, 0)
    value = jnp.maximum(jnp.maximum(red, green), blue)
    span = value - jnp.minimum(jnp.minimum(red, green), blue)
    saturation = jnp.where(value > 0, span / _nonzero(value), jnp.zeros_like(value))
    sixth = 1 / (6 * _nonzero(span))
    hue = jnp.where(
        red == value,
        sixth * (green - blue),
        jnp.where(green == value, sixth * (blue - red) + 2 / 6, sixth * (red - green) + 4 / 6),
    )
    hue = jnp.where(span > 0, hue, jnp.zeros_like(hue))
    return jnp.stack([jnp.where(hue < 0, hue + 1, hue), saturation, value], -1)


def _nonzero(x: jax.Array) -> jax.Array:
    """x with 1 in place of 0, so that it may be divided by where the quotient is not chosen."""
    return jnp.where(x == 0, jnp.ones_like(x), x)


@register_kernel("HSVToRGB")
def hsv_to_rgb(attrs: Mapping[str, Any], images: jax.Array) -> jax.Array:
    hue, saturation, value = jnp.moveaxis(jnp.asarray(images), -1, 0)
    sector = 6 * hue
    pure = (jnp.abs(sector - 3) - 1, 2 - jnp.abs(sector - 2), 2 - jnp.abs(sector - 4))
    return jnp.stack([((1 - saturation) + saturation * jnp.clip(c, 0, 1)) * value for c in pure], -1)


@register_kernel("AdjustContrastv2")
def adjust_contrast(attrs: Mapping[str, Any], images: jax.Array, contrast_factor: jax.Array) -> jax.Array:
    images = jnp.asarray(images)
    exact = images.astype(jnp.float32)
    mean = jnp.mean(exact, axis=(-3, -2), keepdims=True)
    return ((exact - mean) * contrast_factor + mean).astype(images.dtype)
