"""Convolution, and the bias that follows it."""

from __future__ import annotations

from framework.graph import Call, register_op
from framework.graph.shapes import Shape, merge_dim, show
from framework.ops.inference import Shapes, at_least_rank, product, static_vector
from framework.ops.signatures import NUMBERS
from framework.ops.windows import FORMATS, channel_axis, check_windows, reads, slid, span, spatial_axes, with_rank


def _conv2d_shape(call: Call) -> Shapes:
    _check_steps(call)
    channel = channel_axis(call.attrs["data_format"])
    image, kernel = with_rank(call, 0), call.rank(1, 4)
    if kernel is not None and image is not None:
        _check_channels(call, image[channel], kernel[2], kernel[3])
    output = list(slid(call, image or (None,) * 4, _spans(call, kernel)))
    output[channel] = kernel[3] if kernel else None
    return [tuple(output)]


def _check_steps(call: Call) -> None:
    """Raises GraphError unless windows move along height and width alone."""
    check_windows(call, "dilations")
    channel = channel_axis(call.attrs["data_format"])
    for name in ("strides", "dilations"):
        if any(call.attrs[name][axis] != 1 for axis in (0, channel)):
            raise call.fail(f"attribute '{name}' must be 1 for batch and channels, found {list(call.attrs[name])}")


def _spans(call: Call, kernel: Shape) -> list[int | None]:
    """How far a window reaches along each axis of an image, as far as that is known."""
    spans: list[int | None] = [1] * 4
    for axis, window in zip(
        spatial_axes(call.attrs["data_format"]), kernel[:2] if kernel else (None, None), strict=True
    ):
        spans[axis] = None if window is None else span(window, call.attrs["dilations"][axis])
    return spans


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
    return _products(call, call.shapes[0])


def _products(call: Call, image: Shape) -> int | None:
    """Multiplications and additions of the filter with the elements of an image, or None where it is not known."""
    kernel = call.shapes[1]
    if image is None or kernel is None or None in image or None in kernel:
        return None
    windows = [1] * 4
    for axis, window in zip(spatial_axes(call.attrs["data_format"]), kernel, strict=False):
        windows[axis] = window or 0
    channels = channel_axis(call.attrs["data_format"])
    of_one_channel = [1 if axis == channels else d or 0 for axis, d in enumerate(image)]
    taken = reads(call.attrs, of_one_channel, windows, call.attrs["dilations"])
    return product([2, taken, *kernel[2:]])


_STEPS = (
    "padding: {'SAME', 'VALID', 'EXPLICIT'}, explicit_paddings: list(int) = [], "
    f"data_format: {FORMATS} = 'NHWC', dilations: list(int) = [1, 1, 1, 1]"
)

register_op(
    "Conv2D",
    inputs="input: T, filter: T",
    outputs="output: T",
    attrs="T: {half, bfloat16, float, double, int32}, strides: list(int), use_cudnn_on_gpu: bool = true, " + _STEPS,
    shape=_conv2d_shape,
    flops=_conv2d_flops,
    wrapper="conv2d",
    doc="The cross-correlation of images with filters [height, width, channels of a group, filters]. "
    "Channels are grouped when the filter reads fewer than the input has.",
)


def _depthwise_shape(call: Call) -> Shapes:
    _check_steps(call)
    channel, spatial = channel_axis(call.attrs["data_format"]), spatial_axes(call.attrs["data_format"])
    if len({call.attrs["strides"][axis] for axis in spatial}) > 1:
        raise call.fail(f"attribute 'strides' must be equal along height and width, found {call.attrs['strides']}")
    image, kernel = with_rank(call, 0), call.rank(1, 4)
    channels = None
    if kernel is not None:
        channels = merge_dim(image[channel] if image else None, kernel[2], image, kernel)
    output = list(slid(call, image or (None,) * 4, _spans(call, kernel)))
    output[channel] = product([channels, kernel[3]]) if kernel else None
    return [tuple(output)]


register_op(
    "DepthwiseConv2dNative",
    inputs="input: T, filter: T",
    outputs="output: T",
    attrs="T: {half, bfloat16, float, double}, strides: list(int), " + _STEPS,
    shape=_depthwise_shape,
    flops=_conv2d_flops,
    wrapper="depthwise_conv2d",
    doc="The cross-correlation of each channel of images with filters of its own [height, width, channels, filters of "
    "a channel]; what comes of one channel lies side by side.",
)


def _transposed_shape(call: Call) -> Shapes:
    _check_steps(call)
    channel = channel_axis(call.attrs["data_format"])
    kernel, given = call.rank(1, 4), with_rank(call, 2)
    if kernel and given and None not in (kernel[3], given[channel]) and kernel[3] != given[channel]:
        raise call.fail(f"the filter {show(kernel)} makes {kernel[3]} channels, found {show(given)}")
    output = _output_of_transposed(call, kernel, given)
    if kernel and None not in (kernel[2], output[channel]):
        _check_channels(call, output[channel], kernel[2], kernel[3])
    expected = slid(call, output, _spans(call, kernel))
    for axis in (0, *spatial_axes(call.attrs["data_format"])):
        if given and None not in (given[axis], expected[axis]) and given[axis] != expected[axis]:
            raise call.fail(
                f"a convolution of {show(output)} has size {expected[axis]} along axis {axis}, found {show(given)}"
            )
    return [output]


def _output_of_transposed(call: Call, kernel: Shape, given: Shape) -> tuple[int | None, ...]:
    """What input_sizes says: all four sizes, or height and width."""
    channel, spatial = channel_axis(call.attrs["data_format"]), spatial_axes(call.attrs["data_format"])
    sizes, output = static_vector(call, 0), [given[0] if given else None, None, None, None]
    if sizes is None:
        return tuple(output)
    if len(sizes) not in (2, 4) or any(d < 0 for d in sizes):
        raise call.fail(f"input_sizes must be the 4 sizes of an image, or its height and width, found {list(sizes)}")
    if len(sizes) == 4:
        return sizes
    output[channel] = kernel[2] if kernel else None
    output[spatial[0]], output[spatial[1]] = sizes
    return tuple(output)


register_op(
    "Conv2DBackpropInput",
    inputs="input_sizes: int32, filter: T, out_backprop: T",
    outputs="output: T",
    attrs="T: {half, bfloat16, float, double, int32}, strides: list(int), use_cudnn_on_gpu: bool = true, " + _STEPS,
    shape=_transposed_shape,
    flops=lambda call, outputs: _products(call, outputs[0]),
    wrapper="conv2d_backprop_input",
    doc="The transposed convolution: the gradient of a convolution with respect to its images, whose shape (or height "
    "and width) is input_sizes.",
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
