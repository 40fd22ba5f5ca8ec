"""Kernels of colours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from framework.kernels.registry import register_kernel


@register_kernel("RGBToHSV")
def rgb_to_hsv(attrs: Mapping[str, Any], images: jax.Array) -> jax.Array:
    return jnp.stack(_to_hsv(jnp.asarray(images)), -1)


@register_kernel("HSVToRGB")
def hsv_to_rgb(attrs: Mapping[str, Any], images: jax.Array) -> jax.Array:
    return _to_rgb(*jnp.moveaxis(jnp.asarray(images), -1, 0))


@register_kernel("AdjustHue")
def adjust_hue(attrs: Mapping[str, Any], images: jax.Array, delta: jax.Array) -> jax.Array:
    exact = jnp.asarray(images, jnp.float32)
    hue, saturation, value = _to_hsv(exact)
    return _to_rgb((hue + delta) % 1.0, saturation, value).astype(images.dtype)


@register_kernel("AdjustSaturation")
def adjust_saturation(attrs: Mapping[str, Any], images: jax.Array, scale: jax.Array) -> jax.Array:
    exact = jnp.asarray(images, jnp.float32)
    hue, saturation, value = _to_hsv(exact)
    return _to_rgb(hue, jnp.clip(saturation * scale, 0, 1), value).astype(images.dtype)


@register_kernel("AdjustContrastv2")
def adjust_contrast(attrs: Mapping[str, Any], images: jax.Array, contrast_factor: jax.Array) -> jax.Array:
    images = jnp.asarray(images)
    exact = images.astype(jnp.float32)
    mean = jnp.mean(exact, axis=(-3, -2), keepdims=True)
    return ((exact - mean) * contrast_factor + mean).astype(images.dtype)


def _to_hsv(images: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Hue, saturation and value of images in red, green and blue."""
    red, green, blue = jnp.moveaxis(images, -1, 0)
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
    return jnp.where(hue < 0, hue + 1, hue), saturation, value


def _nonzero(x: jax.Array) -> jax.Array:
    """x with 1 in place of 0, so that it may be divided by where the quotient is not chosen."""
    return jnp.where(x == 0, jnp.ones_like(x), x)


def _to_rgb(hue: jax.Array, saturation: jax.Array, value: jax.Array) -> jax.Array:
    """Images in red, green and blue, from hue, saturation and value."""
    sector = 6 * hue
    pure = (jnp.abs(sector - 3) - 1, 2 - jnp.abs(sector - 2), 2 - jnp.abs(sector - 4))
    return jnp.stack([((1 - saturation) + saturation * jnp.clip(c, 0, 1)) * value for c in pure], -1)
