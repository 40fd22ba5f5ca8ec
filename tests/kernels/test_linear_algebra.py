"""Derivatives against finite differences, decompositions against what they mean, and what has no solution."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.test_util import check_grads

from framework.kernels import find_kernel

pytestmark = pytest.mark.usefixtures("unoptimized")
IDS = np.array([0, 0, 2, 2])  # segment 1 has no rows


def kernel(op: str, **attrs: Any) -> Callable[..., Any]:
    found = find_kernel(op, "cpu")
    assert found is not None
    return lambda *inputs: found(attrs, *inputs)


def of_symmetric(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x: function(x + x.T)


def of_positive(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x: function(x @ x.T + jnp.eye(len(x)))


RUNNING = {"exclusive": True, "reverse": True}
BAND = np.array([-1, 2])
# A function of arrays of the given shapes.
DIFFERENTIABLE: dict[str, tuple[Callable[..., Any], list[tuple[int, ...]]]] = {
    "MatrixInverse": (kernel("MatrixInverse", adjoint=True), [(3, 3)]),
    "MatrixDeterminant": (kernel("MatrixDeterminant"), [(2, 4, 4)]),
    "LogMatrixDeterminant": (lambda x: kernel("LogMatrixDeterminant")(x)[1], [(3, 3)]),
    "MatrixSolve": (kernel("MatrixSolve", adjoint=True), [(3, 3), (3, 2)]),
    "MatrixTriangularSolve": (kernel("MatrixTriangularSolve", lower=False, adjoint=True), [(3, 3), (2, 3, 1)]),
    "Cholesky": (of_positive(kernel("Cholesky")), [(3, 3)]),
    "Qr": (kernel("Qr", full_matrices=False), [(4, 2)]),
    "Svd": (lambda x: kernel("Svd", compute_uv=False)(x)[0], [(3, 2)]),
    "SelfAdjointEigV2": (of_symmetric(lambda x: kernel("SelfAdjointEigV2", compute_v=False)(x)[0]), [(3, 3)]),
    "Cross": (kernel("Cross"), [(2, 3), (2, 3)]),
    "EuclideanNorm": (lambda x: kernel("EuclideanNorm", keep_dims=False)(x, np.array([0])), [(3, 2)]),
    "BatchMatMulV3": (
        lambda x, y: kernel("MatMul", transpose_a=True, transpose_b=False)(x, y),
        [(3, 2), (3, 4)],
    ),
    "Cumprod": (lambda x: kernel("Cumprod", **RUNNING)(x, np.array(0)), [(4, 2)]),
    "CumulativeLogsumexp": (lambda x: kernel("CumulativeLogsumexp", **RUNNING)(x, np.array(0))[:-1], [(4, 2)]),
    "MatrixDiagPartV3": (
        lambda x: kernel("MatrixDiagPartV3", align="LEFT_RIGHT")(x, BAND, np.float64(3)),
        [(2, 3, 4)],
    ),
    "MatrixSetDiagV3": (lambda x, d: kernel("MatrixSetDiagV3", align="LEFT_RIGHT")(x, d, BAND), [(3, 4), (4, 3)]),
    **{
        f"Segment{name}": (lambda x, name=name: kernel(f"Segment{name}")(x, IDS), [(4, 2)])
        for name in ("Sum", "Prod", "Mean", "Max", "Min")
    },
    **{
        f"UnsortedSegment{name}": (
            lambda x, name=name: kernel(f"UnsortedSegment{name}")(x, np.array([2, 0, -1, 0]), np.array(3)),
            [(4, 2)],
        )
        for name in ("Sum", "Prod", "Max", "Min")
    },
    **{
        f"TensorScatter{name}": (
            lambda x, u, name=name: kernel(f"TensorScatter{name}")(x, np.array([[2], [0]]), u),
            [(3, 2), (2, 2)],
        )
        for name in ("Update", "Add", "Sub", "Max", "Min")
    },
    "DynamicStitch": (
        lambda a, b: kernel("DynamicStitch", N=2)(np.array([0, 3]), np.array([3, 1]), a, b),
        [(2, 2), (2, 2)],
    ),
    "DynamicPartition": (
        lambda x: kernel("DynamicPartition", num_partitions=2)(x, np.array([1, 0, 1])),
        [(3, 2)],
    ),
    "ReverseSequence": (
        lambda x: kernel("ReverseSequence", seq_dim=0, batch_dim=1)(x, np.array([2, 3])),
        [(4, 2)],
    ),
}

COMPILED = {op: jax.jit(function) for op, (function, _) in DIFFERENTIABLE.items()}


@pytest.mark.parametrize("op", DIFFERENTIABLE)
@settings(max_examples=3, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_derivatives_are_those_of_finite_differences(op: str, seed: int) -> None:
    function, shapes = COMPILED[op], DIFFERENTIABLE[op][1]
    # Numbers that stand apart, so that none becomes the greatest by a small step; square matrices far from singular.
    sizes = [math.prod(shape) for shape in shapes]
    generator, total = np.random.default_rng(seed), sum(sizes)
    numbers = 2 * (generator.permutation(total) + generator.uniform(0, 0.5, total)) / total - 1
    arguments = [
        part.reshape(shape) + 3 * np.eye(*shape[-2:]) * (shape[-1] == shape[-2])
        for part, shape in zip(np.split(numbers, np.cumsum(sizes)[:-1]), shapes, strict=True)
    ]
    with jax.enable_x64(True):
        check_grads(function, arguments, order=1, modes=("rev",), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("op", ["SegmentProd", "UnsortedSegmentProd", "Cumprod"])
@pytest.mark.parametrize("zeros", [[0], [0, 1], [0, 1, 3]])
def test_products_have_derivatives_where_factors_are_zero(op: str, zeros: list[int]) -> None:
    function, _ = DIFFERENTIABLE[op]
    x = np.array([[1.5, -0.5], [2.0, 3.0], [0.7, 4.0], [-3.0, 0.9]])
    x[zeros] = 0
    with jax.enable_x64(True):
        check_grads(function, (x,), order=2, modes=("rev",), atol=1e-4, rtol=1e-4)


# -- decompositions -------------------------------------------------------------------------------------------------

rng = np.random.default_rng(0)
MATRICES = [rng.normal(size=shape).astype(np.float32) for shape in ((4, 4), (2, 5, 3), (2, 3, 5), (3, 0), (0, 2, 2))]
MATRICES.append((rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3))).astype(np.complex64))


def adjoint(x: jax.Array) -> np.ndarray:
    return np.conj(np.swapaxes(x, -1, -2))


def assert_near(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, expected, atol=2e-5)


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("x", MATRICES, ids=lambda x: str(x.shape))
def test_the_parts_of_a_matrix_multiply_to_it(x: np.ndarray, full: bool) -> None:
    rows, columns = x.shape[-2:]
    least = min(rows, columns)
    q, r = kernel("Qr", full_matrices=full)(x)
    assert_near(q @ r, x)
    assert_near(adjoint(q) @ q, np.broadcast_to(np.eye(q.shape[-1]), (*x.shape[:-2], *q.shape[-1:] * 2)))
    s, u, v = kernel("Svd", compute_uv=True, full_matrices=full)(x)
    assert u.shape[-2:] == (rows, rows if full else least)
    assert v.shape[-2:] == (columns, columns if full else least)
    assert_near(u[..., :least] * s[..., None, :] @ adjoint(v[..., :least]), x)
    assert_near(s, np.linalg.svd(x, compute_uv=False) if x.size else s)
    alone, *nothing = kernel("Svd", compute_uv=False, full_matrices=full)(x)
    assert_near(alone, s)
    assert [part.shape for part in nothing] == [(0,), (0,)]


@pytest.mark.parametrize("x", [x for x in MATRICES if x.shape[-1] == x.shape[-2]], ids=lambda x: str(x.shape))
def test_eigenvectors_are_those_of_the_lower_triangle(x: np.ndarray) -> None:
    lower = np.tril(x, -1)
    whole = lower + adjoint(lower) + x.real * np.eye(x.shape[-1], dtype=x.dtype)
    values, vectors = kernel("SelfAdjointEigV2", compute_v=True)(x + np.triu(np.full_like(x, 7), 1))
    assert values.dtype == x.dtype
    assert_near(whole @ vectors, vectors * values[..., None, :])
    assert (np.diff(values.real) >= 0).all()
    alone, nothing = kernel("SelfAdjointEigV2", compute_v=False)(x)
    assert_near(alone, values)
    assert nothing.shape == (0,)


@pytest.mark.parametrize("dtype", [jnp.float16, jnp.bfloat16])
def test_short_types_are_computed_in_a_longer_one(dtype: Any) -> None:
    """TensorFlow declares them, but has no kernel."""
    x = np.array([[4.0, 1.0], [1.0, 3.0]], dtype)
    b = np.array([[1.0], [2.0]], dtype)
    for found, expected in (
        (kernel("MatrixInverse", adjoint=False)(x), np.array([[3, -1], [-1, 4]]) / 11),
        (kernel("MatrixDeterminant")(x), 11),
        (kernel("MatrixSolve", adjoint=False)(x, b), np.array([[1], [7]]) / 11),
        (kernel("MatrixTriangularSolve", lower=True, adjoint=False)(x, b), np.array([[1 / 4], [7 / 12]])),
        (kernel("Cholesky")(x), np.array([[2, 0], [0.5, np.sqrt(2.75)]])),
    ):
        assert found.dtype == dtype
        np.testing.assert_allclose(np.float32(found), expected, rtol=1e-2)


def test_what_has_no_solution_is_not_finite() -> None:
    singular, b = np.float32([[1, 2], [2, 4]]), np.float32([[1], [1]])
    assert not np.isfinite(kernel("MatrixInverse", adjoint=False)(singular)).all()
    assert not np.isfinite(kernel("MatrixSolve", adjoint=False)(singular, b)).all()
    zero_on_diagonal = np.float32([[0, 0], [1, 1]])
    assert not np.isfinite(kernel("MatrixTriangularSolve", lower=True, adjoint=False)(zero_on_diagonal, b)).all()
    assert np.isnan(kernel("Cholesky")(np.float32([[1, 2], [2, 1]]))).any()
    assert kernel("MatrixDeterminant")(singular) == 0
