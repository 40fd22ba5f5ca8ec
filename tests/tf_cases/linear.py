"""Cases of running sums, of diagonals and bands, and of linear algebra."""

from __future__ import annotations

import itertools

import numpy as np
from recorder import FLOATS, TYPES, Recorder, allowed_types, grid, numpy_type, smooth

CUMULATIVE = ("Cumsum", "Cumprod", "CumulativeLogsumexp")
ALIGNMENTS = ("LEFT_RIGHT", "RIGHT_LEFT", "LEFT_LEFT", "RIGHT_RIGHT")
SOME = ("float32", "complex64", "int32", "bool")
BANDS = (0, 1, -2, (0, 0), (-1, 1), (0, 2), (-2, 0), (1, 2), (-2, -1), (-2, 3))


def cumulative() -> Recorder:
    cases = Recorder("cumulative")
    for op in CUMULATIVE:
        for dtype in allowed_types(op):
            x = grid(dtype, (3, 5), positive=op == "Cumprod")
            cases.add(op, x, np.int32(1), constants=[1], gradient=dtype in FLOATS)
        for exclusive, reverse in itertools.product((False, True), repeat=2):
            attrs = {"exclusive": exclusive, "reverse": reverse}
            cases.add(op, smooth("float32", (3, 5)), np.int32(1), constants=[1], gradient=True, **attrs)
        for axis, index in itertools.product((0, 1, -1, -3), ("int32", "int64")):
            x, gradient = smooth("float32", (2, 3, 4)), index == "int32"
            cases.add(op, x, np.asarray(axis, index), constants=[1], gradient=gradient)
        for shape in ((0, 3), (3, 0), (1,)):
            for exclusive in (False, True):
                cases.add(op, smooth("float32", shape), np.int32(0), constants=[1], exclusive=exclusive)
    cases.add("CumulativeLogsumexp", np.float32([500, -500, 1000, 1000]), np.int32(0), constants=[1], gradient=True)
    return cases


# -- diagonals ------------------------------------------------------------------------------------------------------


def diagonals() -> Recorder:
    cases = Recorder("diagonals")
    for dtype in TYPES:
        gradient, pad = dtype in FLOATS, np.asarray(grid(dtype, (1,), 5)[0])
        matrix, vector = grid(dtype, (2, 3, 4)), grid(dtype, (2, 3), 1)
        cases.add("MatrixDiag", vector, gradient=gradient)
        cases.add("MatrixDiagPart", matrix, gradient=gradient)
        cases.add("MatrixSetDiag", matrix, vector, gradient=gradient)
        band, two = np.int32([-1, 0]), grid(dtype, (2, 2, 3), 1)
        for version, is_sound in (("V2", False), ("V3", gradient))[dtype not in SOME :]:
            _diag(cases, f"MatrixDiag{version}", two, band, -1, -1, pad, gradient=is_sound)
            cases.add(f"MatrixDiagPart{version}", matrix, band, pad, constants=[1], gradient=is_sound)
            cases.add(f"MatrixSetDiag{version}", matrix, two, band, constants=[2], gradient=is_sound)
    for shape in ((0,), (1,), (3, 0), (0, 2), (2, 1, 3)):
        cases.add("MatrixDiag", smooth("float32", shape))
    for shape in ((1, 1), (3, 2), (2, 3), (0, 2, 2), (2, 2, 1, 3)):
        matrix = smooth("float32", shape)
        cases.add("MatrixDiagPart", matrix, gradient=True)
        cases.add("MatrixSetDiag", matrix, smooth("float32", (*shape[:-2], min(shape[-2:])), 1), gradient=True)
    for k, align in itertools.product(BANDS, (None, *ALIGNMENTS)):
        _bands(cases, (3, 4), k, align, gradient=True)
        if align in ALIGNMENTS[:2]:
            _bands(cases, (4, 3), k, align, gradient=False)
    _bands(cases, (2, 1, 3, 3), (-1, 1), "LEFT_RIGHT", gradient=True)
    for k, rows, columns in (
        (0, 3, 5), (0, 5, 3), (0, 3, -1), (0, -1, 5), (1, 3, 6), (1, -1, 4), (-1, 4, -1), (-1, 6, 3), ((-1, 1), 3, 5),
        ((-2, 1), 4, 3), ((0, 1), -1, 3), ((-1, 2), 3, -1),
    ):  # fmt: skip
        count = 1 if isinstance(k, int) else k[1] - k[0] + 1
        diagonal = smooth("float32", (2, 3) if count == 1 else (2, count, 3))
        sizes = np.int32(k), rows, columns, np.float32(9)
        for align in ALIGNMENTS[: None if count > 1 else 1]:
            _diag(cases, "MatrixDiagV3", diagonal, *sizes, align=align, gradient=True)
        _diag(cases, "MatrixDiagV2", diagonal, *sizes)
    for dtype in allowed_types("Diag"):
        cases.add("Diag", grid(dtype, (3,)), gradient=dtype in FLOATS)
        cases.add("DiagPart", grid(dtype, (3, 3)), gradient=dtype in FLOATS)
    for shape in ((1,), (0,), (2, 3), (2, 1, 2)):
        cases.add("Diag", smooth("float32", shape), gradient=True)
        cases.add("DiagPart", smooth("float32", shape * 2), gradient=True)
    return cases


def _diag(cases: Recorder, op: str, diagonal, k, rows: int, columns: int, pad, **options) -> None:
    cases.add(op, diagonal, k, np.int32(rows), np.int32(columns), pad, constants=[1, 2, 3], **options)


def _bands(cases: Recorder, shape: tuple, k, align: str | None, gradient: bool) -> None:
    """A band taken out of a matrix, put in, and made into one; `align` is None for the older ops."""
    rows, columns = shape[-2:]
    lower, upper = (k, k) if isinstance(k, int) else k
    if not all(d == 0 or -rows < d < columns for d in (lower, upper)):
        return
    version, attrs = ("V2", {}) if align is None else ("V3", {"align": align})
    longest = min(rows + min(upper, 0), columns - max(lower, 0))
    inner = (longest,) if lower == upper else (upper - lower + 1, longest)
    matrix, diagonal = smooth("float32", shape), smooth("float32", (*shape[:-2], *inner), 1)
    # TensorFlow's gradients of the older ops take the alignment of the newer ones.
    attrs["gradient"] = gradient and (version == "V3" or lower == upper)
    cases.add(f"MatrixDiagPart{version}", matrix, np.int32(k), np.float32(7), constants=[1], **attrs)
    cases.add(f"MatrixSetDiag{version}", matrix, diagonal, np.int32(k), constants=[2], **attrs)
    _diag(cases, f"MatrixDiag{version}", diagonal, np.int32(k), -1, -1, np.float32(7), **attrs)


# -- algebra --------------------------------------------------------------------------------------------------------


def linear_algebra() -> Recorder:
    cases = Recorder("linear_algebra")
    for dtype in allowed_types("MatrixInverse"):
        _square(cases, dtype, (2, 3, 3))
    for shape in ((1, 1), (4, 4), (2, 1, 2, 2), (0, 0), (0, 3, 3), (2, 0, 0)):
        _square(cases, "float32", shape)
    for dtype, lower, adjoint in itertools.product(
        allowed_types("MatrixTriangularSolve"), (False, True), (False, True)
    ):
        a, b = _well_conditioned(dtype, (2, 3, 3)), _any(dtype, (2, 3, 2), 1)
        gradient = dtype in ("float32", "float64")
        cases.add("MatrixTriangularSolve", a, b, lower=lower, adjoint=adjoint, gradient=gradient)
    for matrix, right in (
        ((3, 3), (2, 3, 2)), ((2, 1, 2, 2), (3, 2, 1)), ((1, 1), (1, 1)), ((0, 0), (0, 2)), ((2, 2), (2, 0)),
        ((0, 2, 2), (0, 2, 1)),
    ):  # fmt: skip
        a, b = _well_conditioned("float32", matrix), _any("float32", right, 1)
        cases.add("MatrixTriangularSolve", a, b, gradient=0 not in matrix + right)
    for dtype in allowed_types("Cross"):
        cases.add("Cross", grid(dtype, (2, 3), 1), grid(dtype, (2, 3), 2), gradient=dtype in FLOATS)
    for shape in ((3,), (2, 2, 3), (0, 3)):
        cases.add("Cross", smooth("float32", shape, 1), smooth("float32", shape, 2), gradient=True)
    return cases


def decompositions() -> Recorder:
    cases = Recorder("decompositions")
    for dtype in allowed_types("Qr"):
        _decompose(cases, _any(dtype, (2, 3, 3)))
        _decompose(cases, _any(dtype, (4, 2)))
    for shape in ((2, 4), (1, 1), (0, 2), (2, 0), (0, 3, 3)):
        _decompose(cases, smooth("float32", shape))
    return cases


def _decompose(cases: Recorder, x: np.ndarray) -> None:
    rows, columns = x.shape[-2:]
    gradient = x.dtype.name in ("float32", "float64") and x.size > 0
    for full in (False, True):
        # Gradients are of tall matrices alone.
        cases.add("Qr", x, full_matrices=full, gradient=gradient and not full and rows >= columns)
        # Singular vectors may have either sign, so that they are tested otherwise.
        cases.add("Svd", x, full_matrices=full, unset=[1, 2], gradient=gradient and not full)
    if rows == columns:
        cases.add("SelfAdjointEigV2", x, unset=[1], gradient=gradient)


def _square(cases: Recorder, dtype: str, shape: tuple) -> None:
    gradient = dtype in ("float32", "float64") and 0 not in shape
    matrix, right = _well_conditioned(dtype, shape), _any(dtype, (*shape[:-1], 2), 1)
    for adjoint in (False, True):
        cases.add("MatrixInverse", matrix, adjoint=adjoint, gradient=gradient)
        cases.add("MatrixSolve", matrix, right, adjoint=adjoint, gradient=gradient)
    cases.add("MatrixDeterminant", matrix, gradient=gradient)
    cases.add("LogMatrixDeterminant", matrix, gradient=gradient and shape != (1, 1))
    positive = matrix @ np.conj(np.swapaxes(matrix, -1, -2))
    cases.add("Cholesky", positive, gradient=gradient)
    # Only the lower triangle is read.
    cases.add("Cholesky", np.tril(positive).astype(positive.dtype))


def _any(dtype: str, shape: tuple, salt: int = 0) -> np.ndarray:
    if not dtype.startswith("complex"):
        return smooth(dtype, shape, salt)
    return (smooth("float64", shape, salt) + 1j * smooth("float64", shape, salt + 10)).astype(numpy_type(dtype))


def _well_conditioned(dtype: str, shape: tuple) -> np.ndarray:
    """Random matrices with a heavy diagonal, of both signs."""
    signs = np.where(np.arange(shape[-1]) % 2, -3, 3)
    wide = np.complex128 if dtype.startswith("complex") else np.float64
    return (_any(dtype, shape).astype(wide) + np.diag(signs)).astype(numpy_type(dtype))
