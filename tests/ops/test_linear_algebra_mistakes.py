"""A use of a matrix op, band or running sum that cannot be is refused while the graph is built, in plain words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from framework import ops
from framework.errors import GraphError
from framework.graph import Graph, Tensor


def f(*shape: int | None) -> Tensor:
    return ops.placeholder("float32", shape)


MISTAKES: dict[str, tuple[Callable[[], object], list[str]]] = {
    # running sums and products, reductions, products
    "Cumprod": (lambda: ops.cumprod(f(2, 3), 2, name="n"), ["axis 2", "rank-2"]),
    "Cumprod scalar": (lambda: ops.cumprod(f(), 0, name="n"), ["'x'", "rank 1 or more", "[]"]),
    "CumulativeLogsumexp": (
        lambda: ops.cumulative_logsumexp(np.int32([1, 2]), 0, name="n"),
        ["'T'", "int32", "float32"],
    ),
    "EuclideanNorm": (lambda: ops.reduce_euclidean_norm(f(2, 3), [1, -1], name="n"), ["once", "[1, -1]"]),
    "BatchMatMulV3": (lambda: ops.batch_matmul_v3(f(2, 3), f(2, 3), "float32", name="n"), ["inner", "3 and 2"]),
    "BatchMatMulV3 stacks": (
        lambda: ops.batch_matmul_v3(f(2, 1, 3), f(5, 3, 1), "float32", name="n"),
        ["[2]", "[5]"],
    ),
    # diagonals
    "MatrixDiagV3": (
        lambda: ops.matrix_diag(f(2, 3), (0, 2), name="n"),
        ["'k' [0, 2]", "3 diagonals", "'diagonal' is [2, 3]"],
    ),
    "MatrixDiagV3 size": (
        lambda: ops.matrix_diag(f(3), 0, 4, 5, name="n"),
        ["longest of 3", "3 rows and 3 columns", "found 4 and 5"],
    ),
    "MatrixDiagV3 small": (lambda: ops.matrix_diag(f(3), 1, 3, 3, name="n"), ["4 columns", "found 3 and 3"]),
    "MatrixDiagV3 align": (lambda: ops.matrix_diag(f(3), align="LEFT", name="n"), ["'align'", "'LEFT'", "LEFT_RIGHT"]),
    "MatrixDiagPartV3": (lambda: ops.matrix_diag_part(f(3, 4), 4, name="n"), ["'k' [4, 4]", "[3, 4]"]),
    "MatrixDiagPartV3 below": (lambda: ops.matrix_diag_part(f(3, 4), (-3, 0), name="n"), ["'k' [-3, 0]", "[3, 4]"]),
    "MatrixDiagPartV3 order": (lambda: ops.matrix_diag_part(f(3, 4), (1, 0), name="n"), ["'k'", "lowest", "[1, 0]"]),
    "MatrixDiagPartV3 many": (lambda: ops.matrix_diag_part(f(3, 4), (0, 1, 2), name="n"), ["'k'", "[0, 1, 2]"]),
    "MatrixDiagPartV3 padding": (
        lambda: ops.matrix_diag_part(f(3, 4), 0, f(1), name="n"),
        ["'padding_value'", "rank 0", "[1]"],
    ),
    "MatrixDiagPartV2": (
        lambda: ops.matrix_diag_part_v2(f(3), name="n"),
        ["'input'", "rank 2 or more", "[3]"],
    ),
    "MatrixSetDiagV3": (
        lambda: ops.matrix_set_diag(f(2, 3, 4), f(2, 2), name="n"),
        ["'diagonal' must be [2, 3]", "[2, 3, 4]", "[2, 2]"],
    ),
    "MatrixSetDiagV2": (
        lambda: ops.matrix_set_diag_v2(f(3, 4), f(3), (0, 1), name="n"),
        ["'diagonal' must be [2, 3]", "[0, 1]", "[3, 4]", "found [3]"],
    ),
    "MatrixSetDiag": (lambda: ops.matrix_set_diag_v1(f(3, 3), f(2), name="n"), ["[3]", "[3, 3]", "found [2]"]),
    "MatrixDiag": (lambda: ops.matrix_diag_v1(f(), name="n"), ["'diagonal'", "rank 1 or more", "[]"]),
    "MatrixDiagPart": (lambda: ops.matrix_diag_part_v1(f(2), name="n"), ["'input'", "rank 2 or more", "[2]"]),
    "Diag": (lambda: ops.diag(f(), name="n"), ["'diagonal'", "rank 1 or more"]),
    "DiagPart": (lambda: ops.diag_part(f(2, 2, 2), name="n"), ["even rank", "[2, 2, 2]"]),
    "DiagPart sizes": (lambda: ops.diag_part(f(2, 3), name="n"), ["2 and 3"]),
    # linear algebra
    "MatrixInverse": (lambda: ops.matrix_inverse(f(2, 3), name="n"), ["square", "[2, 3]"]),
    "MatrixInverse rank": (lambda: ops.matrix_inverse(f(2), name="n"), ["'input'", "rank 2 or more", "[2]"]),
    "MatrixInverse type": (lambda: ops.matrix_inverse(np.eye(2, dtype=np.int32), name="n"), ["'T'", "int32"]),
    "MatrixDeterminant": (lambda: ops.matrix_determinant(f(4, 2, 3), name="n"), ["square", "[4, 2, 3]"]),
    "LogMatrixDeterminant": (lambda: ops.log_matrix_determinant(f(3, 2), name="n"), ["square", "[3, 2]"]),
    "Cholesky": (lambda: ops.cholesky(f(3, 2), name="n"), ["square", "[3, 2]"]),
    "MatrixSolve": (lambda: ops.matrix_solve(f(3, 3), f(2, 3), name="n"), ["3 rows", "[3, 3]", "[2, 3]"]),
    "MatrixSolve stacks": (lambda: ops.matrix_solve(f(2, 3, 3), f(1, 3, 1), name="n"), ["2 and 1"]),
    "MatrixSolve vector": (lambda: ops.matrix_solve(f(3, 3), f(3), name="n"), ["'rhs'", "rank 2 or more", "[3]"]),
    "MatrixTriangularSolve": (
        lambda: ops.matrix_triangular_solve(f(2, 3, 3), f(4, 3, 1), name="n"),
        ["[2]", "[4]", "broadcast"],
    ),
    "Cross": (lambda: ops.cross(f(2, 4), f(2, 4), name="n"), ["3 coordinates", "[2, 4]"]),
    "Cross shapes": (lambda: ops.cross(f(2, 3), f(1, 3), name="n"), ["2 and 1"]),
    "Qr": (lambda: ops.qr(f(3), name="n"), ["'input'", "rank 2 or more", "[3]"]),
    "SelfAdjointEigV2": (lambda: ops.self_adjoint_eig(f(3, 2), name="n"), ["square", "[3, 2]"]),
    "Svd": (lambda: ops.svd(np.float16([1]), name="n"), ["'input'", "rank 2 or more", "[1]"]),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_names_the_node_what_was_found_and_what_was_allowed(name: str) -> None:
    mistake, words = MISTAKES[name]
    with Graph().as_default(), pytest.raises(GraphError) as caught:
        mistake()
    assert caught.value.node == "n"
    for word in words:
        assert word in str(caught.value), str(caught.value)
