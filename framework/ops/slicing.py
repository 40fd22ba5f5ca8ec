"""Slices of tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from framework.graph import Call, register_op
from framework.graph.shapes import Dim, Shape, merge, show
from framework.ops.inference import (
    Shapes,
    described_shape,
    no_flops,
    static_vector,
    unknown_of_length,
)
from framework.ops.signatures import INDICES, SMALL_INDICES

Index = int | slice | None


def strided_index(
    attrs: Mapping[str, Any], begin: Sequence[int], end: Sequence[int], strides: Sequence[int], rank: int
) -> tuple[Index, ...]:
    """A StridedSlice as NumPy would write it, one entry for each axis of the input and each new axis (None)."""
    masks = {name: attrs[f"{name}_mask"] for name in ("begin", "end", "ellipsis", "new_axis", "shrink_axis")}

    def is_set(name: str, position: int) -> bool:
        return bool(masks[name] >> position & 1)

    entries = range(len(begin))
    ellipses = [k for k in entries if is_set("ellipsis", k)]
    taken = sum(not is_set("ellipsis", k) and not is_set("new_axis", k) for k in entries)
    rest = [slice(None)] * max(rank - taken, 0)
    index: list[Index] = []
    for k in entries:
        if is_set("ellipsis", k):
            index.extend(rest)
        elif is_set("new_axis", k):
            index.append(None)
        elif is_set("shrink_axis", k):
            index.append(int(begin[k]))
        else:
            start = None if is_set("begin", k) else int(begin[k])
            stop = None if is_set("end", k) else int(end[k])
            index.append(slice(start, stop, int(strides[k])))
    return tuple(index if ellipses else [*index, *rest])


def _strided_slice_shape(call: Call) -> Shapes:
    shape = call.shapes[0]
    begin, end, strides = (static_vector(call, k) for k in (1, 2, 3))
    if not len({len(v) for v in (begin, end, strides) if v is not None}) <= 1:
        raise call.fail("'begin', 'end' and 'strides' must have one length")
    if call.attrs["ellipsis_mask"].bit_count() > 1:
        raise call.fail("attribute 'ellipsis_mask' may have one bit set")
    if shape is None or begin is None or end is None or strides is None:
        return [_unknown_strided_slice(call, shape)]
    if 0 in strides:
        raise call.fail(f"a stride cannot be 0, found {list(strides)}")
    index = strided_index(call.attrs, begin, end, strides, len(shape))
    if sum(entry is not None for entry in index) > len(shape):
        raise call.fail(f"slices more axes than {show(shape)} has")
    result: list[Dim] = []
    axis = 0
    for entry in index:
        if entry is None:
            result.append(1)
            continue
        if isinstance(entry, slice):
            dim = shape[axis]
            result.append(None if dim is None else len(range(*entry.indices(dim))))
        elif shape[axis] is not None and not -(shape[axis] or 0) <= entry < (shape[axis] or 0):
            raise call.fail(f"index {entry} is outside of axis {axis} of {show(shape)}")
        axis += 1
    return [tuple(result)]


def _unknown_strided_slice(call: Call, shape: Shape) -> Shape:
    """The rank of the result, where it follows from the masks although the slices are computed."""
    length = next((s[0] for s in call.shapes[1:] if s is not None), None)
    if shape is None or length is None:
        return None
    placeholder = strided_index(call.attrs, [0] * length, [0] * length, [1] * length, len(shape))
    return tuple(1 if entry is None else None for entry in placeholder if not isinstance(entry, int))


def _strided_slice_fold(
    attrs: Mapping[str, Any], x: np.ndarray, begin: np.ndarray, end: np.ndarray, strides: np.ndarray
) -> np.ndarray:
    return x[strided_index(attrs, begin.tolist(), end.tolist(), strides.tolist(), x.ndim)]


register_op(
    "StridedSlice",
    inputs="input: T, begin: Index, end: Index, strides: Index",
    outputs="output: T",
    attrs=f"T: type, Index: {SMALL_INDICES}, begin_mask: int = 0, end_mask: int = 0, ellipsis_mask: int = 0, "
    "new_axis_mask: int = 0, shrink_axis_mask: int = 0",
    shape=_strided_slice_shape,
    fold=_strided_slice_fold,
    flops=no_flops,
    doc="What Python writes as input[begin:end:strides, ...]. Bit k of a mask speaks of entry k: begin or end is left "
    "out, the entry is an ellipsis, a new axis, or one position whose axis goes away.",
)


def _strided_slice_grad_shape(call: Call) -> Shapes:
    return [described_shape(call, 0)]


register_op(
    "StridedSliceGrad",
    inputs="shape: Index, begin: Index, end: Index, strides: Index, dy: T",
    outputs="output: T",
    attrs="T: type, Index: {int32, int64}, begin_mask: int = 0, end_mask: int = 0, ellipsis_mask: int = 0, "
    "new_axis_mask: int = 0, shrink_axis_mask: int = 0",
    shape=_strided_slice_grad_shape,
    flops=no_flops,
    doc="The gradient of StridedSlice for its input, of this shape: dy where the slice was taken, and 0 elsewhere.",
)


def _slice_shape(call: Call) -> Shapes:
    shape, begin, sizes = call.shapes[0], static_vector(call, 1), static_vector(call, 2)
    rank = unknown_of_length(merge(call.shapes[1], call.shapes[2]))
    if shape is not None:
        rank = merge((None,) * len(shape), rank)
    if sizes is None or rank is None:
        return [rank]
    result = []
    for axis, wanted in enumerate(sizes):
        dim, start = shape[axis] if shape is not None else None, None if begin is None else begin[axis]
        if wanted < -1 or (start is not None and start < 0):
            raise call.fail(f"'begin' must be at least 0 and 'size' at least -1; found {begin} and {sizes}")
        if start is not None and dim is not None and start + max(wanted, 0) > dim:
            raise call.fail(f"{max(wanted, 0)} elements from {start} on are not inside axis {axis} of {show(shape)}")
        rest = None if dim is None or start is None else dim - start
        result.append(rest if wanted == -1 else wanted)
    return [tuple(result)]


def _slice_fold(attrs: Mapping[str, Any], x: np.ndarray, begin: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    return x[tuple(slice(b, None if s == -1 else b + s) for b, s in zip(begin.tolist(), sizes.tolist(), strict=True))]


register_op(
    "Slice",
    inputs="input: T, begin: Index, size: Index",
    outputs="output: T",
    attrs=f"T: type, Index: {INDICES}",
    shape=_slice_shape,
    fold=_slice_fold,
    flops=no_flops,
    doc="`size` elements from `begin` on, for each axis; a size of -1 takes all that follow.",
)
