"""What shapes are computed from: shapes of several tensors, broadcast shapes, offsets, permutations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from framework.errors import GraphError
from framework.graph import Call, Shape, register_op
from framework.graph.shapes import broadcast, merge, normalize_axes
from framework.ops.inference import Shapes, no_flops, static_scalar
from framework.ops.signatures import INDICES

Vector = np.ndarray


def _shapes_of_shapes(call: Call) -> Shapes:
    return [(None if shape is None else len(shape),) for shape in call.shapes]


register_op(
    "ShapeN",
    inputs="input: N * T",
    outputs="output: N * out_type",
    attrs=f"N: int >= 1, T: type, out_type: {INDICES} = int32",
    shape=_shapes_of_shapes,
    fold=lambda attrs, *tensors: [np.array(x.shape, attrs["out_type"].numpy) for x in tensors],
    flops=no_flops,
    doc="The size of each axis, of each of the tensors.",
)


# -- broadcasting -------------------------------------------------------------------------------------------------


def broadcast_shape(s0: Vector, s1: Vector) -> Vector:
    """The shape, a vector, that tensors of two shapes broadcast to. Raises GraphError."""
    return np.array(broadcast(tuple(s0.tolist()), tuple(s1.tolist())), s0.dtype)


def reduced_axes(s0: Vector, s1: Vector) -> tuple[Vector, Vector]:
    """The axes over which the gradient of a broadcast operation is summed up, for each of two shapes.

    Raises GraphError where they do not broadcast.
    """
    broadcast_shape(s0, s1)
    if np.array_equal(s0, s1):
        return np.zeros(0, s0.dtype), np.zeros(0, s0.dtype)
    # An axis of size 1 on both sides is summed for both, since it may be missing on one.
    rank = max(len(s0), len(s1))
    return _axes_of_size_one(s0, rank), _axes_of_size_one(s1, rank)


def _axes_of_size_one(shape: Vector, rank: int) -> Vector:
    """The axes of size 1 of a shape that is brought to a rank by new axes in front."""
    whole = np.concatenate([np.ones(rank - len(shape), shape.dtype), shape])
    return np.flatnonzero(whole == 1).astype(shape.dtype)


def _broadcast_shape(call: Call) -> Shapes:
    shapes = [call.rank(index, 1) for index in (0, 1)]
    s0, s1 = call.constants[0], call.constants[1]
    if s0 is not None and s1 is not None:
        broadcast_shape(s0, s1)
    lengths = [None if shape is None else shape[0] for shape in shapes]
    return [(None if None in lengths else max(lengths),)]  # type: ignore[type-var]


def _reduced_shape(call: Call) -> Shapes:
    for index in (0, 1):
        call.rank(index, 1)
    s0, s1 = call.constants[0], call.constants[1]
    if s0 is None or s1 is None:
        return [(None,), (None,)]
    return [axes.shape for axes in reduced_axes(s0, s1)]


register_op(
    "BroadcastArgs",
    inputs="s0: T, s1: T",
    outputs="r0: T",
    attrs=f"T: {INDICES} = int32",
    shape=_broadcast_shape,
    fold=lambda attrs, s0, s1: broadcast_shape(s0, s1),
    flops=no_flops,
    doc="The shape that tensors of the shapes s0 and s1 broadcast to.",
)
register_op(
    "BroadcastGradientArgs",
    inputs="s0: T, s1: T",
    outputs="r0: T, r1: T",
    attrs=f"T: {INDICES} = int32",
    shape=_reduced_shape,
    fold=lambda attrs, s0, s1: reduced_axes(s0, s1),
    flops=no_flops,
    doc="The axes over which the gradient of an operation is summed up for either of its inputs, when these have the "
    "shapes s0 and s1 and broadcast.",
)


# -- joining ------------------------------------------------------------------------------------------------------


def offsets(axis: int, shapes: Sequence[Vector]) -> list[Vector]:
    """Where tensors of these shapes begin in the one that they are joined to along an axis. Raises GraphError."""
    first = shapes[0]
    (place,) = normalize_axes([axis], len(first))
    is_free = np.arange(len(first)) == place
    for index, shape in enumerate(shapes):
        if len(shape) != len(first) or (shape != first)[~is_free].any():
            raise GraphError(
                f"ConcatOffset: shapes may differ in axis {place} alone, found {first.tolist()} and {shape.tolist()} "
                f"(number {index})"
            )
    begins = np.cumsum([0, *(shape[place] for shape in shapes[:-1])])
    return [np.where(is_free, begin, 0).astype(first.dtype) for begin in begins]


def _offset_shape(call: Call) -> Shapes:
    axis = static_scalar(call, 0)
    length: Shape = None
    for index in range(1, len(call.shapes)):
        length = merge(length, call.rank(index, 1))
    shapes = [shape for shape in call.constants[1:] if shape is not None]
    if axis is not None and len(shapes) == call.attrs["N"]:
        offsets(axis, shapes)
    return [length if length is not None else (None,)] * call.attrs["N"]


def _offset_fold(attrs: Mapping[str, Any], axis: Vector, *shapes: Vector) -> list[Vector]:
    return offsets(int(axis), shapes)


register_op(
    "ConcatOffset",
    inputs="concat_dim: int32, shape: N * shape_type",
    outputs="offset: N * shape_type",
    attrs=f"N: int >= 2, shape_type: {INDICES} = int32",
    shape=_offset_shape,
    fold=_offset_fold,
    flops=no_flops,
    doc="Where the parts of a concatenation along axis `concat_dim` begin, for parts of these shapes.",
)


# -- permutations -------------------------------------------------------------------------------------------------


def inverse(permutation: Vector) -> Vector:
    """The permutation that undoes another one. Raises GraphError for numbers that are none."""
    if sorted(permutation.tolist()) != list(range(len(permutation))):
        raise GraphError(
            f"InvertPermutation: 'x' must hold each number from 0 to {len(permutation) - 1} once, "
            f"found {permutation.tolist()}"
        )
    return np.argsort(permutation).astype(permutation.dtype)


def _inverse_shape(call: Call) -> Shapes:
    shape, permutation = call.rank(0, 1), call.constants[0]
    if permutation is not None:
        inverse(permutation)
    return [(None,) if shape is None else shape]


register_op(
    "InvertPermutation",
    inputs="x: T",
    outputs="y: T",
    attrs=f"T: {INDICES} = int32",
    shape=_inverse_shape,
    fold=lambda attrs, x: inverse(x),
    flops=no_flops,
    doc="The permutation that undoes another one: y[x[k]] is k.",
)
