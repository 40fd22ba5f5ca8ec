"""Images seen through a projective transform: shifted, turned, stretched, mirrored."""

from __future__ import annotations

from framework.graph import Call, register_op
from framework.graph.shapes import merge_dim, show, size
from framework.ops.inference import Shapes, static_vector

_FLOPS_A_PIXEL = 15  # where it comes from
_FLOPS_AN_ELEMENT = {"NEAREST": 0, "BILINEAR": 9}
_ALLOWED = {"interpolation": (*_FLOPS_AN_ELEMENT,), "fill_mode": ("CONSTANT", "NEAREST", "REFLECT", "WRAP")}


def _projected_shape(call: Call) -> Shapes:
    for attr, allowed in _ALLOWED.items():
        if call.attrs[attr] not in allowed:
            raise call.fail(f"attribute '{attr}' must be one of {', '.join(allowed)}, found {call.attrs[attr]!r}")
    images, transforms = call.rank(0, 4), call.rank(1, 2)
    batch = images[0] if images else None
    if transforms is not None:
        if transforms[1] not in (8, None):
            raise call.fail(f"a transform has 8 numbers, found transforms {show(transforms)}")
        if transforms[0] not in (1, None):  # a single one serves all images
            batch = merge_dim(batch, transforms[0])
    if call.shapes[2] not in (None, (2,), (None,)):
        raise call.fail(f"output_shape must be height and width, found a tensor {show(call.shapes[2])}")
    height, width = static_vector(call, 2) or (None, None)
    if any(side is not None and side < 1 for side in (height, width)):
        raise call.fail(f"output_shape must be a height and width of at least 1, found {[height, width]}")
    if call.shapes[3] not in (None, ()):
        raise call.fail(f"fill_value must be a single number, found a tensor {show(call.shapes[3])}")
    return [(batch, height, width, images[3] if images else None)]


def _projected_flops(call: Call, outputs: Shapes) -> int | None:
    elements, pixels = size(outputs[0]), size(outputs[0][:3] if outputs[0] else None)
    if elements is None or pixels is None:
        return None
    return _FLOPS_A_PIXEL * pixels + _FLOPS_AN_ELEMENT[call.attrs["interpolation"]] * elements


register_op(
    "ImageProjectiveTransformV3",
    inputs="images: dtype, transforms: float, output_shape: int32, fill_value: float",
    outputs="transformed_images: dtype",
    attrs="dtype: {uint8, int32, int64, half, bfloat16, float, double}, interpolation: string, "
    "fill_mode: string = 'CONSTANT'",
    shape=_projected_shape,
    flops=_projected_flops,
    doc="Images whose pixel (x, y) is that of the input at ((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k), "
    "k = c0 x + c1 y + 1, for the transform [a0, a1, a2, b0, b1, b2, c0, c1] of each image, or one for all. "
    "interpolation is NEAREST or BILINEAR; fill_mode says what lies outside: CONSTANT (fill_value), NEAREST (the "
    "edge), REFLECT (mirrored, edges twice) or WRAP.",
)
