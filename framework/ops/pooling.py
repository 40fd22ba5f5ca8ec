"""Pooling over windows of images."""

from __future__ import annotations

from framework.graph import Call, register_op
from framework.ops.inference import Shapes, product
from framework.ops.signatures import FLOATS
from framework.ops.windows import FORMATS, channel_axis, check_windows, slid, with_rank


def _pool_shape(call: Call) -> Shapes:
    check_windows(call, "ksize")
    channel = channel_axis(call.attrs["data_format"])
    for name in ("ksize", "strides"):
        if any(call.attrs[name][axis] != 1 for axis in (0, channel)):
            raise call.fail(f"attribute '{name}' must be 1 for batch and channels, found {list(call.attrs[name])}")
    image = with_rank(call, 0) or (None,) * 4
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
