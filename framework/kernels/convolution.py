"""Kernels of convolution and of the bias behind it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
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
_FEW_CHANNELS = 3  # with fewer, a product of one place is too thin
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


# -- on a CPU: products of the image moved to each place of the window -------------------------------------------------


def _is_small_window(call: Call) -> bool:
    kernel = call.shapes[1]
    return kernel is not None and None not in kernel[:-2] and math.prod(kernel[:-2]) <= _MOST_PLACES  # type: ignore[arg-type]


def _is_plain_and_small(call: Call) -> bool:
    image, kernel = call.shapes
    if image is None or kernel is None or not _is_small_window(call) or call.dtypes[0].name != "float32":
        return False
    return (
        None not in kernel
        and 0 not in (*image, *kernel)
        and kernel[-2] == image[channel_axis(call.attrs["data_format"])]
    )


@register_kernel("Conv2D", "cpu", name="products", accepts=_is_plain_and_small, slow_in_loop=_SLOW)
@register_kernel("Conv3D", "cpu", name="products", accepts=_is_plain_and_small, slow_in_loop=_SLOW)
def convolution_on_cpu(attrs: Mapping[str, Any], x: jax.Array, kernel: jax.Array) -> jax.Array:
    """XLA's convolution, but for the gradient of the filters: matrix products are up to four times as fast there."""

    @jax.custom_jvp
    def function(x: jax.Array, kernel: jax.Array) -> jax.Array:
        return _convolve(attrs, x, kernel, groups=1)

    @function.defjvp
    def _(primals: tuple[jax.Array, jax.Array], tangents: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        x, kernel = primals
        return function(x, kernel), function(tangents[0], kernel) + _products(attrs, x, tangents[1])

    return function(jnp.asarray(x), jnp.asarray(kernel))


def _products(attrs: Mapping[str, Any], x: jax.Array, kernel: jax.Array) -> jax.Array:
    """A convolution as matrix products: of a place of the window each, or of all where a pixel has too few channels."""
    channels, filters = kernel.shape[-2:]
    seen = [image for _, image in _places(attrs, x, kernel.shape)]
    sizes = seen[0].shape[:-1]
    if channels < _FEW_CHANNELS:
        total = jnp.concatenate(seen, -1).reshape(-1, len(seen) * channels) @ kernel.reshape(-1, filters)
    else:
        factors = zip(seen, kernel.reshape(-1, channels, filters), strict=True)
        total = sum((image.reshape(-1, channels) @ factor for image, factor in factors), jnp.zeros((), x.dtype))
    return jnp.moveaxis(total.reshape(*sizes, filters), -1, channel_axis(attrs["data_format"]))


@register_kernel("DepthwiseConv2dNative", "cpu", name="slices", accepts=_is_small_window)
def depthwise_conv2d_on_cpu(attrs: Mapping[str, Any], x: jax.Array, kernel: jax.Array) -> jax.Array:
    """The sum over the places of the window: XLA's grouped convolution is many times slower there."""
    total: Any = 0
    for place, image in _places(attrs, jnp.asarray(x), kernel.shape):
        total += image[..., None] * kernel[place][None, None, None]
    merged = total.reshape(*total.shape[:3], kernel.shape[2] * kernel.shape[3])
    return jnp.moveaxis(merged, 3, channel_axis(attrs["data_format"]))


def _places(
    attrs: Mapping[str, Any], x: jax.Array, kernel: Sequence[int]
) -> Iterator[tuple[tuple[int, ...], jax.Array]]:
    """Each place of a window in row-major order, and what lies there: `[batch, sizes of the result, channels]`."""
    spatial, channel = spatial_axes(attrs["data_format"]), channel_axis(attrs["data_format"])
    padding = pads(attrs, x.shape, _spans(attrs, kernel))
    strides, dilations = ([attrs[name][axis] for axis in spatial] for name in ("strides", "dilations"))
    x = jnp.moveaxis(jnp.pad(x, padding), channel, -1)
    reach = [(window - 1) * dilation for window, dilation in zip(kernel, dilations, strict=False)]
    last = [(n - 1 - r) // stride * stride for n, r, stride in zip(x.shape[1:], reach, strides, strict=False)]
    for place in np.ndindex(*kernel[: len(spatial)]):
        first = [at * dilation for at, dilation in zip(place, dilations, strict=True)]
        stop = [start + end + 1 for start, end in zip(first, last, strict=True)]
        yield place, lax.slice(x, (0, *first, 0), (x.shape[0], *stop, x.shape[-1]), (1, *strides, 1))


@register_kernel("BiasAdd")
def bias_add(attrs: Mapping[str, Any], value: jax.Array, bias: jax.Array) -> jax.Array:
    axis = 1 if attrs["data_format"] == "NCHW" else value.ndim - 1
    return lax.add(value, lax.broadcast_in_dim(bias, value.shape, (axis,)))
