"""Ops that write what TensorBoard shows: each gives a Summary message as a string."""

from __future__ import annotations

from framework.graph import Call, register_op
from framework.graph.dtypes import uint8
from framework.graph.shapes import merge, show
from framework.ops.inference import Shapes, no_flops
from framework.ops.signatures import REALS


def _scalar_summary_shape(call: Call) -> Shapes:
    merge(*call.shapes)
    return [()]


def _tagged_shape(call: Call) -> Shapes:
    call.rank(0, 0)
    return [()]


def _image_summary_shape(call: Call) -> Shapes:
    shape, bad_color = call.rank(1, 4), call.attrs["bad_color"]
    call.rank(0, 0)
    if bad_color.dtype != uint8.numpy or bad_color.ndim != 1:
        raise call.fail(f"'bad_color' must be a vector of uint8, found {bad_color.dtype}{show(bad_color.shape)}")
    if shape is not None and shape[3] is not None:
        if shape[3] not in (1, 3, 4):
            raise call.fail(f"'tensor' {show(shape)} must have 1, 3 or 4 channels")
        if bad_color.size < shape[3]:
            raise call.fail(f"'bad_color' has {bad_color.size} numbers, but {show(shape)} {shape[3]} channels")
    return [()]


def _merge_summary_shape(call: Call) -> Shapes:
    return [()]


register_op(
    "ScalarSummary",
    inputs="tags: string, values: T",
    outputs="summary: string",
    attrs=f"T: {REALS}",
    shape=_scalar_summary_shape,
    traceable=False,
    flops=no_flops,
    doc="A summary of the numbers `values`, each under the tag at its position.",
)
register_op(
    "HistogramSummary",
    inputs="tag: string, values: T",
    outputs="summary: string",
    attrs=f"T: {REALS} = float",
    shape=_tagged_shape,
    traceable=False,
    flops=no_flops,
    doc="A summary of how the numbers in `values` are distributed. The run fails where one is not finite.",
)
register_op(
    "ImageSummary",
    inputs="tag: string, tensor: T",
    outputs="summary: string",
    attrs="max_images: int >= 1 = 3, T: {uint8, float, half, double} = float, "
    "bad_color: tensor = uint8[255, 0, 0, 255]",
    shape=_image_summary_shape,
    traceable=False,
    flops=no_flops,
    doc="A summary of the first `max_images` images of `tensor` `[batch, height, width, channels]`, under the tags "
    "`tag/image/0`, `tag/image/1`, ... Images of floating-point numbers are scaled to 0..255, one by one: from 0 to "
    "the largest, or around 128 where there are negative ones. Pixels that are not finite take `bad_color`.",
)
register_op(
    "TensorSummaryV2",
    inputs="tag: string, tensor: T, serialized_summary_metadata: string",
    outputs="summary: string",
    attrs="T: type",
    shape=_tagged_shape,
    traceable=False,
    flops=no_flops,
    doc="A summary of a tensor as it is, for the part of TensorBoard that the metadata names.",
)
register_op(
    "MergeSummary",
    inputs="inputs: N * string",
    outputs="summary: string",
    attrs="N: int >= 1",
    shape=_merge_summary_shape,
    traceable=False,
    flops=no_flops,
    doc="All values of several summaries in one. The run fails where two have one tag.",
)
