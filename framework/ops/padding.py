"""Tensors with more around them."""

from __future__ import annotations

from framework.graph import Call, register_op
from framework.graph.shapes import show
from framework.ops.inference import Shapes, no_flops, unknown_of_length
from framework.ops.signatures import INDICES


def _pad_shape(call: Call) -> Shapes:
    shape, paddings, amounts = call.shapes[0], call.rank(1, 2), call.constants[1]
    if paddings is not None and paddings[1] not in (2, None):
        raise call.fail(f"'paddings' must have shape [rank, 2], found {show(paddings)}")
    rank = unknown_of_length(paddings and paddings[:1])
    if shape is not None and rank is not None and len(rank) != len(shape):
        raise call.fail(f"'paddings' has {len(rank)} rows, but {show(shape)} has {len(shape)} axes")
    if shape is None or amounts is None:
        return [rank if shape is None else (None,) * len(shape)]
    if (amounts < 0).any():
        raise call.fail(f"'paddings' must be at least 0, found {amounts.tolist()}")
    return [tuple(None if d is None else d + int(sum(row)) for d, row in zip(shape, amounts, strict=True))]


def _pad_v2_shape(call: Call) -> Shapes:
    call.rank(2, 0)
    return _pad_shape(call)


def _mirror_pad_shape(call: Call) -> Shapes:
    result, shape, amounts = _pad_shape(call), call.shapes[0], call.constants[1]
    spared = 1 if call.attrs["mode"] == "REFLECT" else 0  # the edge itself is not mirrored
    for axis, (dim, row) in enumerate(zip(shape or (), () if amounts is None else amounts, strict=False)):
        if dim is not None and row.max() > max(dim - spared, 0):
            raise call.fail(
                f"axis {axis} of {show(shape)} can be mirrored by at most {max(dim - spared, 0)} elements "
                f"({call.attrs['mode']}), found 'paddings' {row.tolist()}"
            )
    return result


register_op(
    "Pad",
    inputs="input: T, paddings: Tpaddings",
    outputs="output: T",
    attrs=f"T: type, Tpaddings: {INDICES} = int32",
    shape=_pad_shape,
    flops=no_flops,
    doc="Adds zeros around: paddings[k] is how many before and behind axis k.",
)
register_op(
    "PadV2",
    inputs="input: T, paddings: Tpaddings, constant_values: T",
    outputs="output: T",
    attrs=f"T: type, Tpaddings: {INDICES} = int32",
    shape=_pad_v2_shape,
    flops=no_flops,
    wrapper="pad_v2",
    doc="Adds one value around: paddings[k] is how many before and behind axis k.",
)
register_op(
    "MirrorPad",
    inputs="input: T, paddings: Tpaddings",
    outputs="output: T",
    attrs=f"T: type, Tpaddings: {INDICES} = int32, mode: {{'REFLECT', 'SYMMETRIC'}}",
    shape=_mirror_pad_shape,
    flops=no_flops,
    doc="Adds around what lies inside, mirrored: paddings[k] is how many before and behind axis k. REFLECT leaves the "
    "edge itself out, SYMMETRIC repeats it.",
)
