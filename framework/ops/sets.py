"""The different elements of a tensor, and those that another has not. How many there are follows from the values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from framework.graph import Call, Shape, register_op
from framework.graph.shapes import normalize_axes, show
from framework.ops.inference import Shapes, at_least_rank, input_flops, static_vector
from framework.ops.signatures import INDICES

Fold = Callable[..., tuple[np.ndarray, ...]]

# -- unique ---------------------------------------------------------------------------------------------------------


def _unique_rows(x: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The different slices along an axis in the order of their first occurrence, which of them each is, and counts."""
    rows = np.moveaxis(x, axis, 0)
    rows = rows.reshape(len(rows), math.prod(rows.shape[1:]))
    # Numbers for the elements, so that NumPy can compare rows of any type; NaN is equal to none.
    _, codes = np.unique(rows, return_inverse=True, equal_nan=False)
    _, first, which, counts = np.unique(
        codes.reshape(rows.shape), axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.argsort(first)
    return np.take(x, first[order], axis=axis), np.argsort(order)[which.reshape(-1)], counts[order]


def _unique_axis(x: np.ndarray, *axis: np.ndarray) -> int:
    return int(axis[0][0]) if axis and axis[0].size else 0


def _unique(attrs: Mapping[str, Any], x: np.ndarray, *axis: np.ndarray) -> tuple[np.ndarray, ...]:
    y, which, _ = _unique_rows(x, _unique_axis(x, *axis))
    return y, which.astype(attrs["out_idx"].numpy)


def _unique_with_counts(attrs: Mapping[str, Any], x: np.ndarray, *axis: np.ndarray) -> tuple[np.ndarray, ...]:
    y, which, counts = _unique_rows(x, _unique_axis(x, *axis))
    return y, which.astype(attrs["out_idx"].numpy), counts.astype(attrs["out_idx"].numpy)


def _unique_shape(call: Call) -> Shapes:
    shape = call.rank(0, 1)
    return _unique_shapes(call, shape and (None,), None if shape is None else shape[0])


def _unique_v2_shape(call: Call) -> Shapes:
    shape, axis = at_least_rank(call, 0, 1), static_vector(call, 1)
    if axis is not None and len(axis) > 1:
        raise call.fail(f"'axis' must be one axis, or none for a vector; found {list(axis)}")
    if shape is None or axis is None:
        return _unique_shapes(call, None if shape is None else (None,) * len(shape), None)
    if not axis and len(shape) != 1:
        raise call.fail(f"'axis' may be left out for a vector alone, found shape {show(shape)}")
    (place,) = normalize_axes(axis or (0,), len(shape))
    return _unique_shapes(call, (*shape[:place], None, *shape[place + 1 :]), shape[place])


def _unique_shapes(call: Call, values: Shape, length: int | None) -> Shapes:
    return [values, (length,), (None,)][: len(call.op.outputs)]


def _constant_shapes(shape: Callable[[Call], Shapes]) -> Callable[[Call], Shapes]:
    """What `shape` says, or the shapes of the values where these follow from constants."""

    def shapes(call: Call) -> Shapes:
        promised = shape(call)
        constants = [call.constants[k] for k in range(len(call.shapes))]
        if call.op.fold is None or any(value is None for value in constants):
            return promised
        return [value.shape for value in call.op.fold(call.attrs, *constants)]

    return shapes


_DOC = "The different {}, in the order in which they first occur, and which of them each is{}. NaN is equal to none."

for _name, _fold, _counts, _also in (
    ("Unique", _unique, "", ""),
    ("UniqueWithCounts", _unique_with_counts, ", count: out_idx", ", and how often each occurs"),
):
    register_op(
        _name,
        inputs="x: T",
        outputs=f"y: T, idx: out_idx{_counts}",
        attrs=f"T: type, out_idx: {INDICES} = int32",
        shape=_constant_shapes(_unique_shape),
        traceable=False,
        fold=_fold,
        flops=input_flops(),
        doc=_DOC.format("elements of a vector", _also),
    )
    register_op(
        f"{_name}V2",
        inputs="x: T, axis: Taxis",
        outputs=f"y: T, idx: out_idx{_counts}",
        attrs=f"T: type, Taxis: {INDICES} = int64, out_idx: {INDICES} = int32",
        shape=_constant_shapes(_unique_v2_shape),
        traceable=False,
        fold=_fold,
        flops=input_flops(),
        doc=_DOC.format("slices of a tensor along an axis, which may be left out for a vector", _also),
    )


# -- difference -----------------------------------------------------------------------------------------------------


def _list_diff_shape(call: Call) -> Shapes:
    call.rank(0, 1)
    call.rank(1, 1)
    return [(None,), (None,)]


def _list_diff(attrs: Mapping[str, Any], x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, ...]:
    (kept,) = np.nonzero(~np.isin(x, y))
    return x[kept], kept.astype(attrs["out_idx"].numpy)


register_op(
    "ListDiff",
    inputs="x: T, y: T",
    outputs="out: T, idx: out_idx",
    attrs=f"T: type, out_idx: {INDICES} = int32",
    shape=_constant_shapes(_list_diff_shape),
    traceable=False,
    fold=_list_diff,
    flops=input_flops(),
    doc="The elements of a vector that another has not, in their order, and their positions.",
)
