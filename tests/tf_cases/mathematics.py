"""Cases of special functions, bits, complex numbers, spectra, colours and vectors that shapes are made of."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from recorder import FLOATS, TYPES, Recorder, allowed_types, grid, numpy_type, smooth

SHAPES = [((3,), ()), ((2, 3), (3,)), ((0, 3), (3,)), ((0,), ()), ((4, 1), (2, 1, 3)), ((), ())]
EDGES = np.float32([0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 1.5, -2.5, np.inf, -np.inf, np.nan, 10.0, 30.0])
ANGLES = ["Tan", "Asin", "Acos", "Atan", "Asinh", "Acosh", "Atanh"]
BINARY = ["TruncateDiv", "Mod", "TruncateMod", "MulNoNan", "Xdivy", "Xlog1py", "Atan2", "NextAfter"]
INTEGER_DIVISIONS = {"TruncateDiv", "Mod", "TruncateMod"}
BETWEEN = ("Asin", "Acos", "Atanh", "Erfinv")  # -1 and 1


def _pairs(*values: Sequence[float]) -> list[np.ndarray]:
    """All combinations of the elements of some vectors."""
    return [x.ravel() for x in np.meshgrid(*values)]


def mathematics() -> Recorder:
    """Elementwise ops, some of whose neighbours are in `arithmetic`."""
    cases = Recorder("mathematics")
    for op in ("Reciprocal", "Inv", "Rint", *ANGLES):
        for dtype in allowed_types(op):
            x = _within(op, grid(dtype, (4, 5)))
            cases.add(op, x, gradient=dtype in FLOATS)
        for shape in ((), (0, 3)):
            cases.add(op, _within(op, smooth("float32", shape)), gradient=True)
        cases.add(op, EDGES, gradient=True)
    for op in BINARY:
        for dtype in allowed_types(op):
            x, y = grid(dtype, (3, 5), 1), grid(dtype, (2, 1, 5), 2)
            cases.add(op, x, _divisor(op, y), gradient=dtype in FLOATS)
        for left, right in SHAPES:
            x, y = smooth("float32", left, 1), _divisor(op, smooth("float32", right, 2))
            cases.add(op, x, y, gradient=0 not in left)
        cases.add(op, *_pairs(EDGES, EDGES), gradient=True)
    for op, dtype in itertools.product(sorted(INTEGER_DIVISIONS), ("int32", "int64")):
        cases.add(op, np.array([7, -7, 7, -7, 6, -6], dtype), np.array([3, 3, -3, -3, 3, -3], dtype))
    for op in ("IsNan", "IsInf"):
        for dtype in allowed_types(op):
            cases.add(op, EDGES.astype(numpy_type(dtype)))
        cases.add(op, np.float32(np.nan))
        cases.add(op, np.zeros((0, 3), np.float32))
    for dtype in allowed_types("ApproximateEqual"):
        x, y = grid(dtype, (3, 5), 1), grid(dtype, (3, 5), 2)
        for tolerance in (0.5, 2.0):
            cases.add("ApproximateEqual", x, y, tolerance=tolerance)
    cases.add("ApproximateEqual", *_pairs(EDGES, EDGES))
    cases.add("ApproximateEqual", np.float32(1), np.float32(1.000001))
    cases.add("ApproximateEqual", np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32))
    return cases


def _within(op: str, x: np.ndarray) -> np.ndarray:
    """x where the op is defined and its gradient too."""
    if op in BETWEEN:
        x = x / 2
    if op in (*BETWEEN, "Inv", "Reciprocal"):
        x = np.where(abs(x) >= 1 if op in BETWEEN else x == 0, 0.5, x)
    if op == "Acosh":
        x = abs(x) + 1.25
    # Two branches of a complex inverse meet on the axes, where roundings decide between them.
    return np.asarray(x + (0.375 + 0.125j if x.dtype.kind == "c" else 0), x.dtype)


def _divisor(op: str, y: np.ndarray) -> np.ndarray:
    if op == "Xlog1py":
        y = (abs(y) + 0.25).astype(y.dtype)
    return np.asarray(np.where(y == 0, 1, y) if op != "MulNoNan" else y, y.dtype)


def special() -> Recorder:
    cases = Recorder("special")
    for op in ("Lgamma", "Digamma", "Erfinv", "Ndtri"):
        for dtype in FLOATS:
            x = abs(smooth(dtype, (4, 5))).astype("float64") + 0.1
            x = x / (1 + x) if op in ("Erfinv", "Ndtri") else x
            cases.add(op, x.astype(numpy_type(dtype)), gradient=True)
        for shape in ((), (0, 3)):
            cases.add(op, np.asarray(0.25 + np.zeros(shape), np.float32), gradient=True)
        for dtype in ("float32", "float64"):
            cases.add(op, EDGES.astype(dtype), gradient=True)
    cases.add("Lgamma", np.float32([-0.3, -1.7, -2.2, -30.5, 100, 1e4]), gradient=True)
    cases.add("Digamma", np.float32([-0.3, -1.7, -2.2, 100, 1e4]), gradient=True)
    for op in ("BesselI0e", "BesselI1e"):
        for dtype in ("float32", "float64"):
            cases.add(op, np.append(EDGES, [5, 8, -9, 100]).astype(dtype), gradient=True)
        for shape in ((), (0, 3), (2, 3)):
            cases.add(op, smooth("float32", shape), gradient=True)
    for op in ("Erfinv", "Ndtri"):
        cases.add(op, np.float64([1e-12, 1e-5, 0.1, 0.4, 0.6, 0.9, 0.999]), gradient=True)
    for dtype in ("float32", "float64"):
        edges = _pairs(EDGES, EDGES)
        orders, powers, points = [0, 1, 2, 3, 5], [1.2, 1.9, 2.5, 4, 11], [0.3, 0.9, 1.4, 5, 40]
        cases.add("Polygamma", *_joined(dtype, _pairs(orders, points), edges), gradient=True)
        cases.add("Zeta", *_joined(dtype, _pairs(powers, points), edges), gradient=True)
        usual = _pairs([0.4, 1, 3, 12], [0, 0.2, 1, 2.5, 14])
        cases.add("Igamma", *_joined(dtype, usual, edges), gradient=True)
        cases.add("Igammac", *_joined(dtype, usual, edges), gradient=dtype == "float32")
        cases.add("IgammaGradA", *_joined(dtype, usual, edges))
        usual = _pairs([0.5, 1, 2.5, 8], [0.5, 1, 2.5, 8], [0, 0.1, 0.4, 0.75, 1])
        ends = [0, -1, 1, 3, np.inf, np.nan]
        edges = _pairs(ends, ends, [0, 0.25, 1, -1, 2, np.nan])
        cases.add("Betainc", *_joined(dtype, usual, edges), gradient=True)
    binary = ("Igamma", "Igammac", "IgammaGradA", "Polygamma", "Zeta")
    for op, (left, right) in itertools.product(binary, (SHAPES[2], *SHAPES[4:])):  # size 0, broadcast, rank 0
        x, y = abs(smooth("float32", left, 1)) + 1.25, abs(smooth("float32", right, 2)) + 0.5
        x = np.asarray(np.round(x) if op == "Polygamma" else x, np.float32)
        cases.add(op, x, np.asarray(y, np.float32))
    for shapes in (((), (), ()), ((), (2, 3), ()), ((0, 2), (), (0, 2))):
        a, b, x = (np.asarray(abs(smooth("float32", shape, k)) + 0.5, np.float32) for k, shape in enumerate(shapes))
        cases.add("Betainc", a, b, np.asarray(x / (1 + x), np.float32))
    return cases


def _joined(dtype: str, *groups: list[np.ndarray]) -> list[np.ndarray]:
    """The inputs of several groups behind one another, so that they are one case: these ops are slow to compile."""
    return [np.concatenate(parts).astype(dtype) for parts in zip(*groups, strict=True)]


def bitwise() -> Recorder:
    cases = Recorder("bitwise")
    for op in ("BitwiseAnd", "BitwiseOr", "BitwiseXor", "LeftShift", "RightShift"):
        for dtype in allowed_types(op):
            limits = np.iinfo(dtype)
            x = np.array([limits.min, limits.max, 0, 1, 5, 100], dtype)
            beyond = [-1, -5, limits.min] if limits.min else []
            y = np.array([0, 1, 3, limits.bits - 1, limits.bits, 120, limits.max, *beyond], dtype)
            cases.add(op, *_pairs(x, y))
        for left, right in SHAPES:
            cases.add(op, grid("int32", left, 1), grid("int32", right, 2))
    for op in ("Invert", "PopulationCount"):
        for dtype in allowed_types(op):
            limits = np.iinfo(dtype)
            cases.add(op, np.array([limits.min, limits.max, 0, 1, 5, 100], dtype))
        for shape in ((), (0, 3), (2, 3)):
            cases.add(op, grid("int32", shape))
    types = [dtype for dtype in TYPES if dtype != "bool"]
    some = ("uint8", "float32", "int64", "complex64")
    for source, target in itertools.product(types, types):
        if source not in some and target not in some:
            continue
        ratio = numpy_type(target).itemsize // numpy_type(source).itemsize
        cases.add("Bitcast", grid(source, (3,) + (ratio,) * (ratio > 1)), type=target)
    for source, target, shape in itertools.product(some, some, ((), (0, 2))):
        ratio = numpy_type(target).itemsize // numpy_type(source).itemsize
        cases.add("Bitcast", grid(source, shape + (ratio,) * (ratio > 1)), type=target)
    return cases


def complex_numbers() -> Recorder:
    cases = Recorder("complex_numbers")
    for part, whole in (("float32", "complex64"), ("float64", "complex128")):
        cases.add("Complex", grid(part, (3, 5), 1), grid(part, (2, 1, 5), 2), Tout=whole, gradient=True)
        z = grid(whole, (3, 4))
        for op in ("Real", "Imag", "Angle", "ComplexAbs"):
            cases.add(op, z, Tout=part)
        cases.add("Conj", z)
    for left, right in SHAPES:
        cases.add("Complex", smooth("float32", left, 1), smooth("float32", right, 2), Tout="complex64", gradient=True)
    for shape in ((), (0, 2)):
        z = (smooth("float32", shape, 1) + 1j * smooth("float32", shape, 2)).astype(np.complex64)
        for op in ("Real", "Imag", "Angle", "ComplexAbs"):
            cases.add(op, z, Tout="float32")
        cases.add("Conj", z)
    real, imaginary = _pairs(EDGES[:-2], EDGES[:-2])
    cases.add("Complex", real, imaginary, Tout="complex64")
    z = np.empty(real.shape, np.complex64)
    z.real, z.imag = real, imaginary
    for op in ("Real", "Imag", "Angle"):
        cases.add(op, z, Tout="float32")
    cases.add("ComplexAbs", z[np.isfinite(z)], Tout="float32")
    cases.add("Conj", z)
    return cases


def spectral() -> Recorder:
    cases = Recorder("spectral")
    for rank, suffix in ((1, ""), (2, "2D"), (3, "3D")):
        for real, whole in (("float32", "complex64"), ("float64", "complex128")):
            shape = (2, 3, 4, 5)[3 - rank :]
            z = (smooth(real, shape, 1) + 1j * smooth(real, shape, 2)).astype(whole)
            lengths = np.int32(shape[1:])
            half = z[..., : shape[-1] // 2 + 1]
            cases.add(f"FFT{suffix}", z)
            cases.add(f"IFFT{suffix}", z)
            cases.add(f"RFFT{suffix}", smooth(real, shape), lengths, constants=[1], Tcomplex=whole, gradient=True)
            cases.add(f"IRFFT{suffix}", half, lengths, constants=[1], Treal=real)
            # An even length, of a part of the input; TensorFlow has no sound gradient there.
            cases.add(f"RFFT{suffix}", smooth(real, shape), lengths - 1, constants=[1], Tcomplex=whole)
            cases.add(f"IRFFT{suffix}", z, lengths - 1, constants=[1], Treal=real)
        for shape in ((1,) * rank, (0, *(2,) * rank), (2, 1, *(4,) * rank)):
            z, lengths = np.ones(shape, np.complex64), np.int32(shape[-rank:])
            cases.add(f"FFT{suffix}", z)
            cases.add(f"IFFT{suffix}", z)
            cases.add(f"RFFT{suffix}", z.real, lengths, constants=[1], Tcomplex="complex64")
            cases.add(f"IRFFT{suffix}", z, lengths, constants=[1], Treal="float32")
    return cases


def colors() -> Recorder:
    cases = Recorder("colors")
    cube = np.stack(_pairs(*[np.float32([0, 0.25, 0.5, 1])] * 3), -1)
    for dtype in allowed_types("RGBToHSV"):
        for op in ("RGBToHSV", "HSVToRGB"):
            cases.add(op, cube.astype(numpy_type(dtype)))
            cases.add(op, abs(smooth(dtype, (2, 3, 3))) % 1, gradient=dtype in ("float32", "float64"))
    for op, shape in itertools.product(("RGBToHSV", "HSVToRGB"), ((3,), (0, 3), (2, 1, 2, 3))):
        cases.add(op, np.asarray(abs(smooth("float32", shape)) % 1, np.float32))
    cases.add("RGBToHSV", np.float32([[-1, 2, 0.5], [-3, -2, -1], [2, 3, 1]]))
    cases.add("HSVToRGB", np.float32([[-0.25, 0.5, 1], [1.25, 0.5, 1], [0.5, 2, -1]]))
    for dtype, factor in itertools.product(("float16", "float32"), (0.0, 0.5, 2.0, -1.0)):
        cases.add("AdjustContrastv2", smooth(dtype, (2, 4, 3, 3)), np.float32(factor))
    for op, factors in (("AdjustHue", (0.0, 0.3, -0.7, 1.0)), ("AdjustSaturation", (0.0, 0.5, 1.0, 3.0))):
        for factor in factors:
            cases.add(op, abs(smooth("float32", (2, 4, 3, 3))) % 1, np.float32(factor))
        cases.add(op, np.float32([[[[0.5, 0.5, 0.5], [0, 0, 0], [1, 1, 0]]]]), np.float32(0.5))
        cases.add(op, np.ones((0, 2, 2, 3), np.float32), np.float32(0.5))
    for shape in ((4, 3, 1), (2, 1, 4, 3, 2), (0, 2, 2, 3)):
        cases.add("AdjustContrastv2", smooth("float32", shape), np.float32(1.5))
    return cases


def identity() -> Recorder:
    cases = Recorder("identity")
    for dtype in TYPES:
        x = grid(dtype, (2, 3))
        for op, attrs in (("Snapshot", {}), ("EnsureShape", {"shape": [2, None]}), ("PreventGradient", {})):
            cases.add(op, x, gradient=dtype in FLOATS and op == "EnsureShape", **attrs)
        cases.add("IdentityN", [x, grid("int32", ()), grid(dtype, (0, 2))], gradient=dtype in FLOATS)
    for shape in ((), (0, 3)):
        for op, attrs in (("Snapshot", {}), ("PreventGradient", {"message": "for a reason"})):
            cases.add(op, smooth("float32", shape), **attrs)
        for wanted in (shape, None, (None,) * len(shape)):
            cases.add("EnsureShape", smooth("float32", shape), shape=wanted, gradient=True)
    cases.add("IdentityN", [smooth("float32", (2,))], gradient=True)
    return cases


def shape_vectors() -> Recorder:
    cases = Recorder("shape_vectors")
    for dtype in TYPES:
        cases.add("ShapeN", [grid(dtype, (2, 3)), grid(dtype, ())])
    for index in ("int32", "int64"):
        cases.add("ShapeN", [smooth("float32", shape) for shape in ((), (0, 3), (2, 3, 4))], out_type=index)
        cases.add("ShapeN", [smooth("float32", (5,))], out_type=index)
        for order in ([0], [], [2, 0, 1], [1, 0], [3, 4, 0, 2, 1]):
            for constants in ([0], []):
                cases.add("InvertPermutation", np.array(order, index), constants=constants)
        for left, right in (
            ([2, 3], [2, 3]), ([2, 3], [3]), ([1, 3], [2, 1]), ([], [2]), ([1], [1]), ([1, 1], [1]), ([0, 1], [1, 0]),
            ([2, 1, 3], [1, 1]), ([1, 1, 2], [3, 1, 2]), ([1], []), ([0], [0]), ([], []), ([4, 1], [2, 1, 3]),
        ):  # fmt: skip
            pair = np.array(left, index), np.array(right, index)
            cases.add("BroadcastGradientArgs", *pair, constants=[0, 1])
            for constants in ([0, 1], [0], []):
                cases.add("BroadcastArgs", *pair, constants=constants)
        for axis, shapes in (
            (0, [[2, 3], [4, 3], [0, 3]]), (-1, [[2, 3], [2, 4]]), (1, [[2, 3], [2, 4], [2, 5]]), (0, [[1], [2]]),
        ):  # fmt: skip
            parts = [np.array(shape, index) for shape in shapes]
            for constants in ([0], [*range(len(parts) + 1)]):
                cases.add("ConcatOffset", np.int32(axis), parts, constants=constants)
    return cases
