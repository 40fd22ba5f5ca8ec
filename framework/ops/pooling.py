"""Pooling over windows of images."""

from __future__ import annotations

from dataclasses import replace

from framework.graph import Call, register_op
from framework.ops.inference import Shapes, product, static_vector
from framework.ops.signatures import FLOATS, REALS
from framework.ops.windows import FORMATS, channel_axis, check_windows, slid, with_rank


def _pool_shape(call: Call) -> Shapes:
    check_windows(call, "ksize")
    channel = channel_axis(call.attrs["data_format"])
    for name in ("ksize", "strides"):
        if any(call.attrs[name][axis] != 1 for axis in (0, channel)):
            raise call.fail(f"attribute '{name}' must be 1 for batch and channels, found {list(call.attrs[name])}")
    image = with_rank(call, 0) or (None,) * len(call.attrs["data_format"])
    return [slid(call, image, call.attrs["ksize"])]


def _pool_flops(call: Call, outputs: Shapes) -> int | None:
    return None if outputs[0] is None else product([*outputs[0], *call.attrs["ksize"]])


register_op(
    "MaxPool",
    inputs="input: T",
    outputs="output: T",
    attrs="T: {half, bfloat16, float, double, int32, int64, uint8, int16, int8, uint16} = float, "
    "ksize: list(int) >= 4, strides: list(int) >= 4, padding: {'SAME', 'VALID', 'EXPLICIT'}, "
    f"explicit_paddings: list(int) = [], data_format: {FORMATS} = 'NHWC'",
    shape=_pool_shape,
    flops=_pool_flops,
    doc="The greatest element of each window; the first of equal ones has the gradient. Padding never wins.",
)
register_op(
    "AvgPool",
    inputs="value: T",
    outputs="output: T",
    attrs="ksize: list(int) >= 4, strides: list(int) >= 4, padding: {'SAME', 'VALID'}, "
    f"data_format: {FORMATS} = 'NHWC', T: {FLOATS}",
    shape=_pool_shape,
    flops=_pool_flops,
    doc="The mean of each window, of the elements inside the image only.",
)


# -- other forms ----------------------------------------------------------------------------------------------------

_VOLUMES = "{'NDHWC', 'NCDHW'} = 'NDHWC'"
_STEPS = "ksize: list(int) >= 5, strides: list(int) >= 5, padding: {'SAME', 'VALID'}"

register_op(
    "MaxPool3D",
    inputs="input: T",
    outputs="output: T",
    attrs=f"{_STEPS}, data_format: {_VOLUMES}, T: {{half, bfloat16, float}}",
    shape=_pool_shape,
    flops=_pool_flops,
    doc="The greatest element of each window of a volume [batch, depth, height, width, channels].",
)
register_op(
    "AvgPool3D",
    inputs="input: T",
    outputs="output: T",
    attrs=f"{_STEPS}, data_format: {_VOLUMES}, T: {FLOATS}",
    shape=_pool_shape,
    flops=_pool_flops,
    doc="The mean of each window of a volume, of the elements inside it only.",
)


def _with_sizes(call: Call) -> Call | None:
    """A call of MaxPoolV2 as one of MaxPool, whose sizes are attributes; None where they are computed."""
    ksize, strides = static_vector(call, 1), static_vector(call, 2)
    if ksize is None or strides is None:
        return None
    return replace(call, attrs={**call.attrs, "ksize": ksize, "strides": strides})


def _sized_pool_shape(call: Call) -> Shapes:
    sized = _with_sizes(call)
    return [(None,) * 4] if sized is None else _pool_shape(sized)


def _sized_pool_flops(call: Call, outputs: Shapes) -> int | None:
    sized = _with_sizes(call)
    return None if sized is None else _pool_flops(sized, outputs)


register_op(
    "MaxPoolV2",
    inputs="input: T, ksize: int32, strides: int32",
    outputs="output: T",
    attrs="T: {half, bfloat16, float, double, int32, int64, uint8, int16, int8, uint16} = float, "
    f"padding: {{'SAME', 'VALID'}}, data_format: {FORMATS} = 'NHWC'",
    shape=_sized_pool_shape,
    flops=_sized_pool_flops,
    doc="MaxPool with its sizes as inputs.",
)


def _argmax_shape(call: Call) -> Shapes:
    (pooled,) = _pool_shape(replace(call, attrs={**call.attrs, "data_format": "NHWC"}))
    return [pooled, pooled]


register_op(
    "MaxPoolWithArgmax",
    inputs="input: T",
    outputs="output: T, argmax: Targmax",
    attrs="ksize: list(int) >= 4, strides: list(int) >= 4, Targmax: {int32, int64} = int64, "
    f"padding: {{'SAME', 'VALID'}}, include_batch_in_index: bool = false, T: {REALS}",
    shape=_argmax_shape,
    flops=_pool_flops,
    doc="MaxPool, and where each maximum was: its position in the flattened image, or with `include_batch_in_index` in "
    "the flattened batch of images.",
)
