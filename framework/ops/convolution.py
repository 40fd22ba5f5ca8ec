"""Convolution, and the bias that follows it."""

from __future__ import annotations

from framework.graph import Call, register_op
from framework.graph.shapes import merge_dim, show
from framework.ops.inference import Shapes, at_least_rank, product
from framework.ops.signatures import NUMBERS
from framework.ops.windows import FORMATS, channel_axis, check_windows, reads, slid, span, spatial_axes, with_rank


def _conv2d_shape(call: Call) -> Shapes:
    check_windows(call, "dilations")
    data_format = call.attrs["data_format"]
    channel = channel_axis(data_format)
    for name in ("strides", "dilations"):
        if any(call.attrs[name][axis] != 1 for axis in (0, channel)):
            raise call.fail(f"attribute '{name}' must be 1 for batch and channels, found {list(call.attrs[name])}")
    image, kernel = with_rank(call, 0), call.rank(1, 4)
    if kernel is not None and image is not None:
        _check_channels(call, image[channel], kernel[2], kernel[3])
    if image is None:
        image = (None,) * 4
    spans: list[int | None] = [1] * 4
    for axis, window in zip(spatial_axes(data_format), kernel[:2] if kernel else (None, None), strict=True):
        spans[axis] = None if window is None else span(window, call.attrs["dilations"][axis])
    output = list(slid(call, image, spans))
    output[channel] = kernel[3] if kernel else None
    return [tuple(output)]


def _check_channels(call: Call, channels: int | None, per_group: int | None, filters: int | None) -> None:
    if channels is None or per_group is None:
        return
    if per_group == 0 or channels % per_group:
        raise call.fail(
            f"the {channels} channels of the input must be a multiple of the {per_group} that the filter "
            f"{show(call.shapes[1])} [height, width, channels of a group, filters] reads"
        )
    groups = channels // per_group
    if filters is not None and groups and filters % groups:
        raise call.fail(f"the {filters} filters must be a multiple of the {groups} groups of channels")


def _conv2d_flops(call: Call, outputs: Shapes) -> int | None:
    image, kernel = call.shapes[:2]
    if image is None or kernel is None or None in image or None in kernel:
        return None
    windows = [1] * 4
    for axis, window in zip(spatial_axes(call.attrs["data_format"]), kernel, strict=False):
        windows[axis] = window or 0
    channels = channel_axis(call.attrs["data_format"])
    of_one_channel = [1 if axis == channels else d or 0 for axis, d in enumerate(image)]
    taken = reads(call.attrs, of_one_channel, windows, call.attrs["dilations"])
    return product([2, taken, *kernel[2:]])


register_op(
    "Conv2D",
    inputs="input: T, filter: T",
    outputs="output: T",
    attrs="T: {half, bfloat16, float, double, int32}, strides: list(int), use_cudnn_on_gpu: bool = true, "
    "padding: {'SAME', 'VALID', 'EXPLICIT'}, explicit_paddings: list(int) = [], "
    f"data_format: {FORMATS} = 'NHWC', dilations: list(int) = [1, 1, 1, 1]",
    shape=_conv2d_shape,
    flops=_conv2d_flops,
    wrapper="conv2d",
    doc="The cross-correlation of images with filters [height, width, channels of a group, filters]. "
    "Channels are grouped when the filter reads fewer than the input has.",
)


def _bias_add_shape(call: Call) -> Shapes:
    channels_first = call.attrs["data_format"] == "NCHW"
    value, bias = at_least_rank(call, 0, 2), call.rank(1, 1)
    if value is None:
        return [None]
    axis = 1 if channels_first else len(value) - 1
    if bias is None:
        return [value]
    if value[axis] is not None and bias[0] is not None and value[axis] != bias[0]:
        raise call.fail(f"the bias has {bias[0]} elements, but {show(value)} has {value[axis]} channels (axis {axis})")
    return [(*value[:axis], merge_dim(value[axis], bias[0]), *value[axis + 1 :])]


register_op(
    "BiasAdd",
    inputs="value: T, bias: T",
    outputs="output: T",
    attrs=f"T: {NUMBERS}, data_format: {FORMATS} = 'NHWC'",
    shape=_bias_add_shape,
    doc="Adds a vector along the channels: the last axis, or axis 1 when `data_format` is NCHW.",
)
