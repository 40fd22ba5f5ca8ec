"""Cases of the ops that arrange, cut and create tensors."""

from __future__ import annotations

import itertools

import numpy as np
from recorder import FLOATS, TYPES, Recorder, allowed_types, grid, smooth

INDICES = ("int32", "int64")


def arrays() -> Recorder:
    cases = Recorder("arrays")
    for dtype in TYPES:
        x, differentiable = grid(dtype, (2, 3)), dtype in FLOATS
        cases.add("Identity", x, gradient=differentiable)
        cases.add("StopGradient", x)
        cases.add("Reshape", x, np.int32([3, -1]), constants=[1], gradient=differentiable)
        cases.add("Transpose", x, np.int32([1, 0]), constants=[1], gradient=differentiable)
        cases.add("ConcatV2", [x, x], np.int32(1), constants=[2], gradient=differentiable)
        cases.add("Concat", np.int32(1), [x, x], constants=[0], gradient=differentiable)
        cases.add("Split", np.int32(1), x, constants=[0], num_split=3, gradient=differentiable)
        cases.add("SplitV", x, np.int32([2, -1]), np.int32(1), constants=[1, 2], num_split=2, gradient=differentiable)
        cases.add("Pack", [x, x], axis=1, gradient=differentiable)
        cases.add("Unpack", x, num=3, axis=1, gradient=differentiable)
        cases.add("Pad", x, np.int32([[1, 0], [0, 2]]), constants=[1], gradient=differentiable)
        value = np.asarray(grid(dtype, (1,), 3)[0])
        cases.add("PadV2", x, np.int32([[1, 0], [0, 2]]), value, constants=[1], gradient=differentiable)
        paddings = np.int32([[1, 0], [0, 2]])
        cases.add("MirrorPad", x, paddings, constants=[1], mode="REFLECT", gradient=differentiable)
        cases.add("Tile", x, np.int32([2, 1]), constants=[1], gradient=differentiable)
        cases.add("BroadcastTo", x, np.int32([2, 2, 3]), constants=[1], gradient=differentiable)
        cases.add("ReverseV2", x, np.int32([1]), constants=[1], gradient=differentiable)
        cases.add("Roll", x, np.int32(2), np.int32(1), constants=[2], gradient=differentiable)
        cases.add("ExpandDims", x, np.int32(1), constants=[1], gradient=differentiable)
        cases.add("Squeeze", x.reshape(2, 1, 3), squeeze_dims=[1], gradient=differentiable)
        for op in ("Shape", "Size", "Rank", "ZerosLike"):
            cases.add(op, x)
    for dtype in allowed_types("OnesLike"):
        cases.add("OnesLike", grid(dtype, (2, 3)))
    for shape in ((), (0, 3), (2, 3, 4)):
        for op in ("Identity", "StopGradient", "Rank", "ZerosLike", "OnesLike"):
            cases.add(op, smooth("float32", shape))
        for op, out in itertools.product(("Shape", "Size"), INDICES):
            cases.add(op, smooth("float32", shape), out_type=out)
    _reshapes(cases)
    _moves(cases)
    _joins(cases)
    _splits(cases)
    return cases


def _reshapes(cases: Recorder) -> None:
    x = smooth("float32", (2, 3, 4))
    for index, shape in itertools.product(INDICES, ([24], [-1], [4, 6], [2, -1, 2], [1, 24, 1], [3, 2, 2, -1])):
        cases.add("Reshape", x, np.array(shape, index), constants=[1], gradient=True)
    cases.add("Reshape", np.float32([5]), np.array([], np.int32), constants=[1])
    cases.add("Reshape", np.zeros((0, 3), np.float32), np.int32([3, 0]), constants=[1])
    cases.add("Reshape", np.zeros((0, 3), np.float32), np.int32([-1, 3]), constants=[1])
    for order in itertools.permutations(range(3)):
        cases.add("Transpose", x, np.int32(order), constants=[1], gradient=True)
    cases.add("Transpose", x, np.int64([-1, 0, 1]), constants=[1])
    cases.add("Transpose", np.float32(2), np.array([], np.int32), constants=[1])
    cases.add("Transpose", np.zeros((0, 3), np.float32), np.int64([1, 0]), constants=[1])
    for axis, index in itertools.product((0, 1, 2, 3, -1, -4), INDICES):
        cases.add("ExpandDims", x, np.asarray(axis, index), constants=[1], gradient=True)
    cases.add("ExpandDims", np.float32(2), np.int32([0]), constants=[1])
    thin = smooth("float32", (1, 3, 1, 2, 1))
    for axes in ([], [0], [2], [-1], [0, 2], [4, 0], [-5, -3]):
        cases.add("Squeeze", thin, squeeze_dims=axes, gradient=True)
    cases.add("Squeeze", np.zeros((1, 0), np.float32))
    cases.add("Squeeze", np.float32(1))
    for paddings, index in itertools.product(([[0, 0]] * 3, [[1, 2], [0, 0], [3, 0]]), INDICES):
        cases.add("Pad", x, np.array(paddings, index), constants=[1], gradient=True)
        cases.add("PadV2", x, np.array(paddings, index), np.float32(-2), constants=[1], gradient=True)
    cases.add("Pad", np.float32(1), np.zeros((0, 2), np.int32), constants=[1])
    cases.add("Pad", np.zeros((0, 2), np.float32), np.int32([[1, 1], [0, 0]]), constants=[1])
    cases.add("PadV2", np.float32(1), np.zeros((0, 2), np.int32), np.float32(3), constants=[1])
    cases.add("PadV2", np.zeros((0, 2), np.float32), np.int32([[1, 1], [0, 0]]), np.float32(np.inf), constants=[1])
    for mode, index in itertools.product(("REFLECT", "SYMMETRIC"), INDICES):
        for paddings in ([[0, 0]] * 3, [[1, 1], [2, 0], [3, 2]]):
            cases.add("MirrorPad", x, np.array(paddings, index), constants=[1], mode=mode, gradient=True)
    cases.add("MirrorPad", x, np.int32([[2, 2], [3, 3], [4, 1]]), constants=[1], mode="SYMMETRIC", gradient=True)
    for multiples, index in itertools.product(([1, 1, 1], [2, 1, 3], [0, 2, 1]), INDICES):
        cases.add("Tile", x, np.array(multiples, index), constants=[1], gradient=0 not in multiples)
    cases.add("Tile", np.float32(1), np.array([], np.int32), constants=[1])


def _moves(cases: Recorder) -> None:
    x = smooth("float32", (2, 3, 4))
    for index, axes in itertools.product(INDICES, ([], [0], [-1], [2, 0], [1, -3, 2])):
        cases.add("ReverseV2", x, np.array(axes, index), constants=[1], gradient=True)
    cases.add("ReverseV2", np.float32(1), np.array([], np.int32), constants=[1])
    cases.add("ReverseV2", np.zeros((0, 3), np.float32), np.int32([0, 1]), constants=[1])
    moves = ((1, 0), (-5, 2), (0, 1), ([1, -1], [1, 2]), ([2, 1], [1, 1]), ([3], [-1]))
    for index, (shift, axis) in itertools.product(INDICES, moves):
        is_known = [1, 2] if index == "int32" else [2]
        cases.add("Roll", x, np.array(shift, index), np.array(axis, index), constants=is_known, gradient=True)
    cases.add("Roll", np.zeros((0, 3), np.float32), np.int32(1), np.int32(0), constants=[2])
    spread = (((), (2, 3)), ((), ()), ((3,), (2, 3)), ((2, 1), (2, 4)), ((1, 3), (0, 3)), ((2, 1, 3), (4, 2, 2, 3)))
    for index, (shape, wanted) in itertools.product(INDICES, spread):
        cases.add("BroadcastTo", smooth("float32", shape), np.array(wanted, index), constants=[1], gradient=True)
    cases.add("BroadcastTo", np.zeros((0, 1), np.float32), np.int32([0, 3]), constants=[1])


def _joins(cases: Recorder) -> None:
    parts = [smooth("float32", (2, n, 3), n) for n in (1, 2, 0, 4)]
    for axis, index in itertools.product((1, -2), INDICES):
        cases.add("ConcatV2", parts, np.asarray(axis, index), constants=[4], gradient=True)
    for axis in (1, -2):
        cases.add("Concat", np.int32(axis), parts, constants=[0], gradient=True)
    same = [smooth("float32", (2, 3), k) for k in range(3)]
    for axis in (0, -1):
        cases.add("Concat", np.int32(axis), same, constants=[0], gradient=True)
        cases.add("ConcatV2", same, np.int32(axis), constants=[3], gradient=True)
    for axis in (0, 1, 2, -1, -3):
        cases.add("Pack", same, axis=axis, gradient=True)
    cases.add("Pack", [np.float32(1), np.float32(2)], gradient=True)
    cases.add("Pack", [np.zeros((0, 2), np.float32)])
    x = smooth("float32", (2, 3, 4))
    for axis, num in ((0, 2), (1, 3), (2, 4), (-1, 4), (-3, 2)):
        cases.add("Unpack", x, num=num, axis=axis, gradient=True)
    cases.add("Unpack", np.float32([7]), num=1)
    cases.add("Unpack", np.zeros((0, 2), np.float32), num=0)
    cases.add("Unpack", np.zeros((2, 0), np.float32), num=2)


def _splits(cases: Recorder) -> None:
    x = smooth("float32", (2, 6, 4))
    for axis, number in ((0, 2), (1, 3), (1, 1), (2, 2), (-1, 4), (-3, 1)):
        cases.add("Split", np.int32(axis), x, constants=[0], num_split=number, gradient=True)
    cases.add("Split", np.int32(0), np.zeros((0, 2), np.float32), constants=[0], num_split=2)
    for index in allowed_types("SplitV", "Tlen"):
        for axis, sizes in ((1, [1, 2, 3]), (-2, [6]), (1, [0, 6]), (2, [1, -1, 1]), (0, [-1, 2])):
            given = [np.array(sizes, index), np.int32(axis)]
            cases.add("SplitV", x, *given, constants=[1, 2], num_split=len(sizes), gradient=True)
    empty = [np.zeros((0, 2), np.float32), np.int32([0, -1]), np.int32(0)]
    cases.add("SplitV", *empty, constants=[1, 2], num_split=2)


def slicing() -> Recorder:
    cases = Recorder("slicing")
    for dtype in TYPES:
        x = grid(dtype, (3, 4))
        limits = [np.int32([0, 3]), np.int32([2, 0]), np.int32([1, -2])]
        cases.add("StridedSlice", x, *limits, constants=[1, 2, 3], gradient=dtype in FLOATS)
        cases.add("Slice", x, np.int32([1, 0]), np.int32([-1, 2]), constants=[1, 2], gradient=dtype in FLOATS)
        cases.add("GatherV2", x, np.int32([2, 0, 2]), np.int32(0), constants=[2], gradient=dtype in FLOATS)
        cases.add("Gather", x, np.int32([2, 0, 2]), gradient=dtype in FLOATS)
        cases.add("GatherNd", x, np.int32([[2, 0], [0, 1], [2, 0]]), gradient=dtype in FLOATS)
    _strided_slices(cases)
    x = smooth("float32", (3, 4, 5))
    for index in INDICES:
        for begin, size in (
            ([0, 0, 0], [3, 4, 5]),
            ([1, 0, 2], [1, -1, 3]),
            ([3, 4, 0], [0, 0, -1]),
            ([0, 1, 4], [-1] * 3),
        ):
            cases.add("Slice", x, np.array(begin, index), np.array(size, index), constants=[1, 2], gradient=True)
    cases.add("Slice", np.float32(1), np.array([], np.int32), np.array([], np.int32), constants=[1, 2])
    _gathers(cases)
    return cases


def _strided_slices(cases: Recorder) -> None:
    x = smooth("float32", (3, 4, 5))
    generator = np.random.default_rng(0)
    masks = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")
    # Every value of each mask by itself, then mixtures of all of them.
    chosen = [{mask: value} for mask in masks for value in range(8)]
    chosen += [dict(zip(masks, generator.integers(0, 8, 5).tolist(), strict=True)) for _ in range(250)]
    for number, attrs in enumerate(chosen):
        attrs = {name: value for name, value in attrs.items() if value}
        if attrs.get("ellipsis_mask", 0) not in (0, 1, 2, 4):
            attrs["ellipsis_mask"] = 1 << number % 3
        shrink = attrs.get("shrink_axis_mask", 0)
        begin = generator.integers(-3, 3, 3)
        end = generator.integers(-6, 7, 3)
        strides = np.array([1 if shrink >> k & 1 else generator.choice([1, 2, -1, -2]) for k in range(3)])
        limits = [v.astype(("int16", "int32", "int64")[number % 3]) for v in (begin, end, strides)]
        cases.add("StridedSlice", x, *limits, constants=[1, 2, 3], gradient=number % 3 == 1, **attrs)
    for begin, end, strides in (([1], [3], [1]), ([-1, 0], [-9, 9], [-1, 2]), ([9], [10], [1])):
        limits = [np.int32(v) for v in (begin, end, strides)]
        cases.add("StridedSlice", x, *limits, constants=[1, 2, 3], gradient=True)
    empty = [np.array([], np.int32)] * 3
    cases.add("StridedSlice", np.float32(4), *empty, constants=[1, 2, 3])
    cases.add("StridedSlice", np.zeros((0, 3), np.float32), *[np.int32([0])] * 2, np.int32([1]), constants=[1, 2, 3])


def _gathers(cases: Recorder) -> None:
    x = smooth("float32", (3, 4, 5))
    for index, axis in itertools.product(("int16", "int32", "int64"), (0, 1, 2, -1)):
        for indices in (2, [0, 2, 2], [[1, 0], [2, 2]]):
            positions = np.array(indices, index)
            cases.add("GatherV2", x, positions, np.int32(axis), constants=[2], gradient=index == "int32")
    for index, indices in itertools.product(INDICES, (2, [0, 2, 2], [[1, 0], [2, 2]], [])):
        cases.add("Gather", x, np.array(indices, index), gradient=np.ndim(indices) > 0)
    for index, depth in itertools.product(allowed_types("GatherNd", "Tindices"), (0, 1, 2, 3)):
        positions = np.random.default_rng(depth).integers(0, 3, (2, depth)).astype(index)
        cases.add("GatherNd", x, positions, gradient=index == "int32")
    for positions in (np.zeros((0, 2), np.int32), np.int32([2]), np.int32([[[1, 3]], [[0, 2]]])):
        cases.add("GatherNd", x, positions)
    cases.add("GatherNd", np.float32(3), np.zeros((2, 0), np.int32))
    batched = np.random.default_rng(0).integers(0, 4, (3, 2))
    for batch, axis in ((1, 1), (1, 2), (-1, 1)):
        positions = batched if batch == 1 else batched[:, :1]
        cases.add("GatherV2", x, positions, np.int64(axis), constants=[2], batch_dims=batch, gradient=True)
    cases.add("GatherV2", x, np.int32([3, 0, 1]), np.int32(1), constants=[2], batch_dims=1, gradient=True)
    deeper = np.random.default_rng(1).integers(0, 5, (3, 4, 2))
    cases.add("GatherV2", x, deeper, np.int32(2), constants=[2], batch_dims=2, gradient=True)
    cases.add("GatherV2", x, np.zeros((0,), np.int32), np.int32(1), constants=[2])
    cases.add("GatherV2", np.float32([1, 2]), np.int32(1), np.int32(0), constants=[2])


def creation() -> Recorder:
    cases = Recorder("creation")
    for dtype in TYPES:
        cases.add("Fill", np.int32([2, 3]), grid(dtype, ()), constants=[0], gradient=dtype in FLOATS)
        cases.add("OneHot", np.int32([0, 2, -1, 5]), np.int32(3), *grid(dtype, (2,)), constants=[1])
    for dims, index in itertools.product(([], [0, 2], [3]), INDICES):
        cases.add("Fill", np.array(dims, index), np.float32(2.5), constants=[0])
    for dtype in allowed_types("Range", "Tidx"):
        start, limit, delta = (np.asarray(v, grid(dtype, ()).dtype) for v in (1, 8, 3))
        cases.add("Range", start, limit, delta, constants=[0, 1, 2])
    for start, limit, delta in ((0, 0, 1), (5, -2, -3), (3, 10, 7), (-4, 4, 2)):
        cases.add("Range", *(np.int32(v) for v in (start, limit, delta)), constants=[0, 1, 2])
    for start, limit, delta in ((0, 1, 0.1), (1, 0, -0.25), (0.5, 3, 0.7), (0, 0.3, 0.1)):
        cases.add("Range", *(np.float32(v) for v in (start, limit, delta)), constants=[0, 1, 2])
    for dtype, number in itertools.product(FLOATS, (1, 2, 5)):
        ends = (np.asarray(end, grid(dtype, ()).dtype) for end in (-1.5, 3))
        cases.add("LinSpace", *ends, np.int32(number), constants=[2])
    for number in (1, 7):
        cases.add("LinSpace", np.float32(2), np.float32(-0.3), np.int64(number), constants=[2])
    for index in allowed_types("OneHot", "TI"):
        for axis in (-1, 0, 1, 2):
            indices = np.array([[0, 2, 1], [3, 4, 0]], index)
            cases.add("OneHot", indices, np.int32(4), np.float32(1), np.float32(-1), constants=[1], axis=axis)
    cases.add("OneHot", np.int64(1), np.int32(3), np.float32(1), np.float32(0), constants=[1], gradient=True)
    cases.add("OneHot", np.zeros((0,), np.int64), np.int32(3), np.float32(1), np.float32(0), constants=[1])
    cases.add("OneHot", np.int32([0]), np.int32(0), np.float32(1), np.float32(0), constants=[1])
    cases.add("OneHot", np.uint8([255, 3]), np.int32(300), np.int32(1), np.int32(0), constants=[1])
    return cases
