"""Gradients of convolution, pooling and normalisation, as the graphs of training programs hold them."""

from __future__ import annotations

from framework.graph import Call, register_op
from framework.graph.shapes import merge, show
from framework.ops.inference import Shapes, at_least_rank, described_shape, input_flops, product
from framework.ops.signatures import FLOATS, NUMBERS, REALS
from framework.ops.windows import FORMATS, channel_axis, check_windows, reads, spatial_axes, with_rank


def _bias_add_grad_shape(call: Call) -> Shapes:
    shape = at_least_rank(call, 0, 2)
    return [(None if shape is None else shape[1 if call.attrs["data_format"] == "NCHW" else -1],)]


register_op(
    "BiasAddGrad",
    inputs="out_backprop: T",
    outputs="output: T",
    attrs=f"T: {NUMBERS}, data_format: {FORMATS} = 'NHWC'",
    shape=_bias_add_grad_shape,
    flops=input_flops(),
    doc="The gradient of BiasAdd for its bias: the sum over every axis but that of the channels.",
)

_STEPS = (
    "padding: {'SAME', 'VALID', 'EXPLICIT'}, explicit_paddings: list(int) = [], "
    f"data_format: {FORMATS} = 'NHWC', dilations: list(int) = [1, 1, 1, 1]"
)


def _filter_shape(call: Call) -> Shapes:
    check_windows(call, "dilations")
    with_rank(call, 0)
    with_rank(call, 2)
    call.rank(1, 1)
    sizes = described_shape(call, 1)
    if sizes is not None and len(sizes) != 4:
        raise call.fail(f"filter_sizes must be the 4 sizes of a filter, found {show(sizes)}")
    return [sizes or (None,) * 4]


def _filter_flops(call: Call, outputs: Shapes) -> int | None:
    image, kernel = call.shapes[0], outputs[0]
    if image is None or kernel is None or None in image or None in kernel:
        return None
    windows, channels = [1] * 4, channel_axis(call.attrs["data_format"])
    for axis, window in zip(spatial_axes(call.attrs["data_format"]), kernel, strict=False):
        windows[axis] = window or 0
    of_one_channel = [1 if axis == channels else d or 0 for axis, d in enumerate(image)]
    return product([2, reads(call.attrs, of_one_channel, windows, call.attrs["dilations"]), *kernel[2:]])


for _name, _attrs, _of in (
    ("Conv2DBackpropFilter", f"strides: list(int), use_cudnn_on_gpu: bool = true, {_STEPS}", "Conv2D"),
    ("DepthwiseConv2dNativeBackpropFilter", f"strides: list(int), {_STEPS}", "DepthwiseConv2dNative"),
):
    register_op(
        _name,
        inputs="input: T, filter_sizes: int32, out_backprop: T",
        outputs="output: T",
        attrs=f"T: {FLOATS}, {_attrs}",
        shape=_filter_shape,
        flops=_filter_flops,
        wrapper="conv2d_backprop_filter" if _of == "Conv2D" else "depthwise_conv2d_backprop_filter",
        doc=f"The gradient of {_of} for its filter, whose shape is filter_sizes.",
    )


def _input_shape(call: Call) -> Shapes:
    check_windows(call, "dilations")
    call.rank(1, 4)
    with_rank(call, 2)
    sizes = described_shape(call, 0)
    if sizes is not None and len(sizes) != 4:
        raise call.fail(f"input_sizes must be the 4 sizes of a batch of images, found {show(sizes)}")
    return [sizes or (None,) * 4]


register_op(
    "DepthwiseConv2dNativeBackpropInput",
    inputs="input_sizes: int32, filter: T, out_backprop: T",
    outputs="output: T",
    attrs=f"T: {FLOATS}, strides: list(int), {_STEPS}",
    shape=_input_shape,
    flops=lambda call, outputs: product([2, *(call.shapes[2] or (None,)), *(call.shapes[1] or (None,))[:2]]),
    wrapper="depthwise_conv2d_backprop_input",
    doc="The gradient of DepthwiseConv2dNative for its images, whose shape is input_sizes.",
)


def _max_pool_grad_shape(call: Call) -> Shapes:
    check_windows(call, "ksize")
    merge(with_rank(call, 1), with_rank(call, 2))
    return [with_rank(call, 0)]


def _average_pool_grad_shape(call: Call) -> Shapes:
    check_windows(call, "ksize")
    with_rank(call, 1)
    call.rank(0, 1)
    sizes = described_shape(call, 0)
    if sizes is not None and len(sizes) != 4:
        raise call.fail(f"orig_input_shape must be the 4 sizes of an image, found {show(sizes)}")
    return [sizes or (None,) * 4]


def _pool_flops(call: Call, outputs: Shapes) -> int | None:
    given = call.shapes[-1]
    return None if given is None else product([*given, *call.attrs["ksize"]])


register_op(
    "MaxPoolGrad",
    inputs="orig_input: T, orig_output: T, grad: T",
    outputs="output: T",
    attrs="ksize: list(int) >= 4, strides: list(int) >= 4, padding: {'SAME', 'VALID', 'EXPLICIT'}, "
    f"explicit_paddings: list(int) = [], data_format: {FORMATS} = 'NHWC', T: {REALS} = float",
    shape=_max_pool_grad_shape,
    flops=_pool_flops,
    doc="The gradient of MaxPool: that of each window goes to the first of its greatest elements.",
)
register_op(
    "AvgPoolGrad",
    inputs="orig_input_shape: int32, grad: T",
    outputs="output: T",
    attrs="ksize: list(int) >= 4, strides: list(int) >= 4, padding: {'SAME', 'VALID'}, "
    f"data_format: {FORMATS} = 'NHWC', T: {FLOATS}",
    shape=_average_pool_grad_shape,
    flops=_pool_flops,
    doc="The gradient of AvgPool for images of shape orig_input_shape.",
)


def _batch_norm_grad_shape(call: Call) -> Shapes:
    image = merge(with_rank(call, 0), with_rank(call, 1))
    channels = (None if image is None else image[channel_axis(call.attrs["data_format"])],)
    for index in (2, 3, 4):
        channels = merge(channels, call.rank(index, 1))
    return [image, channels, channels, (0,), (0,)]


_FORMATS_3D = "{'NHWC', 'NCHW', 'NDHWC', 'NCDHW'}"
for _name, _types, _scale, _kind, _formats, _wrapper in (
    ("FusedBatchNormGrad", "T: {float}", "T", "T", FORMATS, "fused_batch_norm_grad_v1"),
    (
        "FusedBatchNormGradV2",
        "T: {half, bfloat16, float}, U: {float}",
        "float",
        "U",
        FORMATS,
        "fused_batch_norm_grad_v2",
    ),
    (
        "FusedBatchNormGradV3",
        "T: {half, bfloat16, float}, U: {float}",
        "float",
        "U",
        _FORMATS_3D,
        "fused_batch_norm_grad",
    ),
):
    _third = ", reserve_space_3: U" if _name.endswith("V3") else ""
    _numbers = (4, 5) if _third else (3, 4)
    register_op(
        _name,
        inputs=f"y_backprop: T, x: T, scale: {_scale}, reserve_space_1: {_kind}, reserve_space_2: {_kind}{_third}",
        outputs=f"x_backprop: T, scale_backprop: {_kind}, offset_backprop: {_kind}, "
        + ", ".join(f"reserve_space_{number}: {_kind}" for number in _numbers),
        attrs=f"{_types}, epsilon: float = 9.999999747378752e-05, data_format: {_formats} = 'NHWC', "
        "is_training: bool = true",
        shape=_batch_norm_grad_shape,
        flops=input_flops(8),
        wrapper=_wrapper,
        doc="The gradients of a batch normalisation for its input, scale and offset. The first two reserved spaces are "
        "the mean and the biased variance that it was made with; those that come out are empty.",
    )
