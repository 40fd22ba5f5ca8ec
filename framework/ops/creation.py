"""Tensors made of a few numbers: filled, counted up, one-hot."""

from __future__ import annotations

import numpy as np

from framework.graph import Call, register_op
from framework.graph.shapes import normalize_axes
from framework.ops.inference import (
    Shapes,
    described_shape,
    no_flops,
    product,
    quiet,
    static_scalar,
    unchanged,
)
from framework.ops.signatures import FLOATS, INDICES, NUMBERS


def _fill_shape(call: Call) -> Shapes:
    call.rank(1, 0)
    return [described_shape(call, 0)]


register_op(
    "Fill",
    inputs="dims: index_type, value: T",
    outputs="output: T",
    attrs=f"T: type, index_type: {INDICES} = int32",
    shape=_fill_shape,
    fold=lambda attrs, dims, value: np.broadcast_to(value, [int(d) for d in dims]),
    flops=no_flops,
    doc="A tensor of shape `dims` in which every element is `value`.",
)


def _count(start: np.ndarray, limit: np.ndarray, delta: np.ndarray) -> int:
    """How many numbers `count_up` gives, without making them."""
    if start.dtype.kind in "iu":
        return -((start.item() - limit.item()) // delta.item())
    return int(np.ceil((limit - start) / delta))


def count_up(start: np.ndarray, limit: np.ndarray, delta: np.ndarray) -> np.ndarray:
    """start, start + delta, ... up to but without limit, in the type of the arguments."""
    return start + np.arange(_count(start, limit, delta)).astype(start.dtype) * delta


def _range_shape(call: Call) -> Shapes:
    for index in range(3):
        call.rank(index, 0)
    start, limit, delta = call.constants
    if delta is not None and delta == 0:
        raise call.fail("'delta' must not be 0")
    if start is None or limit is None or delta is None:
        return [(None,)]
    if (delta > 0 and start > limit) or (delta < 0 and start < limit):
        raise call.fail(f"'limit' {limit} cannot be reached from 'start' {start} in steps of {delta}")
    return [(_count(start, limit, delta),)]


register_op(
    "Range",
    inputs="start: Tidx, limit: Tidx, delta: Tidx",
    outputs="output: Tidx",
    attrs="Tidx: {bfloat16, half, float, double, int8, int16, int32, int64, uint16, uint32, uint64} = int32",
    shape=_range_shape,
    fold=quiet(count_up),
    flops=no_flops,
    doc="start, start + delta, ... up to but without limit.",
)


def _linspace_shape(call: Call) -> Shapes:
    call.rank(0, 0)
    call.rank(1, 0)
    number = static_scalar(call, 2)
    if number is not None and number < 1:
        raise call.fail(f"'num' must be at least 1, found {number}")
    return [(number,)]


register_op(
    "LinSpace",
    inputs="start: T, stop: T, num: Tidx",
    outputs="output: T",
    attrs=f"T: {FLOATS}, Tidx: {INDICES} = int32",
    shape=_linspace_shape,
    flops=lambda call, outputs: product([2, *(outputs[0] or (None,))]),
    wrapper="linspace",
    doc="`num` numbers from `start` to and with `stop`, evenly spaced.",
)


def _one_hot_shape(call: Call) -> Shapes:
    indices, depth = call.shapes[0], static_scalar(call, 1)
    call.rank(2, 0)
    call.rank(3, 0)
    if depth is not None and depth < 0:
        raise call.fail(f"'depth' must be at least 0, found {depth}")
    if indices is None:
        return [None]
    (place,) = normalize_axes([call.attrs["axis"]], len(indices) + 1)
    return [(*indices[:place], depth, *indices[place:])]


register_op(
    "OneHot",
    inputs="indices: TI, depth: int32, on_value: T, off_value: T",
    outputs="output: T",
    attrs="axis: int = -1, T: type, TI: {uint8, int8, int32, int64} = int64",
    shape=_one_hot_shape,
    flops=no_flops,
    doc="`on_value` at the positions `indices` of a new axis of size `depth`, and `off_value` elsewhere.",
)

for _name, _number, _types in (("ZerosLike", 0, "type"), ("OnesLike", 1, NUMBERS.replace("}", ", bool}"))):
    register_op(
        _name,
        inputs="x: T",
        outputs="y: T",
        attrs=f"T: {_types}",
        shape=unchanged,
        flops=no_flops,
        doc=f"A tensor of the shape of x in which every element is {_number}.",
    )
