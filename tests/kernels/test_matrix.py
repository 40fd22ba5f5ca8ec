"""Products of stacks of matrices, which are repeated where one of them has fewer."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from framework.kernels.matrix import batch_matmul

rng = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ((6, 64, 64), (64, 71)),
        ((4, 5), (3, 5, 2)),
        ((2, 1, 4, 5), (3, 5, 2)),
        ((1, 3, 4, 5), (2, 1, 5, 6)),
        ((1, 4, 5), (1, 5, 2)),
        ((4, 5), (5, 2)),
        ((0, 4, 5), (5, 2)),
        ((1, 4, 5), (0, 5, 2)),
    ],
)
@pytest.mark.parametrize(("adj_x", "adj_y"), [(False, False), (True, False), (False, True), (True, True)])
def test_a_stack_with_fewer_matrices_is_repeated_as_numpy_repeats_it(x, y, adj_x: bool, adj_y: bool):
    a, b = rng.normal(size=x).astype(np.float32), rng.normal(size=y).astype(np.float32)
    expected = a @ b
    given = [np.swapaxes(value, -1, -2) if adjoint else value for value, adjoint in ((a, adj_x), (b, adj_y))]
    found = jax.jit(lambda a, b: batch_matmul({"adj_x": adj_x, "adj_y": adj_y}, a, b))(*given)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_a_product_is_right_also_where_its_maximum_is_taken_away():
    """What a softmax does: XLA computed it wrongly on a CPU when the smaller stack was repeated before the product."""
    a, b = rng.normal(size=(6, 64, 64)).astype(np.float32), rng.normal(size=(71, 64)).astype(np.float32)
    product = a @ b.T

    def lessened(a: jax.Array, b: jax.Array) -> jax.Array:
        found = batch_matmul({"adj_x": False, "adj_y": True}, a, b)
        return found - jnp.max(found, -1, keepdims=True)

    np.testing.assert_allclose(jax.jit(lessened)(a, b), product - product.max(-1, keepdims=True), atol=1e-4)
