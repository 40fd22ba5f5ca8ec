"""Operations on the bits of integers, and of other numbers taken for what their bits say in another type."""

from __future__ import annotations

import numpy as np

from framework.graph import Call, register_op
from framework.graph.shapes import Shape, show
from framework.ops.elementwise import binary, unary
from framework.ops.inference import Shapes, no_flops, unchanged

_INTEGERS = "{int8, int16, int32, int64, uint8, uint16, uint32, uint64}"


def bounded_shift(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """By how many bits TensorFlow shifts x when it is asked for y: from none to all but one."""
    return np.clip(y, 0, 8 * x.dtype.itemsize - 1).astype(x.dtype)


for _name, _doc, _fold in (
    ("BitwiseAnd", "The bits that are set in both x and y", np.bitwise_and),
    ("BitwiseOr", "The bits that are set in x, in y, or in both", np.bitwise_or),
    ("BitwiseXor", "The bits that are set in one of x and y alone", np.bitwise_xor),
    (
        "LeftShift",
        "The bits of x moved up by y places (from 0 to all but one), zeros from below",
        lambda x, y: np.left_shift(x, bounded_shift(x, y)),
    ),
    (
        "RightShift",
        "The bits of x moved down by y places (from 0 to all but one), the sign from above",
        lambda x, y: np.right_shift(x, bounded_shift(x, y)),
    ),
):
    binary(_name, _INTEGERS, f"{_doc}, elementwise, under broadcasting.", _fold)

unary("Invert", _INTEGERS, "The bits that are not set in x, elementwise.", np.invert)
register_op(
    "PopulationCount",
    inputs="x: T",
    outputs="y: uint8",
    attrs=f"T: {_INTEGERS}",
    shape=unchanged,
    doc="How many bits are set, elementwise.",
)

_NUMBERS = (
    "{bfloat16, half, float, double, int64, int32, uint8, uint16, uint32, uint64, int8, int16, complex64, complex128}"
)


def _bitcast_shape(call: Call) -> Shapes:
    shape, source, target = call.shapes[0], call.attrs["T"].size, call.attrs["type"].size
    if shape is None or source == target:
        return [shape]
    if source > target:
        return [(*shape, source // target)]
    return [_without_parts(call, shape, target // source)]


def _without_parts(call: Call, shape: Shape, parts: int) -> Shape:
    if not shape or shape[-1] not in (parts, None):
        wanted, source = call.attrs["type"], call.attrs["T"]
        raise call.fail(f"the last axis of {show(shape)} must hold the {parts} {source} that make one {wanted}")
    return shape[:-1]


register_op(
    "Bitcast",
    inputs="input: T",
    outputs="output: type",
    attrs=f"T: {_NUMBERS}, type: {_NUMBERS}",
    shape=_bitcast_shape,
    flops=no_flops,
    doc="The same bytes as numbers of another type. Elements that become several get an axis for them behind the "
    "others, and where several become one that axis goes. No gradient passes through.",
)
