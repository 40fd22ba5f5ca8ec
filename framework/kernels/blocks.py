"""Kernels that make channels of pixels, and pixels of channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from framework.kernels.registry import register_kernel


@register_kernel("SpaceToDepth")
def space_to_depth(attrs: Mapping[str, Any], images: jax.Array) -> jax.Array:
    block, images = attrs["block_size"], jnp.asarray(images)
    if attrs["data_format"] == "NCHW":
        batch, channels, height, width = images.shape
        split = images.reshape(batch, channels, height // block, block, width // block, block)
        moved = split.transpose(0, 3, 5, 1, 2, 4)
        return moved.reshape(batch, block * block * channels, height // block, width // block)
    batch, height, width, channels = images.shape
    split = images.reshape(batch, height // block, block, width // block, block, channels)
    return split.transpose(0, 1, 3, 2, 4, 5).reshape(batch, height // block, width // block, block * block * channels)


@register_kernel("DepthToSpace")
def depth_to_space(attrs: Mapping[str, Any], images: jax.Array) -> jax.Array:
    block, images = attrs["block_size"], jnp.asarray(images)
    if attrs["data_format"] == "NCHW":
        batch, channels, height, width = images.shape
        split = images.reshape(batch, block, block, channels // (block * block), height, width)
        moved = split.transpose(0, 3, 4, 1, 5, 2)
        return moved.reshape(batch, channels // (block * block), height * block, width * block)
    batch, height, width, channels = images.shape
    split = images.reshape(batch, height, width, block, block, channels // (block * block))
    return split.transpose(0, 1, 3, 2, 4, 5).reshape(batch, height * block, width * block, channels // (block * block))
