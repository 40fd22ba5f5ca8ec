"""Systems of linear equations, inverses, determinants and decompositions of the matrices in the last two axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from framework.graph import Call, register_op
from framework.graph.shapes import Dim, Shape, broadcast, merge, merge_dim, show
from framework.ops.inference import Flops, Shapes, at_least_rank, product

_FIELDS = "{double, float, half, complex64, complex128}"


def _cubic(numerator: int, denominator: int = 1) -> Flops:
    """The cost of `numerator / denominator` times the third power of a matrix's size."""

    def flops(call: Call, outputs: Shapes) -> int | None:
        shape = call.shapes[0]
        total = None if shape is None else product([numerator, *shape, min(shape[-2:], key=lambda d: d or 0)])
        return None if total is None else total // denominator

    return flops


def _square(call: Call) -> Shape:
    """The shape of input 0, matrices with as many rows as columns. Raises GraphError for others."""
    shape = at_least_rank(call, 0, 2)
    if shape is None:
        return None
    if None not in shape[-2:] and shape[-2] != shape[-1]:
        raise call.fail(f"input '{call.op.input_name(0)}' must hold square matrices, found shape {show(shape)}")
    side = merge_dim(shape[-2], shape[-1])
    return (*shape[:-2], side, side)


def _square_shape(call: Call) -> Shapes:
    return [_square(call)]


def _determinant_shape(call: Call) -> Shapes:
    shape = _square(call)
    return [shape and shape[:-2]] * len(call.op.outputs)


_UNSOLVABLE = "Where TensorFlow raises, as there is none, it holds infinities or NaN."

register_op(
    "MatrixInverse",
    inputs="input: T",
    outputs="output: T",
    attrs=f"adjoint: bool = false, T: {_FIELDS}",
    shape=_square_shape,
    flops=_cubic(2),
    doc=f"The inverses of matrices, or with `adjoint` those of their conjugate transposes. {_UNSOLVABLE}",
)
register_op(
    "MatrixDeterminant",
    inputs="input: T",
    outputs="output: T",
    attrs=f"T: {_FIELDS}",
    shape=_determinant_shape,
    flops=_cubic(2, 3),
    doc="The determinants of matrices.",
)
register_op(
    "LogMatrixDeterminant",
    inputs="input: T",
    outputs="sign: T, log_abs_determinant: T",
    attrs=f"T: {_FIELDS}",
    shape=_determinant_shape,
    flops=_cubic(2, 3),
    doc="The signs of the determinants of matrices, and the logarithms of their magnitudes.",
)
register_op(
    "Cholesky",
    inputs="input: T",
    outputs="output: T",
    attrs=f"T: {_FIELDS}",
    shape=_square_shape,
    flops=_cubic(1, 3),
    doc="The lower triangular matrices whose products with their conjugate transposes are the given ones, which must "
    "be positive definite; only their lower triangles are read. Where TensorFlow raises, as there is none, it holds "
    "NaN.",
)


# -- systems of equations -------------------------------------------------------------------------------------------


def _solve_shape(together: Callable[[Shape, Shape], Shape]) -> Callable[[Call], Shapes]:
    """The shape of the solutions, where the stacks of matrices and of right-hand sides go `together`."""

    def shape(call: Call) -> Shapes:
        matrix, right = _square(call), at_least_rank(call, 1, 2)
        if matrix is None or right is None:
            return [None]
        if None not in (matrix[-1], right[-2]) and matrix[-1] != right[-2]:
            raise call.fail(f"'matrix' {show(matrix)} takes right-hand sides of {matrix[-1]} rows, found {show(right)}")
        return [(*(together(matrix[:-2], right[:-2]) or ()), merge_dim(matrix[-1], right[-2]), right[-1])]

    return shape


def _solve_flops(call: Call, outputs: Shapes) -> int | None:
    factors = _cubic(2, 3)(call, outputs)
    return None if factors is None else _added(factors, _substitution_flops(2)(call, outputs))


def _substitution_flops(factor: int) -> Flops:
    def flops(call: Call, outputs: Shapes) -> int | None:
        shape: Sequence[Dim] | None = outputs[0]
        return None if shape is None else product([factor, *shape, shape[-2]])

    return flops


def _added(a: int, b: int | None) -> int | None:
    return None if b is None else a + b


register_op(
    "MatrixSolve",
    inputs="matrix: T, rhs: T",
    outputs="output: T",
    attrs=f"adjoint: bool = false, T: {_FIELDS}",
    shape=_solve_shape(merge),
    flops=_solve_flops,
    doc="The solutions X of matrix X = rhs, or with `adjoint` of its conjugate transpose. " + _UNSOLVABLE,
)
register_op(
    "MatrixTriangularSolve",
    inputs="matrix: T, rhs: T",
    outputs="output: T",
    attrs="lower: bool = true, adjoint: bool = false, T: {bfloat16, double, float, half, complex64, complex128}",
    shape=_solve_shape(broadcast),
    flops=_substitution_flops(1),
    doc="The solutions X of matrix X = rhs for triangular matrices, of which only the `lower` or the upper triangle is "
    "read, or with `adjoint` of their conjugate transposes; stacks broadcast. " + _UNSOLVABLE,
)


# -- vectors --------------------------------------------------------------------------------------------------------


def _cross_shape(call: Call) -> Shapes:
    shape = merge(at_least_rank(call, 0, 1), at_least_rank(call, 1, 1))
    if shape is not None and shape[-1] not in (3, None):
        raise call.fail(f"the last axis must hold the 3 coordinates of a vector, found shape {show(shape)}")
    return [shape and (*shape[:-1], 3)]


register_op(
    "Cross",
    inputs="a: T, b: T",
    outputs="product: T",
    attrs="T: {bfloat16, half, float, double, int8, uint8, int16, uint16, int32, uint32, int64, uint64}",
    shape=_cross_shape,
    flops=lambda call, outputs: None if outputs[0] is None else product([3, *outputs[0]]),
    doc="The cross products of the vectors of three numbers in the last axis.",
)


# -- decompositions -------------------------------------------------------------------------------------------------


def _qr_shape(call: Call) -> Shapes:
    shape = at_least_rank(call, 0, 2)
    if shape is None:
        return [None, None]
    *batch, rows, columns = shape
    inner = rows if call.attrs["full_matrices"] else _least(rows, columns)
    return [(*batch, rows, inner), (*batch, inner, columns)]


def _least(rows: Dim, columns: Dim) -> Dim:
    if 0 in (rows, columns):
        return 0
    return None if rows is None or columns is None else min(rows, columns)


def _svd_shape(call: Call) -> Shapes:
    shape = at_least_rank(call, 0, 2)
    if shape is None:
        return [None] * 3
    *batch, rows, columns = shape
    least = _least(rows, columns)
    if not call.attrs["compute_uv"]:
        return [(*batch, least), (0,), (0,)]
    inner = (rows, columns) if call.attrs["full_matrices"] else (least, least)
    return [(*batch, least), (*batch, rows, inner[0]), (*batch, columns, inner[1])]


def _eigen_shape(call: Call) -> Shapes:
    shape = _square(call)
    return [shape and shape[:-1], shape if call.attrs["compute_v"] else (0,)]


register_op(
    "Qr",
    inputs="input: T",
    outputs="q: T, r: T",
    attrs=f"full_matrices: bool = false, T: {_FIELDS}",
    shape=_qr_shape,
    flops=_cubic(2),
    doc="Matrices as products of q, whose columns are orthonormal, and upper triangular r; with `full_matrices` q is "
    "square.",
)
register_op(
    "SelfAdjointEigV2",
    inputs="input: T",
    outputs="e: T, v: T",
    attrs=f"compute_v: bool = true, T: {_FIELDS}",
    shape=_eigen_shape,
    flops=_cubic(9),
    wrapper="self_adjoint_eig",
    doc="The eigenvalues of self-adjoint matrices, the least first, and with `compute_v` the eigenvectors as columns; "
    "only the lower triangles are read.",
)
register_op(
    "Svd",
    inputs="input: T",
    outputs="s: T, u: T, v: T",
    attrs=f"compute_uv: bool = true, full_matrices: bool = false, T: {_FIELDS}",
    shape=_svd_shape,
    flops=_cubic(12),
    doc="The singular values of matrices, the greatest first, and with `compute_uv` the left and right singular "
    "vectors as columns; with `full_matrices` all of them.",
)
