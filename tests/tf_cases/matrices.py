"""Cases of matrix products and reductions."""

from __future__ import annotations

import itertools

import numpy as np
from recorder import FLOATS, Recorder, allowed_types, grid, smooth

REDUCTIONS = ["Sum", "Prod", "Mean", "Max", "Min"]
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
        # One matrix for all others.
        for dtype in ("float32", "complex64"):
            x, y = grid(dtype, (3, 4, 3) if a else (3, 3, 4), 1), grid(dtype, (2, 4) if b else (4, 2), 2)
            cases.add("BatchMatMulV2", x, y, adj_x=a, adj_y=b, gradient=dtype in FLOATS)
    for rows, inner, columns in ((0, 3, 2), (2, 0, 3), (2, 3, 0), (1, 1, 1)):
        x, y = smooth("float32", (rows, inner)), smooth("float32", (inner, columns))
        cases.add("MatMul", x, y, gradient=True)
        cases.add("BatchMatMulV2", x, y, gradient=True)
    cases.add("BatchMatMulV2", smooth("float32", (0, 2, 3)), smooth("float32", (1, 3, 2)))
    _reductions(cases)
    for dtype in allowed_types("ArgMax"):
        cases.add("ArgMax", grid(dtype, (3, 7)), np.int32(1), constants=[1], output_type="int32")
    for output in ("int16", "uint16", "int32", "int64"):
        cases.add("ArgMax", grid("float32", (3, 7)), np.int32(0), constants=[1], output_type=output)
    # Not int16: TensorFlow's kernel reads beyond an axis of that type.
    for index in ("int32", "int64"):
        for axis in (0, 1, -1, -3):
            cases.add("ArgMax", grid("float32", (2, 3, 4)), np.asarray(axis, index), constants=[1], output_type="int32")
    cases.add("ArgMax", np.zeros((0, 3), np.float32), np.int32(1), constants=[1])
    cases.add("ArgMax", np.float32([1, 1, 0]), np.int32(0), constants=[1])
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
