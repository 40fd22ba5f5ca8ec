"""Cases of segments and counts, of scattered updates, and of rows dealt out, put together and searched."""

from __future__ import annotations

import itertools

import numpy as np
from recorder import FLOATS, TYPES, Recorder, allowed_types, grid, smooth

REDUCTIONS = ("Sum", "Prod", "Mean", "Max", "Min")


def segments() -> Recorder:
    cases = Recorder("segments")
    for name in REDUCTIONS:
        _sorted(cases, f"Segment{name}")
        if name != "Mean":
            _unsorted(cases, f"UnsortedSegment{name}")
    _counts(cases)
    return cases


def _sorted(cases: Recorder, op: str) -> None:
    ids = np.int32([0, 0, 0, 2, 2])
    for dtype in allowed_types(op):
        x = grid(dtype, (5, 2), positive="Prod" in op)
        cases.add(op, x, ids, constants=[1], gradient=dtype in FLOATS)
    for index in allowed_types(op, "Tindices"):
        cases.add(op, smooth("float32", (5, 2)), ids.astype(index), constants=[1])
    for shape in ((5,), (5, 0), (5, 2, 3)):
        cases.add(op, smooth("float32", shape), ids, constants=[1], gradient=0 not in shape)
    cases.add(op, smooth("float32", (0, 2)), ids[:0], constants=[1])
    cases.add(op, smooth("float32", (1, 2)), np.int32([3]), constants=[1], gradient=True)
    # Ties and zeros.
    tied = np.float32([[1, 0], [1, 2], [0, 3], [0, 4], [2, 0]])
    cases.add(op, tied, np.int32([0, 0, 0, 1, 1]), constants=[1], gradient=True)


def _unsorted(cases: Recorder, op: str) -> None:
    ids = np.int32([2, 0, 2, -1, 0])
    for dtype in allowed_types(op):
        x = grid(dtype, (5, 2), positive="Prod" in op)
        cases.add(op, x, ids, np.int32(4), constants=[2], gradient=dtype in FLOATS)
    for index, number in itertools.product(allowed_types(op, "Tindices"), allowed_types(op, "Tnumsegments")):
        cases.add(op, smooth("float32", (5, 2)), ids.astype(index), np.asarray(4, number), constants=[2])
    for shape in ((5,), (5, 0), (5, 2, 3)):
        cases.add(op, smooth("float32", shape), ids, np.int32(3), constants=[2], gradient=0 not in shape)
    square = np.int32([[0, 1, 1], [2, 0, -3]])
    for shape in ((2, 3), (2, 3, 2)):
        cases.add(op, smooth("float32", shape), square, np.int32(3), constants=[2], gradient=True)
    cases.add(op, smooth("float32", (2, 3)), square, np.int32(3), constants=[1, 2])
    cases.add(op, np.float32(2), np.int32(1), np.int32(2), constants=[2])
    cases.add(op, smooth("float32", (0, 2)), ids[:0], np.int32(2), constants=[2])
    cases.add(op, smooth("float32", (0, 2)), ids[:0], np.int32(0), constants=[2])
    tied = np.float32([[1, 0], [1, 2], [0, 3], [0, 4], [2, 0]])
    cases.add(op, tied, np.int32([1, 1, 1, 0, 0]), np.int32(2), constants=[2], gradient=True)


def _counts(cases: Recorder) -> None:
    values = np.int32([[1, 0, 1], [5, 3, 1]])
    for dtype in allowed_types("Bincount"):
        for size in (0, 3, 7):
            cases.add("Bincount", values, np.int32(size), np.zeros(0, dtype), constants=[1])
            cases.add("Bincount", values, np.int32(size), grid(dtype, (2, 3)), constants=[1])
    cases.add("Bincount", np.zeros(0, np.int32), np.int32(2), np.zeros(0, np.float32), constants=[1])
    cases.add("Bincount", np.int32(1), np.int32(2), np.zeros(0, np.float32), constants=[1])
    for dtype, index, shape in itertools.product(allowed_types("DenseBincount"), ("int32", "int64"), ((6,), (2, 3))):
        x, size = values.reshape(shape).astype(index), np.asarray(4, index)
        cases.add("DenseBincount", x, size, np.zeros(0, dtype), constants=[1], binary_output=True)
        cases.add("DenseBincount", x, size, grid(dtype, shape), constants=[1])
    cases.add("DenseBincount", values, np.int32(0), np.zeros(0, np.float32), constants=[1])
    cases.add("DenseBincount", values, np.int32(3), np.zeros(0, np.float32), constants=[1])


# -- scattered updates ----------------------------------------------------------------------------------------------


def scattering() -> Recorder:
    cases = Recorder("scattering")
    indices = np.int32([[0], [3], [1]])
    for dtype in TYPES:
        x, updates, gradient = grid(dtype, (4, 2)), grid(dtype, (3, 2), 1), dtype in FLOATS
        cases.add("ScatterNd", indices, updates, np.int32([4, 2]), constants=[2], gradient=gradient)
        for op in ("Update", "Add", "Sub", "Max", "Min"):
            cases.add(f"TensorScatter{op}", x, indices, updates, gradient=gradient)
    for op in ("Update", "Add", "Sub", "Max", "Min"):
        for index, place in itertools.product(allowed_types(f"TensorScatter{op}", "Tindices"), ([], [1])):
            cases.add(f"TensorScatter{op}", *_floats(indices.astype(index)), constants=place)
        for shape, at, parts in _PLACES:
            x, updates = smooth("float32", shape), smooth("float32", parts, 1)
            cases.add(f"TensorScatter{op}", x, np.int32(at), updates, gradient=True)
        # Twice the same place.
        if op != "Update":
            x, twice = np.float32([1, 2, 3]), np.int32([[0], [2], [0]])
            cases.add(f"TensorScatter{op}", x, twice, np.float32([5, 3, 7]), gradient=True)
            cases.add(f"TensorScatter{op}", x, twice, np.float32([-5, 3, -5]), gradient=True)
    for index, place in itertools.product(allowed_types("ScatterNd", "Tindices"), ([2], [0, 2])):
        shape = np.array([4, 2], index)
        cases.add("ScatterNd", indices.astype(index), smooth("float32", (3, 2)), shape, constants=place, gradient=True)
    for shape, at, parts in _PLACES:
        cases.add("ScatterNd", np.int32(at), smooth("float32", parts), np.int32(shape), constants=[2], gradient=True)
    cases.add("ScatterNd", np.int32([[1], [1]]), np.float32([2, 3]), np.int32([3]), constants=[2], gradient=True)
    for policy in ("DEFAULT", "ERROR", "IGNORE"):
        options = {"bad_indices_policy": policy}
        cases.add("ScatterNd", np.int32([[1]]), np.float32([2]), np.int32([3]), constants=[0, 2], **options)
        for op in ("Update", "Add", "Sub", "Max", "Min"):
            cases.add(f"TensorScatter{op}", np.float32([1, 2]), np.int32([[1]]), np.float32([2]), **options)
    outside, options = np.int32([[1], [-1], [3]]), {"bad_indices_policy": "IGNORE"}
    cases.add("ScatterNd", outside, np.float32([2, 5, 7]), np.int32([3]), constants=[0, 2], **options)
    return cases


# The shape of a tensor, positions, and the shape of the updates.
_PLACES = (
    ((4,), [[2], [0]], (2,)),
    ((3, 4), [[0, 1], [2, 3]], (2,)),
    ((3, 4), [[[0], [2]]], (1, 2, 4)),
    ((2, 3, 2), [[1, 2], [0, 0]], (2, 2)),
    ((3, 2), [2], (2,)),
    ((3, 2), np.zeros((0, 1)), (0, 2)),
    ((3, 2), np.zeros((2, 0)), (2, 3, 2)),
    ((3, 2), np.zeros((0, 0)), (0, 3, 2)),
    ((0, 2), np.zeros((0, 1)), (0, 2)),
)


def _floats(indices: np.ndarray) -> tuple[np.ndarray, ...]:
    return smooth("float32", (4, 2)), indices, smooth("float32", (3, 2), 1)


# -- rows -----------------------------------------------------------------------------------------------------------


def partitioning() -> Recorder:
    cases = Recorder("partitioning")
    for dtype in TYPES:
        x, other, gradient = grid(dtype, (4, 2)), grid(dtype, (2,), 1), dtype in FLOATS
        partitions = np.int32([1, 0, 1, 2])
        cases.add("DynamicPartition", x, partitions, constants=[1], num_partitions=4, gradient=gradient)
        for op in ("DynamicStitch", "ParallelDynamicStitch"):
            indices = [np.int32([4, 1, 3, 0]), np.int32(2)]
            cases.add(op, indices, [x, other], constants=[0, 1], gradient=gradient)
        cases.add("ReverseSequence", x, np.int64([2, 1]), seq_dim=0, batch_dim=1, gradient=gradient)
    for shape, partitions in (
        ((3,), [0, 0, 0]), ((3, 2), [[1, 0], [0, 1], [1, 1]]), ((2, 2, 3), [[1, 0], [0, 1]]), ((0, 2), []), ((2,), 1),
        ((), 1),
    ):  # fmt: skip
        x = smooth("float32", shape)
        cases.add("DynamicPartition", x, np.int32(partitions), constants=[1], num_partitions=2, gradient=True)
    for op in ("DynamicStitch", "ParallelDynamicStitch"):
        for places in ([[0, 2], [1]], [[[0, 1], [3, 2]]], [2, 0, 1], [[0, 1], []], [[]]):
            indices = [np.int32(place) for place in places]
            data = [smooth("float32", (*place.shape, 3), k) for k, place in enumerate(indices)]
            constants = range(len(indices))
            cases.add(op, indices, data, constants=constants, gradient=True)
            cases.add(op, indices, [x[..., 0] for x in data], constants=constants)
        last = [np.int32([0, 1, 2]), np.int32([1, 1])], [np.float32([1, 2, 3]), np.float32([4, 5])]
        if op == "DynamicStitch":
            cases.add(op, *last, constants=[0, 1])
    for shape, along, batch in (
        ((3, 4), 1, 0),
        ((4, 3), 0, 1),
        ((2, 3, 4), 2, 0),
        ((3, 2, 4), 2, 0),
        ((4, 2, 3), 0, 2),
    ):
        for index in ("int32", "int64"):
            lengths = np.array([3, 1, 0][: shape[batch]], index)
            cases.add(
                "ReverseSequence", smooth("float32", shape), lengths, seq_dim=along, batch_dim=batch, gradient=True
            )
    cases.add("ReverseSequence", np.zeros((0, 2), np.float32), np.zeros(0, np.int64), seq_dim=1)
    cases.add("ReverseSequence", np.zeros((2, 0), np.float32), np.int64([0, 0]), seq_dim=1)
    return cases


def searching() -> Recorder:
    cases = Recorder("searching")
    for op in ("LowerBound", "UpperBound"):
        for dtype in TYPES:
            if dtype not in ("bool", "complex64", "complex128"):
                cases.add(op, np.sort(grid(dtype, (2, 6))), grid(dtype, (2, 5), 1))
        for out in ("int32", "int64"):
            cases.add(op, np.float32([[1, 2, 2, 4]]), np.float32([[0, 1, 2, 3, 4, 9, np.inf, -np.inf]]), out_type=out)
        for rows, values in (((2, 0), (2, 3)), ((2, 3), (2, 0)), ((0, 3), (0, 2)), ((2, 1), (2, 2))):
            cases.add(op, np.sort(smooth("float32", rows)), smooth("float32", values, 1))
    edges = [-1.0, 0.0, 0.25, 0.25, 1.5]
    for dtype in allowed_types("Bucketize"):
        cases.add("Bucketize", grid(dtype, (3, 4)), boundaries=edges)
    for shape in ((), (0,), (2, 0)):
        cases.add("Bucketize", smooth("float32", shape), boundaries=edges)
    for boundaries in ([], [0.5]):
        cases.add("Bucketize", np.float32([-np.inf, 0.5, np.inf]), boundaries=boundaries)
    return cases


def sets() -> Recorder:
    cases = Recorder("sets")
    for dtype in TYPES:
        x = grid(dtype, (12,))
        cases.add("Unique", x)
        cases.add("UniqueWithCounts", x)
        cases.add("ListDiff", x, x[3:6])
        for op in ("UniqueV2", "UniqueWithCountsV2"):
            cases.add(op, x, np.zeros(0, np.int64), constants=[1])
            cases.add(op, np.stack([x[:6], x[6:], x[:6]]), np.int64([0]), constants=[1])
    for out in ("int32", "int64"):
        for x in ([3, 1, 3, 2, 1], [], [7]):
            values = np.int32(x)
            cases.add("Unique", values, out_idx=out)
            cases.add("UniqueWithCounts", values, out_idx=out)
            cases.add("ListDiff", values, np.int32([1, 9]), out_idx=out)
            cases.add("ListDiff", values, np.int32([]), constants=[0, 1], out_idx=out)
            for op, index in itertools.product(("UniqueV2", "UniqueWithCountsV2"), ("int32", "int64")):
                cases.add(op, values, np.array([0], index), constants=[1], out_idx=out)
    for op, axis in itertools.product(("UniqueV2", "UniqueWithCountsV2"), (0, 1, 2, -1)):
        x = np.int32([[[1, 2], [1, 2]], [[3, 4], [3, 4]], [[1, 2], [1, 2]]])
        cases.add(op, x, np.int64([axis]), constants=[1])
        cases.add(op, np.zeros((0, 2, 1), np.float32), np.int64([axis]), constants=[1])
        cases.add(op, x, np.int64([axis]), constants=[0, 1])
    for op in ("Unique", "UniqueWithCounts"):
        cases.add(op, np.float32([np.nan, 1, np.nan, 0, -0.0]))
        cases.add(op, np.int32([3, 1, 3]), constants=[0])
    return cases
