"""Reductions of the rows that belong together: segments of a tensor, and counts of values."""

from __future__ import annotations

import numpy as np

from framework.errors import GraphError
from framework.graph import Call, register_op
from framework.graph.shapes import Dim, Shape, merge, merge_dim, show
from framework.ops.inference import Shapes, at_least_rank, input_flops, static_scalar
from framework.ops.signatures import INDICES, NUMBERS, REALS, SMALL_INDICES

# -- sorted: the segments are as many as the last row says ----------------------------------------------------------


def _segment_shape(call: Call) -> Shapes:
    data, ids = at_least_rank(call, 0, 1), call.rank(1, 1)
    if data is not None and ids is not None:
        merge_dim(data[0], ids[0], data, ids)
    known = call.constants[1]
    return [data and (None if known is None else segment_count(known), *data[1:])]


def segment_count(ids: np.ndarray) -> int:
    """How many segments sorted numbers name. Raises GraphError for numbers that fall or are negative."""
    if ids.size and (ids[0] < 0 or (np.diff(ids) < 0).any()):
        raise GraphError(f"'segment_ids' must be at least 0 and never fall, found {_few(ids)}")
    return int(ids[-1]) + 1 if ids.size else 0


def _few(numbers: np.ndarray) -> str:
    """Some numbers as text; the first of them when there are many."""
    flat = numbers.reshape(-1)
    return f"[{', '.join(str(n) for n in flat[:8])}{', ...' * (flat.size > 8)}]"


for _name, _types, _what, _none in (
    ("Sum", NUMBERS, "Sums", "0"),
    ("Prod", NUMBERS, "Products", "1"),
    ("Mean", NUMBERS, "Means", "0"),
    ("Max", REALS, "Greatest elements", "0"),
    ("Min", REALS, "Least elements", "0"),
):
    register_op(
        f"Segment{_name}",
        inputs="data: T, segment_ids: Tindices",
        outputs="output: T",
        attrs=f"T: {_types}, Tindices: {INDICES}",
        shape=_segment_shape,
        flops=input_flops(),
        doc=f"{_what} of the rows of each segment: row k belongs to segment segment_ids[k], and these never fall. "
        f"A segment without rows gives {_none}. There are as many segments as the last number says: where it is "
        "computed, the op runs by itself, outside of compiled programs.",
    )


# -- unsorted: their number is given --------------------------------------------------------------------------------


def _unsorted_segment_shape(call: Call) -> Shapes:
    data, ids, count = call.shapes[0], call.shapes[1], static_scalar(call, 2)
    if count is not None and count < 0:
        raise call.fail(f"'num_segments' must be at least 0, found {count}")
    numbers = call.constants[1]
    if numbers is not None and count is not None and numbers.size and numbers.max() >= count:
        raise call.fail(f"'segment_ids' holds {numbers.max()}, but there are {count} segments")
    if data is None or ids is None:
        return [None]
    if len(ids) > len(data):
        raise call.fail(f"'segment_ids' {show(ids)} must have the first axes of 'data' {show(data)}")
    merge(ids, data[: len(ids)])
    return [(count, *data[len(ids) :])]


for _name, _types, _indices, _what, _none in (
    ("Sum", NUMBERS, SMALL_INDICES, "Sums", "0"),
    ("Prod", NUMBERS, INDICES, "Products", "1"),
    ("Max", REALS, INDICES, "Greatest elements", "the least finite number"),
    ("Min", REALS, INDICES, "Least elements", "the greatest finite number"),
):
    register_op(
        f"UnsortedSegment{_name}",
        inputs="data: T, segment_ids: Tindices, num_segments: Tnumsegments",
        outputs="output: T",
        attrs=f"T: {_types}, Tindices: {_indices}, Tnumsegments: {INDICES} = int32",
        shape=_unsorted_segment_shape,
        flops=input_flops(),
        doc=f"{_what} of the parts of each segment; `segment_ids` holds the segment of each, for the first axes of "
        f"`data`. Those with a negative number belong to none, nor do numbers that are too large, as on TensorFlow's "
        f"GPU. A segment without parts gives {_none}.",
    )


# -- counts ---------------------------------------------------------------------------------------------------------


def _bin_count(call: Call) -> Dim:
    size = static_scalar(call, 1)
    if size is not None and size < 0:
        raise call.fail(f"'size' must be at least 0, found {size}")
    values = call.constants[0]
    if values is not None and values.size and values.min() < 0:
        raise call.fail(f"'{call.op.input_name(0)}' must hold numbers of at least 0, found {values.min()}")
    return size


def _check_weights(call: Call) -> None:
    values, weights = call.shapes[0], call.shapes[2]
    if weights is not None and not {0, None} & set(weights):  # it may be that none are given
        merge(values, weights)


def _bincount_shape(call: Call) -> Shapes:
    _check_weights(call)
    return [(_bin_count(call),)]


def _dense_bincount_shape(call: Call) -> Shapes:
    _check_weights(call)
    values: Shape = call.rank(0, 1, 2)
    return [None if values is None else (*values[:-1], _bin_count(call))]


_WEIGHTS = (
    "or the sum of `weights` where these are not empty. Values of `size` and more, and negative ones, are left out"
)
_BIN_TYPES = "{int32, int64, float, double}"

register_op(
    "Bincount",
    inputs="arr: int32, size: int32, weights: T",
    outputs="bins: T",
    attrs=f"T: {_BIN_TYPES}",
    shape=_bincount_shape,
    flops=input_flops(),
    doc=f"How often each of the numbers below `size` occurs, {_WEIGHTS}.",
)
register_op(
    "DenseBincount",
    inputs="input: Tidx, size: Tidx, weights: T",
    outputs="output: T",
    attrs=f"Tidx: {INDICES}, T: {_BIN_TYPES}, binary_output: bool = false",
    shape=_dense_bincount_shape,
    flops=input_flops(),
    doc=f"How often each of the numbers below `size` occurs in a vector or in each row of a matrix, {_WEIGHTS}. With "
    "`binary_output`, 1 for those that occur.",
)
