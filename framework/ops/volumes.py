"""Convolution over volumes."""

from __future__ import annotations

from framework.graph import Call, register_op
from framework.graph.shapes import show
from framework.ops.inference import Shapes, product, static_vector
from framework.ops.windows import channel_axis, check_windows, reads, slid, span, spatial_axes, with_rank


def _conv3d_shape(call: Call) -> Shapes:
    check_windows(call, "dilations")
    channel = channel_axis(call.attrs["data_format"])
    for name in ("strides", "dilations"):
        if any(call.attrs[name][axis] != 1 for axis in (0, channel)):
            raise call.fail(f"attribute '{name}' must be 1 for batch and channels, found {list(call.attrs[name])}")
    volume, kernel = with_rank(call, 0), call.rank(1, 5)
    if (
        volume
        and kernel
        and None not in (volume[channel], kernel[3])
        and (kernel[3] == 0 or (volume[channel] or 0) % (kernel[3] or 1))
    ):
        raise call.fail(
            f"the {volume[channel]} channels of the input must be a multiple of the {kernel[3]} that the filter "
            f"{show(kernel)} reads"
        )
    spans: list[int | None] = [1] * 5
    for axis, window in zip(
        spatial_axes(call.attrs["data_format"]), kernel[:3] if kernel else (None,) * 3, strict=True
    ):
        spans[axis] = None if window is None else span(window, call.attrs["dilations"][axis])
    output = list(slid(call, volume or (None,) * 5, spans))
    output[channel] = kernel[4] if kernel else None
    return [tuple(output)]


def _conv3d_flops(call: Call, outputs: Shapes) -> int | None:
    volume, kernel = call.shapes[0], call.shapes[1]
    if volume is None or kernel is None or None in volume or None in kernel:
        return None
    windows, channel = [1] * 5, channel_axis(call.attrs["data_format"])
    for axis, window in zip(spatial_axes(call.attrs["data_format"]), kernel, strict=False):
        windows[axis] = window or 0
    of_one_channel = [1 if axis == channel else d or 0 for axis, d in enumerate(volume)]
    return product([2, reads(call.attrs, of_one_channel, windows, call.attrs["dilations"]), *kernel[3:]])


register_op(
    "Conv3D",
    inputs="input: T, filter: T",
    outputs="output: T",
    attrs="T: {half, bfloat16, float, double}, strides: list(int) >= 5, padding: {'SAME', 'VALID'}, "
    "data_format: {'NDHWC', 'NCDHW'} = 'NDHWC', dilations: list(int) = [1, 1, 1, 1, 1]",
    shape=_conv3d_shape,
    flops=_conv3d_flops,
    wrapper="conv3d",
    doc="The cross-correlation of volumes with filters [depth, height, width, channels of a group, filters].",
)


def _transposed_shape(call: Call) -> Shapes:
    check_windows(call, "dilations")
    sizes, kernel, given = static_vector(call, 0), call.rank(1, 5), with_rank(call, 2)
    if sizes is None:
        return [(None,) * 5]
    if len(sizes) != 5 or any(d < 0 for d in sizes):
        raise call.fail(f"input_sizes must be the 5 sizes of a volume, found {list(sizes)}")
    channel, spatial = channel_axis(call.attrs["data_format"]), spatial_axes(call.attrs["data_format"])
    if kernel and kernel[3] and sizes[channel] % kernel[3]:
        raise call.fail(f"the {sizes[channel]} channels must be a multiple of those of the filter {show(kernel)}")
    spans: list[int | None] = [1] * 5
    for axis, window in zip(spatial, kernel[:3] if kernel else (None,) * 3, strict=True):
        spans[axis] = None if window is None else span(window, call.attrs["dilations"][axis])
    expected = list(slid(call, sizes, spans))
    expected[channel] = kernel[4] if kernel else None
    for axis, wanted in enumerate(expected):
        if given and None not in (given[axis], wanted) and given[axis] != wanted:
            raise call.fail(f"a convolution of {show(sizes)} has size {wanted} along axis {axis}, found {show(given)}")
    return [sizes]


def _transposed_flops(call: Call, outputs: Shapes) -> int | None:
    given, kernel = call.shapes[2], call.shapes[1]
    if given is None or kernel is None:
        return None
    places = [given[axis] for axis in (0, *spatial_axes(call.attrs["data_format"]))]
    return product([2, *places, *kernel])


register_op(
    "Conv3DBackpropInputV2",
    inputs="input_sizes: Tshape, filter: T, out_backprop: T",
    outputs="output: T",
    attrs="T: {half, bfloat16, float, double}, strides: list(int) >= 5, padding: {'SAME', 'VALID'}, "
    "data_format: {'NDHWC', 'NCDHW'} = 'NDHWC', dilations: list(int) = [1, 1, 1, 1, 1], "
    "Tshape: {int32, int64} = int32",
    shape=_transposed_shape,
    flops=_transposed_flops,
    wrapper="conv3d_backprop_input",
    doc="The transposed convolution of volumes: the gradient of a convolution with respect to its input, whose shape "
    "is input_sizes.",
)
