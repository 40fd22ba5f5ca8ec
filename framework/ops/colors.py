"""Colours of images, whose last axis holds red, green and blue, or hue, saturation and value."""

from __future__ import annotations

from framework.graph import Call, register_op
from framework.graph.shapes import merge_dim, show
from framework.ops.inference import Shapes, at_least_rank, input_flops
from framework.ops.signatures import FLOATS


def _color_shape(call: Call) -> Shapes:
    shape = at_least_rank(call, 0, 1)
    if shape is None:
        return [None]
    if shape[-1] not in (3, None):
        raise call.fail(f"the last axis of 'images' must hold 3 channels, found shape {show(shape)}")
    return [(*shape[:-1], merge_dim(shape[-1], 3))]


for _name, _doc in (
    ("RGBToHSV", "Hue, saturation and value of colours in red, green and blue, all from 0 to 1; a grey has the hue 0."),
    ("HSVToRGB", "Red, green and blue of colours in hue, saturation and value, all from 0 to 1."),
):
    register_op(
        _name,
        inputs="images: T",
        outputs="output: T",
        attrs=f"T: {FLOATS} = float",
        shape=_color_shape,
        flops=input_flops(4),
        doc=_doc,
    )


def _contrast_shape(call: Call) -> Shapes:
    call.rank(1, 0)
    return [at_least_rank(call, 0, 3)]


def _adjusted_shape(call: Call) -> Shapes:
    _contrast_shape(call)
    return _color_shape(call)


for _name, _input, _doc in (
    (
        "AdjustHue",
        "delta",
        "Images of red, green and blue whose hue is moved around its circle, by -1 to 1.",
    ),
    (
        "AdjustSaturation",
        "scale",
        "Images of red, green and blue whose saturation is multiplied, up to 1.",
    ),
):
    register_op(
        _name,
        inputs=f"images: T, {_input}: float",
        outputs="output: T",
        attrs="T: {half, float} = float",
        shape=_adjusted_shape,
        flops=input_flops(8),
        doc=_doc,
    )
register_op(
    "AdjustContrastv2",
    inputs="images: T, contrast_factor: float",
    outputs="output: T",
    attrs="T: {half, float} = float",
    shape=_contrast_shape,
    flops=input_flops(3),
    wrapper="adjust_contrast",
    doc="(x - mean) * contrast_factor + mean, where the mean is that of each channel of each image "
    "`[..., height, width, channels]`.",
)
