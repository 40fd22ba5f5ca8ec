"""Diagonals and bands of matrices: taken out, put in, and made into matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from framework.errors import GraphError
from framework.graph import Call, register_op
from framework.graph.shapes import Dim, merge, merge_dim, show
from framework.ops.inference import Shapes, at_least_rank, no_flops, static_scalar

ALIGNMENTS = "{'LEFT_RIGHT', 'RIGHT_LEFT', 'LEFT_LEFT', 'RIGHT_RIGHT'}"


class Band(NamedTuple):
    """The diagonals `lower` to `upper`: 0 is the main one, positive ones are above it."""

    lower: int
    upper: int

    @property
    def count(self) -> int:
        """How many diagonals it has."""
        return self.upper - self.lower + 1

    def longest(self, rows: int, columns: int) -> int:
        """The length of the longest of its diagonals in a matrix of this size."""
        return min(rows + min(self.upper, 0), columns - max(self.lower, 0))

    def fits(self, rows: int, columns: int) -> bool:
        """Whether all of its diagonals are inside of a matrix of this size; the main one is in any."""
        return all(k == 0 or -rows < k < columns for k in self)

    def size(self, longest: int, rows: int, columns: int) -> tuple[int, int]:
        """The rows and columns of the matrix that it makes, where -1 is as few as can be. Raises GraphError."""
        least_rows, least_columns = longest - min(self.upper, 0), longest + max(self.lower, 0)
        if rows == columns == -1:
            rows = columns = max(least_rows, least_columns)
        found = least_rows if rows == -1 else rows, least_columns if columns == -1 else columns
        excess = found[0] - least_rows, found[1] - least_columns
        if min(excess) != 0:
            raise GraphError(
                f"diagonals {self.lower} to {self.upper}, the longest of {longest}, take {least_rows} rows and "
                f"{least_columns} columns, and only one of these can be greater; found {found[0]} and {found[1]}"
            )
        return found


def band_of(k: np.ndarray) -> Band:
    """The band that an input `k` names: one diagonal, or the lowest and the uppermost. Raises GraphError."""
    numbers = [int(number) for number in np.atleast_1d(k)]
    if len(numbers) not in (1, 2) or numbers[0] > numbers[-1]:
        raise GraphError(f"'k' must be a diagonal, or the lowest and the uppermost of several, found {k.tolist()}")
    return Band(numbers[0], numbers[-1])


def _static_band(call: Call) -> Band | None:
    """The band of a call, or None where it is computed; the oldest ops know the main diagonal alone."""
    names = [arg.name for arg in call.op.inputs]
    if "padding_value" in names:
        call.rank(names.index("padding_value"), 0)
    if "k" not in names:
        return Band(0, 0)
    call.rank(names.index("k"), 0, 1)
    k = call.constants[names.index("k")]
    return None if k is None else band_of(k)


def _check_band(call: Call, band: Band, matrix: Sequence[Dim]) -> None:
    rows, columns = matrix
    if rows is not None and columns is not None and not band.fits(rows, columns):
        raise call.fail(f"'k' {list(band)} is outside of a matrix {show(tuple(matrix))}")


def _inner(band: Band, matrix: Sequence[Dim]) -> tuple[Dim, ...]:
    """The last axes of the diagonals of a matrix."""
    rows, columns = matrix
    longest = None if rows is None or columns is None else band.longest(rows, columns)
    return (longest,) if band.count == 1 else (band.count, longest)


# -- taken out ------------------------------------------------------------------------------------------------------


def _diag_part_shape(call: Call) -> Shapes:
    shape, band = at_least_rank(call, 0, 2), _static_band(call)
    if shape is None or band is None:
        return [None]
    _check_band(call, band, shape[-2:])
    return [(*shape[:-2], *_inner(band, shape[-2:]))]


# -- made into matrices ---------------------------------------------------------------------------------------------


def _diag_shape(call: Call) -> Shapes:
    shape, band = at_least_rank(call, 0, 1), _static_band(call)
    rows, columns = (static_scalar(call, k) for k in (2, 3)) if len(call.shapes) > 1 else (-1, -1)
    if shape is None or band is None:
        return [None]
    outer = _outer(call, shape, band)
    if shape[-1] is None or rows is None or columns is None:
        return [(*outer, *(None if n == -1 else n for n in (rows, columns)))]
    return [(*outer, *band.size(shape[-1], rows, columns))]


def _outer(call: Call, diagonals: Sequence[Dim], band: Band) -> tuple[Dim, ...]:
    """The axes of stacked diagonals in front of those of a band."""
    if band.count == 1:
        return tuple(diagonals[:-1])
    if len(diagonals) < 2 or diagonals[-2] not in (band.count, None):
        raise call.fail(f"'k' {list(band)} names {band.count} diagonals, but 'diagonal' is {show(tuple(diagonals))}")
    return tuple(diagonals[:-2])


# -- put in ---------------------------------------------------------------------------------------------------------


def _set_diag_shape(call: Call) -> Shapes:
    shape, diagonals = at_least_rank(call, 0, 2), at_least_rank(call, 1, 1)
    band = _static_band(call)
    if shape is None or band is None:
        return [shape]
    _check_band(call, band, shape[-2:])
    fitting = (*shape[:-2], *_inner(band, shape[-2:]))
    try:
        merge(fitting, diagonals)
    except GraphError:
        raise call.fail(
            f"'diagonal' must be {show(fitting)} for diagonals {list(band)} of {show(shape)}, found {show(diagonals)}"
        ) from None
    if diagonals is None:
        return [shape]
    return [(*(merge_dim(a, b) for a, b in zip(shape[:-2], diagonals, strict=False)), *shape[-2:])]


_ALIGNED = "the shorter ones of a band are aligned as `align` says: LEFT_RIGHT is left above and right below"

for _version, _attrs, _doc in (
    ("V2", "T: type", "the shorter ones of a band are aligned to the left (the older op)"),
    ("V3", f"T: type, align: {ALIGNMENTS} = 'RIGHT_LEFT'", _ALIGNED),
):
    _wrapper = "_v2" if _version == "V2" else ""
    register_op(
        f"MatrixDiag{_version}",
        inputs="diagonal: T, k: int32, num_rows: int32, num_cols: int32, padding_value: T",
        outputs="output: T",
        attrs=_attrs,
        shape=_diag_shape,
        flops=no_flops,
        wrapper=f"matrix_diag{_wrapper}",
        doc="Matrices with the given diagonals, and `padding_value` elsewhere. `k` is one diagonal, 0 the main one, or "
        f"the lowest and the uppermost of a band; {_doc}.",
    )
    register_op(
        f"MatrixDiagPart{_version}",
        inputs="input: T, k: int32, padding_value: T",
        outputs="diagonal: T",
        attrs=_attrs,
        shape=_diag_part_shape,
        flops=no_flops,
        wrapper=f"matrix_diag_part{_wrapper}",
        doc="Diagonals of the matrices in the last two axes, filled up with `padding_value`. `k` is one diagonal, 0 "
        f"the main one, or the lowest and the uppermost of a band, of which the uppermost comes first; {_doc}.",
    )
    register_op(
        f"MatrixSetDiag{_version}",
        inputs="input: T, diagonal: T, k: int32",
        outputs="output: T",
        attrs=_attrs,
        shape=_set_diag_shape,
        flops=no_flops,
        wrapper=f"matrix_set_diag{_wrapper}",
        doc="The matrices in the last two axes with other diagonals. `k` is one diagonal, 0 the main one, or the "
        f"lowest and the uppermost of a band; {_doc}.",
    )

register_op(
    "MatrixDiag",
    inputs="diagonal: T",
    outputs="output: T",
    attrs="T: type",
    shape=_diag_shape,
    flops=no_flops,
    wrapper="matrix_diag_v1",
    doc="Square matrices with the last axis as their main diagonals, and zeros elsewhere (the oldest op).",
)
register_op(
    "MatrixDiagPart",
    inputs="input: T",
    outputs="diagonal: T",
    attrs="T: type",
    shape=_diag_part_shape,
    flops=no_flops,
    wrapper="matrix_diag_part_v1",
    doc="The main diagonals of the matrices in the last two axes (the oldest op).",
)
register_op(
    "MatrixSetDiag",
    inputs="input: T, diagonal: T",
    outputs="output: T",
    attrs="T: type",
    shape=_set_diag_shape,
    flops=no_flops,
    wrapper="matrix_set_diag_v1",
    doc="The matrices in the last two axes with other main diagonals (the oldest op).",
)


# -- of tensors -----------------------------------------------------------------------------------------------------

_TYPES = "{bfloat16, half, float, double, int32, int64, complex64, complex128}"


def _tensor_diag_shape(call: Call) -> Shapes:
    shape = at_least_rank(call, 0, 1)
    return [shape and (*shape, *shape)]


register_op(
    "Diag",
    inputs="diagonal: T",
    outputs="output: T",
    attrs=f"T: {_TYPES}",
    shape=_tensor_diag_shape,
    flops=no_flops,
    doc="A tensor of twice the rank with the elements where both halves of a position are equal, and zeros elsewhere.",
)


def _tensor_diag_part_shape(call: Call) -> Shapes:
    shape = call.shapes[0]
    if shape is None:
        return [None]
    half = len(shape) // 2
    if not shape or len(shape) % 2:
        raise call.fail(f"input 'input' must have an even rank of 2 or more, found shape {show(shape)}")
    return [merge(shape[:half], shape[half:])]


register_op(
    "DiagPart",
    inputs="input: T",
    outputs="diagonal: T",
    attrs=f"T: {_TYPES}",
    shape=_tensor_diag_part_shape,
    flops=no_flops,
    doc="The elements of a tensor at positions of which both halves are equal, as a tensor of half the rank.",
)
