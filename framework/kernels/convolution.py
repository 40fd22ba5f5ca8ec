"""Kernels of convolution and of the bias behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from framework.kernels.registry import register_kernel
from framework.ops.windows import channel_axis, pads, span, spatial_axes


@register_kernel("Conv2D")
def conv2d(attrs: Mapping[str, Any], x: jax.Array, kernel: jax.Array) -> jax.Array:
    data_format = attrs["data_format"]
    spatial = spatial_axes(data_format)
    spans = [1] * 4
    for axis, window in zip(spatial, kernel.shape, strict=False):
        spans[axis] = span(window, attrs["dilations"][axis])
    padding = pads(attrs, x.shape, spans)
    return lax.conv_general_dilated(
        jnp.asarray(x),
        jnp.asarray(kernel),
        window_strides=[attrs["strides"][axis] for axis in spatial],
        padding=[padding[axis] for axis in spatial],
        rhs_dilation=[attrs["dilations"][axis] for axis in spatial],
        dimension_numbers=(data_format, "HWIO", data_format),
        feature_group_count=x.shape[channel_axis(data_format)] // kernel.shape[2],
    )


@register_kernel("BiasAdd")
def bias_add(attrs: Mapping[str, Any], value: jax.Array, bias: jax.Array) -> jax.Array:
    axis = 1 if attrs["data_format"] == "NCHW" else value.ndim - 1
    return lax.add(value, lax.broadcast_in_dim(bias, value.shape, (axis,)))
