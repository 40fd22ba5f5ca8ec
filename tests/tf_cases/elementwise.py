"""Cases of arithmetic, logic, activations and casts."""

from __future__ import annotations

import numpy as np
from recorder import COMPLEX, FLOATS, INTEGERS, TYPES, Recorder, allowed_types, grid, numpy_type, smooth

SHAPES = [((), ()), ((3,), ()), ((2, 3), (3,)), ((4, 1), (2, 1, 3)), ((0, 3), (3,)), ((2, 0), (1, 1)), ((0,), ())]
SYMMETRIC = ["Add", "AddV2", "Mul", "Maximum", "Minimum", "SquaredDifference"]
BINARY = [*SYMMETRIC, "Sub", "Div", "RealDiv", "FloorDiv", "FloorMod", "Pow", "DivNoNan", "Xlogy"]
DIVISIONS = {"Div", "RealDiv", "FloorDiv", "FloorMod"}
COMPARISONS = ["Equal", "NotEqual", "Less", "LessEqual", "Greater", "GreaterEqual"]
UNARY = [
    "Neg", "Abs", "Sign", "Square", "Sqrt", "Rsqrt", "Exp", "Expm1", "Sin", "Cos", "Sinh", "Cosh", "Log", "Log1p",
    "Erf", "Erfc", "Floor", "Ceil", "Round",
]  # fmt: skip
ACTIVATIONS = ["Relu", "Relu6", "LeakyRelu", "Elu", "Selu", "Softplus", "Softsign", "Sigmoid", "Tanh"]
POSITIVE = {"Sqrt", "Rsqrt", "Log"}
NAN = np.array([np.nan, 1.0, np.nan, np.inf, -np.inf], np.float32)
OTHER = np.array([1.0, np.nan, np.nan, -np.inf, -np.inf], np.float32)


def arithmetic() -> Recorder:
    cases = Recorder("arithmetic")
    for op in BINARY:
        for dtype in allowed_types(op):
            x, y = _operands(op, dtype, (3, 5), (2, 1, 5))
            cases.add(op, x, y, gradient=dtype in FLOATS)
        for left, right in SHAPES:
            cases.add(op, *_operands(op, "float32", left, right), gradient=0 not in left)
        cases.add(op, NAN, OTHER)
    cases.add("Pow", np.float32([-2, -1, 0, 0, 3, -2]), np.float32([2, 3, 0, 2, -1, -3]))
    cases.add("Pow", np.float32([-2, -1, 0, 3, 1.5]), np.float32([2, 3, 2, -1, 0.5]), gradient=True)
    cases.add("Div", np.int32([7, -7, 7, -7]), np.int32([2, 2, -2, -2]))
    for op in ("FloorDiv", "FloorMod"):
        cases.add(op, np.float32([7, -7, 7, -7, 0.3, -0.3]), np.float32([2, 2, -2, -2, 0.1, 0.1]))
    cases.add("DivNoNan", np.float32([1, 0, -2, 3]), np.float32([0, 0, 0, 2]), gradient=True)
    cases.add("Xlogy", np.float32([0, 0, 2, 1]), np.float32([0, 3, 3, 0.5]), gradient=True)
    for op in UNARY:
        # TensorFlow's kernel rounds all integers to 0, where its Python function does not call it.
        for dtype in allowed_types(op) if op != "Round" else FLOATS:
            x = grid(dtype, (4, 5), positive=op in POSITIVE and dtype in FLOATS)
            x = x / 2 + x.dtype.type(0.25) if op == "Log1p" and dtype in FLOATS else x
            x = np.where(x == -1, 1, x).astype(x.dtype) if op == "Log1p" else x
            zero_is_a_pole = op in ("Log", "Rsqrt", "Sign") and dtype in COMPLEX
            cases.add(op, np.where(x == 0, 1, x).astype(x.dtype) if zero_is_a_pole else x, gradient=dtype in FLOATS)
        for shape in ((), (0, 3)):
            cases.add(op, np.abs(smooth("float32", shape)), gradient=True)
        cases.add(op, np.float32([0.0, -1.0, np.nan, np.inf, -np.inf, 1e-20, 80.0]))
    for dtype in FLOATS:
        cases.add("Round", np.arange(-3.5, 4.0, 0.5).astype(numpy_type(dtype)))
    _clips(cases)
    for dtype in allowed_types("AddN"):
        cases.add("AddN", [grid(dtype, (2, 3), k) for k in range(3)], gradient=dtype in FLOATS)
    cases.add("AddN", [np.float32(2)])
    cases.add("AddN", [np.zeros((0, 2), np.float32)] * 2)
    for source in TYPES:
        for target in TYPES:
            # What leaves the range of an integer has no meaning in C++, and none in these cases.
            x = grid(source, (3, 4), positive=target.startswith("uint") and source in FLOATS + COMPLEX)
            x = np.abs(x.real).astype(x.dtype) if source in COMPLEX and target.startswith("uint") else x
            cases.add("Cast", x, DstT=target, gradient=source in FLOATS and target in FLOATS)
    cases.add("Cast", np.float32([-1.7, -0.2, 0.0, 0.9, 2.5, 1e6]), DstT="int32")
    cases.add("Cast", np.float32([-1.7, -0.2, 0.0, np.nan, np.inf]), DstT="bool")
    cases.add("Cast", np.int32([300, -1, 128, 65536]), DstT="uint8")
    cases.add("Cast", np.int32([300, -1, 128, 65536]), DstT="int8")
    cases.add("Cast", smooth("float32", (7,)), DstT="bfloat16")
    return cases


def _clips(cases: Recorder) -> None:
    for dtype in FLOATS + INTEGERS:
        least, greatest = np.asarray(1, numpy_type(dtype)), np.asarray(2, numpy_type(dtype))
        cases.add("ClipByValue", grid(dtype, (3, 5)), least / 2 if dtype in FLOATS else least, greatest)
    least, greatest = (np.sort([smooth("float32", (3, 4), k) for k in (2, 3)], axis=0))[:]
    cases.add("ClipByValue", smooth("float32", (3, 4)), least, greatest, gradient=True)
    cases.add("ClipByValue", np.float32([-2, -1, 0, 1, 2]), np.float32(-1), np.float32(1), gradient=True)
    cases.add("ClipByValue", np.float32(3), np.float32(-1), np.float32(1), gradient=True)
    cases.add("ClipByValue", np.zeros((0, 2), np.float32), np.float32(-1), np.float32(1))


def _operands(op: str, dtype: str, left: tuple[int, ...], right: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    x, y = grid(dtype, left, salt=1), grid(dtype, right, salt=2)
    if op in DIVISIONS:
        y = np.where(y == 0, np.ones_like(y), y)
    if op == "Xlogy":
        y = np.abs(y) + y.dtype.type(0.25)
    if op == "Pow":
        x = grid(dtype, left, salt=1, positive=dtype in FLOATS)
        x = np.where(x == 0, np.ones_like(x), x) if dtype in COMPLEX else x
        y = np.abs(y) % 4 if dtype in INTEGERS else y
    return np.asarray(x, numpy_type(dtype)), np.asarray(y, numpy_type(dtype))


def logic() -> Recorder:
    cases = Recorder("logic")
    for op in COMPARISONS:
        for dtype in allowed_types(op):
            cases.add(op, grid(dtype, (3, 5), 1), grid(dtype, (2, 1, 5), 2))
        for left, right in SHAPES:
            cases.add(op, grid("float32", left, 1), grid("float32", right, 2))
        cases.add(op, NAN, OTHER)
    for op in ("Equal", "NotEqual"):
        for right in ((3,), (2,), (2, 2)):
            cases.add(op, grid("float32", (2, 3)), grid("float32", right), incompatible_shape_error=False)
    for op in ("LogicalAnd", "LogicalOr"):
        for left, right in [*SHAPES, ((3, 5), (2, 1, 5))]:
            cases.add(op, grid("bool", left, 1), grid("bool", right, 2))
    for shape in ((), (4,), (0, 2)):
        cases.add("LogicalNot", grid("bool", shape))
    for dtype in allowed_types("IsFinite"):
        cases.add("IsFinite", NAN.astype(numpy_type(dtype)))
    cases.add("IsFinite", np.float32(1))
    cases.add("IsFinite", np.zeros((0, 3), np.float32))
    for dtype in TYPES:
        x, y = grid(dtype, (3, 5), 1), grid(dtype, (3, 5), 2)
        cases.add("Select", grid("bool", (3,)), x, y, gradient=dtype in FLOATS)
    for condition, shape in (((), ()), ((4,), (4,)), ((0,), (0, 2)), ((2,), (2, 3, 4)), ((2, 3, 4), (2, 3, 4))):
        cases.add("Select", grid("bool", condition), smooth("float32", shape), smooth("float32", shape, 1))
    for dtype in TYPES:
        x, y = grid(dtype, (3, 5), 1), grid(dtype, (5,), 2)
        cases.add("SelectV2", grid("bool", (2, 1, 1)), x, y, gradient=dtype in FLOATS)
    for condition, left, right in (((), (), ()), ((3,), (), (2, 1)), ((0, 1), (3,), ())):
        cases.add("SelectV2", grid("bool", condition), smooth("float32", left), smooth("float32", right), gradient=True)
    return cases


def activation() -> Recorder:
    cases = Recorder("activation")
    for op in ACTIVATIONS:
        for dtype in allowed_types(op):
            cases.add(op, grid(dtype, (4, 6)), gradient=dtype in FLOATS)
        for shape in ((), (0, 3)):
            cases.add(op, smooth("float32", shape), gradient=True)
        cases.add(op, np.float32([-100, -20, -0.0, 6, 20, 100, np.inf]))
    cases.add("Relu6", np.float32([-1, 0, 3, 6, 7]), gradient=True)
    for alpha in (0.0, 0.5, 1.0):
        cases.add("LeakyRelu", grid("float32", (3, 4)), alpha=alpha, gradient=True)
    for op in ("Softmax", "LogSoftmax"):
        for dtype in FLOATS:
            cases.add(op, smooth(dtype, (3, 4)), gradient=True)
        for shape in ((4,), (2, 3, 4), (0, 4), (3, 1)):
            cases.add(op, smooth("float32", shape), gradient=True)
        cases.add(op, np.float32([[1000, 1000, -1000], [-1e30, 0, 1]]))
    return cases


def loss() -> Recorder:
    cases = Recorder("loss")
    for dtype in FLOATS:
        labels = np.abs(smooth("float64", (4, 5), 2))
        labels = (labels / labels.sum(1, keepdims=True)).astype(numpy_type(dtype))
        cases.add("SoftmaxCrossEntropyWithLogits", smooth(dtype, (4, 5)), labels, gradient=True)
        for index in ("int32", "int64"):
            cases.add(
                "SparseSoftmaxCrossEntropyWithLogits", smooth(dtype, (4, 5)), np.arange(4).astype(index), gradient=True
            )
        for shape in ((3, 4), (), (0, 2)):
            cases.add("L2Loss", smooth(dtype, shape), gradient=True)
    cases.add("SoftmaxCrossEntropyWithLogits", smooth("float32", (3, 4)), np.full((1, 4), 0.25, np.float32))
    cases.add("SoftmaxCrossEntropyWithLogits", smooth("float32", (3, 4)), grid("float32", (3, 4)))
    cases.add("SoftmaxCrossEntropyWithLogits", np.float32([[500, -500], [-1e30, 0]]), np.float32([[1, 0], [0, 1]]))
    cases.add("SoftmaxCrossEntropyWithLogits", np.zeros((0, 3), np.float32), np.zeros((0, 3), np.float32))
    cases.add("SparseSoftmaxCrossEntropyWithLogits", np.zeros((0, 3), np.float32), np.zeros((0,), np.int64))
    return cases
