"""Special functions in the types for which TensorFlow has no kernel on a CPU, and against SciPy."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special

from framework.kernels import find_kernel

UNIT = np.linspace(0.05, 0.95, 19)
WIDE = np.linspace(0.2, 9, 45)
FUNCTIONS: dict[str, tuple[Callable[..., Any], list[np.ndarray]]] = {
    "Lgamma": (scipy.special.gammaln, [WIDE]),
    "Digamma": (scipy.special.digamma, [WIDE]),
    "Erfinv": (scipy.special.erfinv, [UNIT]),
    "Ndtri": (scipy.special.ndtri, [UNIT]),
    "Igamma": (scipy.special.gammainc, [WIDE, WIDE[::-1]]),
    "Igammac": (scipy.special.gammaincc, [WIDE, WIDE[::-1]]),
    "Zeta": (scipy.special.zeta, [WIDE + 1, WIDE[::-1]]),
    "Polygamma": (lambda a, x: scipy.special.polygamma(a.astype(int), x), [np.arange(19.0) % 4, UNIT]),
    "BesselI0e": (scipy.special.i0e, [WIDE]),
    "BesselI1e": (scipy.special.i1e, [WIDE]),
    "Betainc": (scipy.special.betainc, [UNIT * 4, UNIT[::-1] * 3, UNIT]),
}


@partial(jax.jit, static_argnums=0)
def compute(op: str, *inputs: Any) -> jax.Array:
    kernel = find_kernel(op, "cpu")
    if kernel is None:
        raise LookupError(op)
    return kernel({}, *inputs)


@pytest.mark.parametrize("op", FUNCTIONS)
def test_values_are_scipys(op: str) -> None:
    reference, inputs = FUNCTIONS[op]
    found = compute(op, *(x.astype(np.float32) for x in inputs))
    np.testing.assert_allclose(found, reference(*inputs), rtol=3e-5, atol=1e-5)


@pytest.mark.parametrize(("dtype", "tolerance"), [("bfloat16", 1e-2), ("float16", 1e-3)])
@pytest.mark.parametrize("op", ["Lgamma", "Digamma", "Erfinv", "Ndtri", "BesselI0e", "Igamma"])
def test_half_precision_rounds_once(op: str, dtype: str, tolerance: float) -> None:
    reference, inputs = FUNCTIONS[op]
    rounded = [jnp.asarray(x.astype(np.float32)).astype(dtype) for x in inputs]
    found = compute(op, *rounded)
    assert found.dtype == dtype
    expected = reference(*(np.asarray(x, np.float64) for x in rounded))
    np.testing.assert_allclose(np.asarray(found, np.float64), expected, rtol=tolerance, atol=tolerance / 10)
    slope = jax.jit(jax.grad(lambda x: compute(op, *rounded[:-1], x).astype(jnp.float32).sum()))(rounded[-1])
    assert slope.dtype == dtype
    assert jnp.isfinite(slope).all()


@pytest.mark.parametrize(("op", "without"), [("Polygamma", 0), ("Zeta", 0), ("Betainc", 0), ("Betainc", 1)])
def test_an_order_has_no_gradient(op: str, without: int) -> None:
    inputs = [jnp.asarray(x, jnp.float32) for x in FUNCTIONS[op][1]]
    gradient = jax.jit(jax.grad(lambda *inputs: compute(op, *inputs).sum(), argnums=without))(*inputs)
    np.testing.assert_array_equal(gradient, np.zeros(gradient.shape))
