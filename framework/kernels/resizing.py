"""Kernels that resize images, one axis after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from framework.kernels.registry import register_kernel, static
from framework.ops.resizing import positions


@register_kernel("ResizeNearestNeighbor")
def resize_nearest_neighbor(attrs: Mapping[str, Any], images: jax.Array, size: np.ndarray) -> jax.Array:
    images = jnp.asarray(images)
    for axis, output in zip((1, 2), static(size, "size"), strict=True):
        images = _take(images, axis, _nearest(attrs, images.shape[axis], int(output)))
    return images


def _nearest(attrs: Mapping[str, Any], length: int, output: int) -> np.ndarray:
    """The position of the nearest pixel for each of the output, int32 `[output]`."""
    centres = positions(attrs, length, output)
    rounds = attrs["align_corners"] or attrs["half_pixel_centers"]
    return np.clip(np.floor(centres + np.float32(0.5) if rounds else centres), 0, length - 1).astype(np.int32)


def _take(images: jax.Array, axis: int, chosen: np.ndarray) -> jax.Array:
    length = images.shape[axis]
    times = len(chosen) // length
    if times and np.array_equal(chosen, np.repeat(np.arange(length), times)):
        # Whole multiples are written without a gather: its gradient, a scatter, is slow on CPUs.
        wide = (*images.shape[: axis + 1], times, *images.shape[axis + 1 :])
        spread = lax.broadcast_in_dim(images, wide, [k if k <= axis else k + 1 for k in range(images.ndim)])
        return spread.reshape(*images.shape[:axis], len(chosen), *images.shape[axis + 1 :])
    return jnp.take(images, chosen, axis, mode="clip")


@register_kernel("ResizeBilinear")
def resize_bilinear(attrs: Mapping[str, Any], images: jax.Array, size: np.ndarray) -> jax.Array:
    return _weighed(attrs, images, size, _weights)


@register_kernel("ResizeBicubic")
def resize_bicubic(attrs: Mapping[str, Any], images: jax.Array, size: np.ndarray) -> jax.Array:
    return _weighed(attrs, images, size, _cubic_weights)


def _weighed(
    attrs: Mapping[str, Any], images: jax.Array, size: np.ndarray, weights: Callable[..., np.ndarray]
) -> jax.Array:
    """Images resized along each axis by a product with a matrix of weights, so that its gradient is one too."""
    images = jnp.asarray(images).astype(jnp.float32)
    rows, columns = (int(d) for d in static(size, "size"))
    return _products(images, weights(attrs, images.shape[1], rows), weights(attrs, images.shape[2], columns))


def _products(images: jax.Array, down: Any, across: Any) -> jax.Array:
    """Images by a matrix of weights along the rows and by one along the columns."""
    down, across = jnp.asarray(down), jnp.asarray(across)
    wide = jnp.einsum("bhwc,xw->bhxc", images, across, precision=lax.Precision.HIGHEST)
    return jnp.einsum("bhxc,yh->byxc", wide, down, precision=lax.Precision.HIGHEST)


def _weights(attrs: Mapping[str, Any], length: int, output: int) -> np.ndarray:
    """How much each pixel of the input counts for each of the output, float32 `[output, length]`."""
    centres = positions(attrs, length, output)
    before = np.floor(centres)
    share = centres - before
    weights = np.zeros((output, length), np.float32)
    row = np.arange(output)
    np.add.at(weights, (row, np.clip(before, 0, length - 1).astype(int)), 1 - share)
    np.add.at(weights, (row, np.clip(before + 1, 0, length - 1).astype(int)), share)
    return weights


_TABLE = 1 << 10  # TensorFlow looks the polynomials up at so many places between two pixels


def _cubic_weights(attrs: Mapping[str, Any], length: int, output: int) -> np.ndarray:
    """As `_weights`, by Keys's cubic polynomials."""
    is_keys = attrs["half_pixel_centers"]
    a = np.float32(-0.5 if is_keys else -0.75)
    x = np.arange(_TABLE + 1, dtype=np.float32) / np.float32(_TABLE)
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a
    centres = positions(attrs, length, output)
    before = np.floor(centres)
    place = np.rint((centres - before) * np.float32(_TABLE)).astype(int)
    shares = np.stack([far[place], near[place], near[_TABLE - place], far[_TABLE - place]], 1)
    wanted = before.astype(int)[:, None] + np.arange(-1, 3)
    if is_keys:  # what lies outside does not count, rather than being the edge's
        shares = np.where((wanted >= 0) & (wanted < length), shares, np.float32(0))
        shares = shares / shares.sum(1, keepdims=True)
    weights = np.zeros((output, length), np.float32)
    np.add.at(weights, (np.arange(output)[:, None], np.clip(wanted, 0, length - 1)), shares.astype(np.float32))
    return weights


@register_kernel("ResizeArea")
def resize_area(attrs: Mapping[str, Any], images: jax.Array, size: np.ndarray) -> jax.Array:
    return _weighed(attrs, images, size, _shares)


def _shares(attrs: Mapping[str, Any], length: int, output: int) -> np.ndarray:
    """As `_weights`, by how much of a pixel of the output each pixel of the input covers."""
    if attrs["align_corners"] and output > 1:
        scale = np.float32(length - 1) / np.float32(output - 1)
    else:
        scale = np.float32(length) / np.float32(output)
    weights = np.zeros((output, length), np.float32)
    for row in range(output):
        first, last = np.float32(row) * scale, np.float32(row + 1) * scale
        for place in range(int(np.floor(first)), int(np.ceil(last))):
            # TensorFlow counts a pixel that covers both ends as whole, and the edge for what lies outside.
            below = np.float32(place + 1) - first if place < first else np.float32(1)
            above = last - np.float32(place) if place + 1 > last else np.float32(1)
            covered = scale if place < first and place + 1 > last else min(below, above)
            weights[row, min(max(place, 0), length - 1)] += covered / scale
    return weights


# Kernels of ScaleAndTranslate: how far they reach, and their value at a distance within that.
_KERNELS: dict[str, tuple[float, Callable[[jax.Array], jax.Array]]] = {
    **{f"lanczos{n}": (n, lambda x, n=n: jnp.sinc(x) * jnp.sinc(x / np.float32(n))) for n in (1, 3, 5)},
    "gaussian": (1.5, lambda x: jnp.where(x < 1.5, jnp.exp(-2 * x * x), 0)),
    "box": (0.5, lambda x: jnp.where(x < 0.5, np.float32(1), np.float32(0.5))),
    "triangle": (1.0, lambda x: 1 - x),
    "keyscubic": (2.0, lambda x: jnp.where(x >= 1, ((-0.5 * x + 2.5) * x - 4) * x + 2, (1.5 * x - 2.5) * x * x + 1)),
    "mitchellcubic": (
        2.0,
        lambda x: jnp.where(x >= 1, ((-7 / 18 * x + 2) * x - 10 / 3) * x + 16 / 9, (7 / 6 * x - 2) * x * x + 8 / 9),
    ),
}


@register_kernel("ScaleAndTranslate")
def scale_and_translate(
    attrs: Mapping[str, Any], images: jax.Array, size: np.ndarray, scale: jax.Array, translation: jax.Array
) -> jax.Array:
    images, numbers = jnp.asarray(images).astype(jnp.float32), [int(d) for d in static(size, "size")]
    scale, translation = jnp.asarray(scale), jnp.asarray(translation)
    down, across = (
        _spans(attrs, images.shape[1 + axis], numbers[axis], scale[axis], translation[axis]) for axis in (0, 1)
    )
    return _products(images, down, across)


def _spans(attrs: Mapping[str, Any], length: int, output: int, scale: jax.Array, translation: jax.Array) -> jax.Array:
    """As `_weights`, by a kernel around the place that each pixel of the output comes from."""
    reach, kernel = _KERNELS[attrs["kernel_type"]]
    inverse = 1 / scale
    width = jnp.maximum(inverse, 1) if attrs["antialias"] else jnp.ones_like(inverse)
    centres = (np.arange(output, dtype=np.float32) + np.float32(0.5)) * inverse - inverse * translation
    places = np.arange(length, dtype=np.float32)
    first = jnp.clip(jnp.ceil(centres - reach * width - 0.5), 0, length - 1)[:, None]
    last = jnp.clip(jnp.floor(centres + reach * width - 0.5), 0, length - 1)[:, None]
    distance = jnp.abs(places[None] + np.float32(0.5) - centres[:, None]) / width
    is_read = (places[None] >= first) & (places[None] <= last) & (distance <= reach)
    weights = jnp.where(is_read, kernel(distance), 0)
    total = jnp.sum(weights, 1, keepdims=True)
    is_inside = (centres >= 0) & (centres <= length)
    is_whole = jnp.abs(total) > 1000 * np.finfo(np.float32).tiny
    return jnp.where(is_inside[:, None], weights / jnp.where(is_whole, total, 1), 0)
