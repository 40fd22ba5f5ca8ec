"""Cases of matrix products and reductions."""

from __future__ import annotations

import itertools

import numpy as np
from recorder import FLOATS, TYPES, Recorder, allowed_types, grid, smooth

REDUCTIONS = ["Sum", "Prod", "Mean", "EuclideanNorm", "Max", "Min"]
AXES = ([], [0], [1], [-1], [0, 2], [2, 0], [-2, -1], [0, 1, 2])


def matrix() -> Recorder:
    cases = Recorder("matrix")
    for a, b in itertools.product((False, True), repeat=2):
        for dtype in allowed_types("MatMul"):
            x = grid(dtype, (4, 3) if a else (3, 4), 1)
            y = grid(dtype, (2, 4) if b else (4, 2), 2)
            cases.add("MatMul", x, y, transpose_a=a, transpose_b=b, gradient=dtype in FLOATS)
        for dtype in allowed_types("BatchMatMulV2"):
            x = grid(dtype, (2, 1, 4, 3) if a else (2, 1, 3, 4), 1)
            y = grid(dtype, (3, 2, 4) if b else (3, 4, 2), 2)
            cases.add("BatchMatMulV2", x, y, adj_x=a, adj_y=b, gradient=dtype in FLOATS)
            if dtype in allowed_types("BatchMatMul"):
                cases.add("BatchMatMul", x[:, 0], y[:2], adj_x=a, adj_y=b, gradient=dtype in FLOATS)
        # One matrix for all others.
        for dtype in ("float32", "complex64"):
            x, y = grid(dtype, (3, 4, 3) if a else (3, 3, 4), 1), grid(dtype, (2, 4) if b else (4, 2), 2)
            cases.add("BatchMatMulV2", x, y, adj_x=a, adj_y=b, gradient=dtype in FLOATS)
    for rows, inner, columns in ((0, 3, 2), (2, 0, 3), (2, 3, 0), (1, 1, 1)):
        x, y = smooth("float32", (rows, inner)), smooth("float32", (inner, columns))
        cases.add("MatMul", x, y, gradient=True)
        for op in ("BatchMatMul", "BatchMatMulV2"):
            cases.add(op, x, y, gradient=True)
    cases.add("BatchMatMul", smooth("float32", (0, 2, 3)), smooth("float32", (0, 3, 2)))
    cases.add("BatchMatMul", smooth("float32", (2, 3, 2, 3)), smooth("float32", (2, 3, 3, 2)), gradient=True)
    cases.add("BatchMatMulV2", smooth("float32", (0, 2, 3)), smooth("float32", (1, 3, 2)))
    _mixed(cases)
    _reductions(cases)
    _positions(cases)
    _bands(cases)
    return cases


def _mixed(cases: Recorder) -> None:
    """Products whose factors and result have different types."""
    kinds = [(dtype, dtype, dtype) for dtype in allowed_types("BatchMatMulV3", "Tout")]
    # TensorFlow multiplies no other types with one another.
    for left, right, result in (
        *kinds,
        ("int8", "int8", "int32"),
        ("int8", "uint8", "int32"),
        ("uint8", "int8", "int32"),
    ):
        x, y = grid(left, (2, 1, 3, 4), 1), grid(right, (3, 4, 2), 2)
        cases.add("BatchMatMulV3", x, y, Tout=result, gradient=left in FLOATS)
    for a, b in itertools.product((False, True), repeat=2):
        x, y = smooth("float32", (2, 4, 3) if a else (2, 3, 4), 1), smooth("float32", (2, 4) if b else (4, 2), 2)
        cases.add("BatchMatMulV3", x, y, Tout="float32", adj_x=a, adj_y=b, gradient=True)


def _positions(cases: Recorder) -> None:
    for op in ("ArgMax", "ArgMin"):
        for dtype in allowed_types(op):
            cases.add(op, grid(dtype, (3, 7)), np.int32(1), constants=[1], output_type="int32")
        for output in allowed_types(op, "output_type"):
            cases.add(op, grid("float32", (3, 7)), np.int32(0), constants=[1], output_type=output)
        # Not int16: TensorFlow's kernel reads beyond an axis of that type.
        for index in ("int32", "int64"):
            for axis in (0, 1, -1, -3):
                cases.add(op, grid("float32", (2, 3, 4)), np.asarray(axis, index), constants=[1], output_type="int32")
        cases.add(op, np.zeros((0, 3), np.float32), np.int32(1), constants=[1])
        cases.add(op, np.float32([1, 1, 0]), np.int32(0), constants=[1])


def _bands(cases: Recorder) -> None:
    for dtype in TYPES:
        x = grid(dtype, (4, 5))
        cases.add("MatrixBandPart", x, np.int64(1), np.int64(2), constants=[1, 2], gradient=dtype in FLOATS)
    for lower, upper in itertools.product((-1, 0, 2, 3), repeat=2):
        x = smooth("float32", (2, 4, 3))
        cases.add("MatrixBandPart", x, np.int32(lower), np.int32(upper), constants=[1, 2], gradient=True)
    cases.add("MatrixBandPart", smooth("float32", (3, 3)), np.int32(1), np.int32(-1))
    for shape in ((0, 3), (2, 0), (0, 2, 2)):
        cases.add("MatrixBandPart", np.zeros(shape, np.float32), np.int32(0), np.int32(0), constants=[1, 2])


def einsum() -> Recorder:
    cases = Recorder("einsum")
    # TensorFlow has no kernels for the others.
    for dtype in ("bfloat16", "float16", "float32", "float64", "int32", "int64", "complex64", "complex128"):
        x, y = grid(dtype, (2, 3, 4), 1), grid(dtype, (2, 4, 3), 2)
        cases.add("Einsum", [x, y], equation="bij,bjk->bik", gradient=dtype in FLOATS)
    for equation, *shapes in (
        ("ij,jk->ik", (2, 3), (3, 4)),
        ("ij,kj->ki", (2, 3), (4, 3)),
        ("i,j->ij", (2,), (3,)),
        ("i,i->", (3,), (3,)),
        (",ij->ji", (), (2, 3)),
        ("bqhd,bkhd->bhqk", (2, 3, 2, 4), (2, 5, 2, 4)),
        ("...ij,...jk->...ik", (2, 1, 3, 4), (5, 4, 2)),
        ("i...j,j...->...i", (2, 5, 3), (3, 5)),
        ("...,...->...", (2, 3), (3,)),
        ("a...,b->a...b", (2, 3), (4,)),
        ("iij,jk->ik", (2, 2, 3), (3, 4)),
        ("ijk->kij", (2, 3, 4)),
        ("ijk->j", (2, 3, 4)),
        ("ii->", (3, 3)),
        ("iij->ji", (3, 3, 2)),
        ("...ii->...i", (2, 3, 3)),
        ("...->...", (2, 3)),
        ("->", ()),
        ("i->ii", (3,)),
        ("ij->jij", (3, 2)),
        ("...i->i...i", (2, 3)),
        ("i,j->iji", (2,), (3,)),
        ("ij,jk->ik", (2, 0), (0, 3)),
    ):
        factors = [smooth("float32", shape, k) for k, shape in enumerate(shapes)]
        cases.add("Einsum", factors, equation=equation, gradient=True)
    return cases


def ranking() -> Recorder:
    cases = Recorder("ranking")
    for dtype in allowed_types("TopKV2"):
        cases.add("TopKV2", grid(dtype, (3, 7)), np.int32(3), constants=[1], gradient=dtype in FLOATS)
    for k, index in itertools.product((0, 1, 5), allowed_types("TopKV2", "Tk")):
        cases.add("TopKV2", smooth("float32", (2, 5)), np.asarray(k, index), constants=[1], gradient=k > 0)
    for index in allowed_types("TopKV2", "index_type"):
        cases.add("TopKV2", smooth("float32", (2, 5)), np.int32(2), constants=[1], index_type=index)
    for shape in ((4,), (2, 3, 4), (0, 4)):
        cases.add("TopKV2", smooth("float32", shape), np.int32(2), constants=[1], gradient=True)
    cases.add("TopKV2", smooth("float32", (3, 5)), np.int32(1), constants=[1], sorted=False)
    predictions = grid("float32", (6, 5))
    predictions[4, 1], predictions[5, 2] = np.nan, np.inf
    for index, k in itertools.product(("int32", "int64"), (0, 1, 2, 5, 9)):
        targets = np.array([0, 4, 2, 5, 0, 2], index)
        cases.add("InTopKV2", predictions, targets, np.asarray(k, index))
        cases.add("InTopKV2", predictions[:3], np.array([3, -1, 1], index), np.asarray(k, index))
    cases.add("InTopKV2", np.zeros((0, 3), np.float32), np.zeros(0, np.int32), np.int32(1))
    return cases


def _reductions(cases: Recorder) -> None:
    for op in REDUCTIONS:
        for dtype in allowed_types(op):
            # Means of integers are of many, so that rounding shows.
            x = grid(dtype, (3, 7), positive=op == "Prod")
            cases.add(op, x, np.int32([1]), constants=[1], gradient=dtype in FLOATS)
            cases.add(op, x, np.int32([0, 1]), constants=[1], keep_dims=True)
        for axes, keep in itertools.product(AXES, (False, True)):
            x = grid("float32", (2, 3, 4))
            cases.add(op, x, np.array(axes, np.int32), constants=[1], keep_dims=keep, gradient=op != "Prod")
        for axis in (np.int32(1), np.int64(-1), np.array([0], np.int64)):
            cases.add(op, smooth("float32", (2, 3)), axis, constants=[1], gradient=True)
        cases.add(op, np.float32(3), np.array([], np.int32), constants=[1], gradient=True)
        for shape, axes in (((0, 3), [0]), ((0, 3), [1]), ((2, 0), [0])):
            cases.add(op, np.zeros(shape, np.float32), np.array(axes, np.int32), constants=[1])
    cases.add("Prod", np.float32([[0, 2, 3], [0, 0, 4], [1, 2, 3]]), np.int32([1]), constants=[1], gradient=True)
    cases.add("Mean", np.int32([-7, 2, 0]), np.int32([0]), constants=[1])
    for op in ("All", "Any"):
        for axes, keep in itertools.product(AXES, (False, True)):
            cases.add(op, grid("bool", (2, 3, 4)), np.array(axes, np.int32), constants=[1], keep_dims=keep)
        cases.add(op, np.zeros((0, 3), bool), np.int64([0]), constants=[1])
        cases.add(op, np.True_, np.array([], np.int32), constants=[1])
