"""Blocks of an image's pixels as channels, and back."""

from __future__ import annotations

from framework.graph import Call, register_op
from framework.graph.shapes import show
from framework.ops.inference import Shapes, no_flops
from framework.ops.windows import FORMATS, channel_axis, spatial_axes, with_rank


def _space_to_depth_shape(call: Call) -> Shapes:
    block, sides, channels = _layout(call)
    return _resized(call, dict.fromkeys(sides, block), {channels: block * block})


def _depth_to_space_shape(call: Call) -> Shapes:
    block, sides, channels = _layout(call)
    return _resized(call, {channels: block * block}, dict.fromkeys(sides, block))


def _layout(call: Call) -> tuple[int, tuple[int, ...], int]:
    data_format = call.attrs["data_format"]
    return call.attrs["block_size"], spatial_axes(data_format), channel_axis(data_format)


def _resized(call: Call, divisors: dict[int, int], factors: dict[int, int]) -> Shapes:
    """The image with some axes divided and others multiplied."""
    image = list(with_rank(call, 0) or (None,) * 4)
    for axis, dim in enumerate(image):
        if dim is not None:
            divisor = divisors.get(axis, 1)
            if dim % divisor:
                raise call.fail(f"axis {axis} of {show(call.shapes[0])} has size {dim}, no multiple of {divisor}")
            image[axis] = dim // divisor * factors.get(axis, 1)
    return [tuple(image)]


for _name, _shape, _doc in (
    (
        "SpaceToDepth",
        _space_to_depth_shape,
        "Images in which each block of block_size x block_size pixels is one pixel of as many times more channels.",
    ),
    (
        "DepthToSpace",
        _depth_to_space_shape,
        "Images in which each pixel is a block of block_size x block_size pixels with as many times fewer channels: "
        "the inverse of SpaceToDepth.",
    ),
):
    register_op(
        _name,
        inputs="input: T",
        outputs="output: T",
        attrs=f"T: type, block_size: int >= 2, data_format: {FORMATS} = 'NHWC'",
        shape=_shape,
        flops=no_flops,
        doc=_doc,
    )
