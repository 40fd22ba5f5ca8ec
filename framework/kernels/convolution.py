"""Kernels of convolution and of the bias behind it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from framework.graph.opdef import Call
from framework.kernels.registry import register_kernel, static
from framework.ops.windows import channel_axis, pads, span, spatial_axes

_FILTER = {2: "HWIO", 3: "DHWIO"}
_MOST_PLACES = 49  # of a window; each makes the program longer
# XLA runs a convolution many times slower inside a loop on a CPU (https://github.com/jax-ml/jax/issues/12868).
_SLOW = ("cpu",)


@register_kernel("Conv2D", slow_in_loop=_SLOW)
def conv2d(attrs: Mapping[str, Any], x: jax.Array, kernel: jax.Array) -> jax.Array:
    groups = x.shape[channel_axis(attrs["data_format"])] // kernel.shape[2]
    return _convolve(attrs, jnp.asarray(x), jnp.asarray(kernel), groups)


@register_kernel("Conv3D", slow_in_loop=_SLOW)
def conv3d(attrs: Mapping[str, Any], x: jax.Array, kernel: jax.Array) -> jax.Array:
    groups = x.shape[channel_axis(attrs["data_format"])] // kernel.shape[3]
    return _convolve(attrs, jnp.asarray(x), jnp.asarray(kernel), groups)


@register_kernel("Conv3DBackpropInputV2", slow_in_loop=_SLOW)
def conv3d_backprop_input(
    attrs: Mapping[str, Any], input_sizes: np.ndarray, kernel: jax.Array, gradient: jax.Array
) -> jax.Array:
    sizes, gradient = [int(d) for d in static(input_sizes, "input_sizes")], jnp.asarray(gradient)
    volume = jax.ShapeDtypeStruct(sizes, gradient.dtype)
    return jax.linear_transpose(lambda x: conv3d(attrs, x, kernel), volume)(gradient)[0]


@register_kernel("DepthwiseConv2dNative", slow_in_loop=_SLOW)
def depthwise_conv2d(attrs: Mapping[str, Any], x: jax.Array, kernel: jax.Array) -> jax.Array:
    height, width, channels, filters = kernel.shape
    kernel = jnp.reshape(kernel, (height, width, 1, channels * filters))
    return _convolve(attrs, jnp.asarray(x), kernel, groups=channels)


def _is_small_window(call: Call) -> bool:
    kernel = call.shapes[1]
    return kernel is not None and None not in kernel[:2] and math.prod(kernel[:2]) <= _MOST_PLACES  # type: ignore[arg-type]


@register_kernel("DepthwiseConv2dNative", "cpu", name="slices", accepts=_is_small_window)
def depthwise_conv2d_on_cpu(attrs: Mapping[str, Any], x: jax.Array, kernel: jax.Array) -> jax.Array:
    """The sum of the image moved to each place of the window: XLA's grouped convolution is many times slower there."""
    spatial, channel = spatial_axes(attrs["data_format"]), channel_axis(attrs["data_format"])
    padding = pads(attrs, x.shape, _spans(attrs, kernel.shape))
    strides = [attrs["strides"][axis] for axis in spatial]
    x = jnp.moveaxis(jnp.pad(x, padding), channel, 3)
    reach = [span(window, attrs["dilations"][axis]) for axis, window in zip(spatial, kernel.shape, strict=False)]
    sizes = [(x.shape[1 + k] - reach[k]) // strides[k] + 1 for k in (0, 1)]
    total = jnp.zeros((x.shape[0], *sizes, *kernel.shape[2:]), x.dtype)
    for place in np.ndindex(*kernel.shape[:2]):
        first = [place[k] * attrs["dilations"][spatial[k]] for k in (0, 1)]
        stop = [first[k] + (sizes[k] - 1) * strides[k] + 1 for k in (0, 1)]
        seen = lax.slice(x, (0, *first, 0), (x.shape[0], *stop, x.shape[3]), (1, *strides, 1))
        total += seen[..., None] * kernel[place][None, None, None]
    return jnp.moveaxis(total.reshape(*total.shape[:3], kernel.shape[2] * kernel.shape[3]), 3, channel)


def _convolve(attrs: Mapping[str, Any], x: jax.Array, kernel: jax.Array, groups: int) -> jax.Array:
    spatial = spatial_axes(attrs["data_format"])
    padding = pads(attrs, x.shape, _spans(attrs, kernel.shape))
    return lax.conv_general_dilated(
        x,
        kernel,
        window_strides=[attrs["strides"][axis] for axis in spatial],
        padding=[padding[axis] for axis in spatial],
        rhs_dilation=[attrs["dilations"][axis] for axis in spatial],
        dimension_numbers=(attrs["data_format"], _FILTER[len(spatial)], attrs["data_format"]),
        feature_group_count=groups,
    )


def _spans(attrs: Mapping[str, Any], kernel: Sequence[int]) -> list[int]:
    """How far a window reaches along each axis of an image."""
    spans = [1] * len(attrs["data_format"])
    for axis, window in zip(spatial_axes(attrs["data_format"]), kernel, strict=False):
        spans[axis] = span(window, attrs["dilations"][axis])
    return spans


@register_kernel("Conv2DBackpropInput", slow_in_loop=_SLOW)
def conv2d_backprop_input(
    attrs: Mapping[str, Any], input_sizes: np.ndarray, kernel: jax.Array, gradient: jax.Array
) -> jax.Array:
    gradient, kernel = jnp.asarray(gradient), jnp.asarray(kernel)
    height, width, per_group, filters = kernel.shape
    channel, spatial = channel_axis(attrs["data_format"]), spatial_axes(attrs["data_format"])
    image = [int(d) for d in static(input_sizes, "input_sizes")]
    if len(image) == 2:
        rows, columns = image
        image = list(gradient.shape)
        image[channel], image[spatial[0]], image[spatial[1]] = per_group, rows, columns
    groups, spans = image[channel] // per_group, _spans(attrs, kernel.shape)
    padding = pads(attrs, image, spans)
    # A window that wrote to the gradient is now read from the other side: reversed, its channels exchanged, and with
    # zeros between the elements of the gradient in place of strides.
    swapped = kernel.reshape(height, width, per_group, groups, filters // groups).transpose(0, 1, 4, 3, 2)
    return lax.conv_general_dilated(
        gradient,
        lax.rev(swapped.reshape(height, width, filters // groups, groups * per_group), (0, 1)),
        window_strides=(1, 1),
        padding=[
            (
                spans[axis] - 1 - padding[axis][0],
                image[axis] - 1 + padding[axis][0] - (gradient.shape[axis] - 1) * attrs["strides"][axis],
            )
            for axis in spatial
        ],
        lhs_dilation=[attrs["strides"][axis] for axis in spatial],
        rhs_dilation=[attrs["dilations"][axis] for axis in spatial],
        dimension_numbers=(attrs["data_format"], "HWIO", attrs["data_format"]),
        feature_group_count=groups,
    )


@register_kernel("BiasAdd")
def bias_add(attrs: Mapping[str, Any], value: jax.Array, bias: jax.Array) -> jax.Array:
    axis = 1 if attrs["data_format"] == "NCHW" else value.ndim - 1
    return lax.add(value, lax.broadcast_in_dim(bias, value.shape, (axis,)))
