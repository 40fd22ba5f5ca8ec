"""The kernel of projective transforms of images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from framework.kernels.registry import register_kernel, static

Read = Callable[[jax.Array, jax.Array], jax.Array]


@register_kernel("ImageProjectiveTransformV3")
def image_projective_transform(
    attrs: Mapping[str, Any],
    images: jax.Array,
    transforms: jax.Array,
    output_shape: np.ndarray,
    fill_value: jax.Array,
) -> jax.Array:
    images, fill = jnp.asarray(images), lax.convert_element_type(fill_value, jnp.asarray(images).dtype)
    _, height, width, _ = images.shape
    rows, columns = (int(d) for d in static(output_shape, "output_shape"))
    x, y, is_somewhere = _sources(jnp.asarray(transforms), (rows, columns))
    x, y = (_inside(attrs["fill_mode"], at, length) for at, length in ((x, width), (y, height)))
    read = _reader(images, fill)
    if attrs["interpolation"] == "NEAREST":
        result = read(_rounded(y), _rounded(x))
    else:
        result = _bilinear(read, y, x).astype(images.dtype)
    return jnp.where(is_somewhere[..., None], result, lax.broadcast(fill, result.shape))


def _sources(transforms: jax.Array, size: tuple[int, int]) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Where in the input each output pixel comes from: x, y float32 `[batch, height, width]`, and whether it does."""
    y, x = jnp.meshgrid(*(jnp.arange(length, dtype=jnp.float32) for length in size), indexing="ij")
    a0, a1, a2, b0, b1, b2, c0, c1 = jnp.moveaxis(transforms, 1, 0)[..., None, None]
    x, y = x[None], y[None]
    scale = c0 * x + c1 * y + 1
    is_somewhere = scale != 0
    scale = jnp.where(is_somewhere, scale, 1)
    return (a0 * x + a1 * y + a2) / scale, (b0 * x + b1 * y + b2) / scale, is_somewhere


def _inside(mode: str, at: jax.Array, length: int) -> jax.Array:
    """Positions along an axis moved into an image of this length, as the mode says; CONSTANT leaves them."""
    last = length - 1
    if mode == "REFLECT":
        period = 2 * length
        before = at + period * jnp.trunc(-at / period)
        before = jnp.where(before < -length, before + period, -before - 1)
        behind = at - period * jnp.trunc(at / period)
        behind = jnp.where(behind >= length, period - behind - 1, behind)
    elif mode == "WRAP":
        # TensorFlow counts the periods by the distance of the first from the last.
        before = at + length * (jnp.trunc(-at / max(last, 1)) + 1)
        behind = at - length * jnp.trunc(at / max(last, 1))
    else:
        return at if mode == "CONSTANT" else jnp.clip(at, 0, last)
    return jnp.clip(jnp.where(at < 0, before, jnp.where(at > last, behind, at)), 0, last)


def _rounded(at: jax.Array) -> jax.Array:
    return lax.round(at, lax.RoundingMethod.AWAY_FROM_ZERO)


def _reader(images: jax.Array, fill: jax.Array) -> Read:
    """Reads `images` at whole positions `[batch, height, width]` y and x, and `fill` outside of them."""
    batch, height, width, channels = images.shape
    flat = images.reshape(batch, height * width, channels)

    def read(y: jax.Array, x: jax.Array) -> jax.Array:
        is_inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        # 32-bit positions of a row of pixels: one gather, of neighbouring channels, is fast on every platform.
        row, column = jnp.clip(y, 0, height - 1).astype(jnp.int32), jnp.clip(x, 0, width - 1).astype(jnp.int32)
        positions = jnp.broadcast_to(row * width + column, (batch, *y.shape[1:]))
        positions = positions.reshape(batch, y.shape[1] * y.shape[2], 1)
        found = jnp.take_along_axis(flat, positions, 1, mode="promise_in_bounds")
        found = found.reshape(batch, *y.shape[1:], channels)
        return jnp.where(is_inside[..., None], found, lax.broadcast(fill, found.shape))

    return read


def _bilinear(read: Read, y: jax.Array, x: jax.Array) -> jax.Array:
    """The mean of the four pixels around (y, x), each by how near it is; float32."""
    above, left = jnp.floor(y), jnp.floor(x)
    down, right = (y - above)[..., None], (x - left)[..., None]

    def along(row: jax.Array) -> jax.Array:
        first, second = (read(row, column).astype(jnp.float32) for column in (left, left + 1))
        return (1 - right) * first + right * second

    return (1 - down) * along(above) + down * along(above + 1)
