"""Normalisation over a batch, of each vector by itself, and over neighbouring channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from framework.graph import Call, Tensor, register_op
from framework.graph.shapes import merge_dim, show, size
from framework.ops import wrappers as ops
from framework.ops.inference import Shapes, product
from framework.ops.precision import narrowed, widened
from framework.ops.signatures import FLOATS
from framework.ops.windows import FORMATS, channel_axis, with_rank

_STATISTICS = ("scale", "offset", "mean", "variance")


def _batch_norm_shape(call: Call) -> Shapes:
    attrs = call.attrs
    image = with_rank(call, 0)
    axis = channel_axis(attrs["data_format"])
    channels = None if image is None else image[axis]
    # Without a moving average, training reads neither mean nor variance, and they may be empty.
    reads_statistics = not attrs["is_training"] or attrs["exponential_avg_factor"] != 1.0
    for index, name in enumerate(_STATISTICS[: 4 if reads_statistics else 2], start=1):
        vector = call.rank(index, 1)
        if vector is None:
            continue
        if channels is not None and vector[0] is not None and vector[0] != channels:
            raise call.fail(f"'{name}' has {vector[0]} elements, but {show(image)} has {channels} channels")
        channels = merge_dim(channels, vector[0])
    if image is not None:
        image = (*image[:axis], channels, *image[axis + 1 :])
    return [image, *[(channels,)] * 4, ()][: len(call.op.outputs)]


def _batch_norm_flops(call: Call, outputs: Shapes) -> int | None:
    """A factor and an offset for each element; while training also a sum, and the sum of squared deviations."""
    elements = size(outputs[0])
    return None if elements is None else elements * (6 if call.attrs["is_training"] else 2)


register_op(
    "FusedBatchNormV3",
    inputs="x: T, scale: U, offset: U, mean: U, variance: U",
    outputs="y: T, batch_mean: U, batch_variance: U, reserve_space_1: U, reserve_space_2: U, reserve_space_3: U",
    attrs="T: {half, bfloat16, float}, U: {bfloat16, float}, epsilon: float = 9.999999747378752e-05, "
    "exponential_avg_factor: float = 1.0, data_format: {'NHWC', 'NCHW', 'NDHWC', 'NCDHW'} = 'NHWC', "
    "is_training: bool = true",
    shape=_batch_norm_shape,
    flops=_batch_norm_flops,
    wrapper="fused_batch_norm",
    doc="scale * (x - mean) / sqrt(variance + epsilon) + offset for each channel: by the batch's own statistics when "
    "`is_training`, else by those given. `batch_variance` is unbiased (divided by n - 1); with a factor below 1, "
    "`batch_mean` and `batch_variance` are mixed into those given. `reserve_space_1` and `reserve_space_2` are the "
    "mean and the biased variance that y was made with; `reserve_space_3` is 0.",
)
for _name, _types, _kind, _age in (
    ("FusedBatchNorm", "T: {float}", "T", "the oldest"),
    ("FusedBatchNormV2", "T: {half, bfloat16, float}, U: {float}", "U", "the older"),
):
    register_op(
        _name,
        inputs=f"x: T, scale: {_kind}, offset: {_kind}, mean: {_kind}, variance: {_kind}",
        outputs=f"y: T, batch_mean: {_kind}, batch_variance: {_kind}, reserve_space_1: {_kind}, "
        f"reserve_space_2: {_kind}",
        attrs=f"{_types}, epsilon: float = 9.999999747378752e-05, exponential_avg_factor: float = 1.0, "
        f"data_format: {FORMATS} = 'NHWC', is_training: bool = true",
        shape=_batch_norm_shape,
        flops=_batch_norm_flops,
        wrapper=f"fused_batch_norm_{_name[14:].lower() or 'v1'}",
        doc=f"As FusedBatchNormV3 ({_age} op).",
    )


def _lrn_shape(call: Call) -> Shapes:
    return [call.rank(0, 4)]


def _lrn_flops(call: Call, outputs: Shapes) -> int | None:
    """A square, a factor, an offset, a power and a product for each element, and a product with all channels."""
    image = outputs[0]
    return None if image is None else product([*image, 5 + 2 * (image[3] or 0)])


register_op(
    "LRN",
    inputs="input: T",
    outputs="output: T",
    attrs="depth_radius: int = 5, bias: float = 1.0, alpha: float = 1.0, beta: float = 0.5, "
    "T: {half, bfloat16, float} = float",
    shape=_lrn_shape,
    flops=_lrn_flops,
    doc="Each element of images [batch, height, width, channels] divided by (bias + alpha * sum)^beta, the sum of the "
    "squares at its place over the channels at most `depth_radius` away. Krizhevsky et al., NeurIPS 2012.",
)


def _layer_norm(attrs: Mapping[str, Any], x: Tensor, scale: Tensor, offset: Tensor) -> Tensor:
    wide = widened(x)
    centered = wide - ops.reduce_mean(wide, [-1], keepdims=True)
    variance = ops.reduce_mean(ops.square(centered), [-1], keepdims=True)
    factor = ops.rsqrt(variance + attrs["epsilon"])
    return narrowed(centered * factor * widened(scale) + widened(offset), x)


def _rms_norm(attrs: Mapping[str, Any], x: Tensor, scale: Tensor) -> Tensor:
    wide = widened(x)
    factor = ops.rsqrt(ops.reduce_mean(ops.square(wide), [-1], keepdims=True) + attrs["epsilon"])
    return narrowed(wide * factor * widened(scale), x)


register_op(
    "LayerNorm",
    inputs="x: T, scale: T, offset: T",
    outputs="y: T",
    attrs=f"epsilon: float = 0.0010000000474974513, T: {FLOATS}",
    body=_layer_norm,
    doc="scale * (x - mean) / sqrt(variance + epsilon) + offset, by the mean and the biased variance along the last "
    "axis, which are taken in float32 at least. Ba et al., 2016.",
)
register_op(
    "RmsNorm",
    inputs="x: T, scale: T",
    outputs="y: T",
    attrs=f"epsilon: float = 9.999999974752427e-07, T: {FLOATS}",
    body=_rms_norm,
    doc="scale * x / sqrt(mean(x^2) + epsilon), by the mean along the last axis, which is taken in float32 at least. "
    "Zhang and Sennrich, NeurIPS 2019.",
)
