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
    across = jnp.asarray(weights(attrs, images.shape[2], columns))
    down = jnp.asarray(weights(attrs, images.shape[1], rows))
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
