"""Native attention gives the values of NumPy in float64, and the gradients of a softmax between two products."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framework.graph.dtypes import as_dtype
from framework.graph.opdef import Call, lookup
from framework.kernels import find_kernel
from framework.kernels.native.library import library
from framework.kernels.registry import Registered, has_choice

pytestmark = pytest.mark.skipif(library() is None, reason="the native kernels are not there; a warning says why")
TOLERANCE = 1e-5  # of the largest number of a result


def inputs(batch: int, time: int, other: int, heads: int, depth: int, seed: int = 3) -> tuple[jax.Array, ...]:
    rng = np.random.default_rng(seed)
    return tuple(jnp.asarray(rng.normal(size=(batch, t, heads, depth)), np.float32) for t in (time, other, other))


def chosen(causal: bool, *shapes: Any, dtype: str = "float32", biases: int = 0) -> Registered | None:
    attrs = {"scale": 0.3, "causal": causal, "N": biases, "M": 0}
    call = Call(lookup("Attention"), "node", attrs, list(shapes), [as_dtype(dtype)] * len(shapes), [None] * len(shapes))
    return find_kernel("Attention", "cpu", call)


def native(causal: bool, *values: jax.Array) -> Callable[..., Any]:
    found = chosen(causal, *(value.shape for value in values))
    assert found is not None
    assert found.name == "native"
    return partial(found.function, {"scale": 0.3, "causal": causal})


def plain(causal: bool, q: jax.Array, k: jax.Array, v: jax.Array) -> jax.Array:
    scores = 0.3 * jnp.einsum("bihd,bjhd->bhij", q, k)
    if causal:
        scores = jnp.where(jnp.tri(*scores.shape[2:], dtype=bool)[None, None], scores, -jnp.inf)
    return jnp.einsum("bhij,bjhd->bihd", jax.nn.softmax(scores), v)


def expected(causal: bool, *values: Any) -> np.ndarray:
    q, k, v = (np.asarray(value, np.float64).swapaxes(1, 2) for value in values)
    weights = np.exp(0.3 * q @ k.swapaxes(-1, -2))
    weights *= np.tri(*weights.shape[2:]) if causal else 1
    return (weights / weights.sum(-1, keepdims=True) @ v).swapaxes(1, 2)


def assert_near(found: Any, wanted: Any) -> None:
    found, wanted = (np.asarray(x, np.float64) for x in (found, wanted))
    assert found.shape == wanted.shape
    scale = np.abs(wanted).max() or 1.0
    np.testing.assert_allclose(found / scale, wanted / scale, rtol=0, atol=TOLERANCE)


def assert_all_near(found: Any, wanted: Any) -> None:
    for one, other in zip(jax.tree.leaves(found), jax.tree.leaves(wanted), strict=True):
        assert_near(one, other)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    st.integers(1, 3), st.integers(1, 150), st.integers(1, 150), st.integers(1, 3), st.integers(2, 40), st.booleans()
)
def test_values_and_gradients(batch: int, time: int, other: int, heads: int, depth: int, causal: bool):
    values = inputs(batch, time, other, heads, depth)
    kernel = native(causal, *values)
    assert_near(jax.jit(kernel)(*values), expected(causal, *values))
    seed = jnp.asarray(np.random.default_rng(4).normal(size=values[0].shape), np.float32)
    found, wanted = (jax.jit(lambda f=f: jax.vjp(f, *values)[1](seed))() for f in (kernel, partial(plain, causal)))
    # With one key the weights are 1, and what is left of the gradients by queries and keys is rounding.
    assert_all_near(found[2 * (other == 1) :], wanted[2 * (other == 1) :])
    assert max(float(jnp.abs(x - y).max()) for x, y in zip(found, wanted, strict=True)) < 1e-3


@pytest.mark.parametrize("causal", [False, True])
def test_derivatives_in_a_direction_and_of_gradients(causal: bool):
    values = inputs(2, 9, 9, 2, 5)
    along = inputs(2, 9, 9, 2, 5, seed=5)
    kernels = native(causal, *values), partial(plain, causal)

    def penalty(kernel: Callable[..., Any], *values: Any) -> Any:
        gradients = jax.grad(lambda *v: jnp.sum(jnp.sin(kernel(*v))), (0, 1, 2))(*values)
        return sum(jnp.sum(g * g) for g in gradients)

    assert_all_near(*(jax.jvp(kernel, values, along) for kernel in kernels))
    assert_all_near(*(jax.grad(partial(penalty, kernel), (0, 1, 2))(*values) for kernel in kernels))


def test_vmap_and_loops():
    values = tuple(jnp.stack([x, x + 1]) for x in inputs(2, 9, 9, 2, 5))
    kernels = native(True, *(x[0] for x in values)), partial(plain, True)

    def loss(kernel: Callable[..., Any], *values: Any) -> Any:
        return jnp.mean(kernel(*values) ** 2)

    assert_all_near(*(jax.vmap(jax.value_and_grad(partial(loss, kernel), (0, 1, 2)))(*values) for kernel in kernels))
    one_key = (0, None, 0)  # the same for all
    q, k, v = values
    assert_all_near(*(jax.vmap(kernel, one_key)(q, k[0], v) for kernel in kernels))

    def step(kernel: Callable[..., Any], q: Any, _: Any) -> Any:
        return q - jax.grad(partial(loss, kernel))(q, k[0], v[0]), jnp.sum(q)

    assert_all_near(*(jax.jit(lambda q, f=f: jax.lax.scan(partial(step, f), q, length=3))(q[0]) for f in kernels))


def test_numbers_that_are_large_or_none():
    q, k, v = inputs(1, 70, 70, 1, 8)
    kernel = native(True, q, k, v)
    assert_near(kernel(300 * q, k, v), plain(True, 300 * q, k, v))
    found = np.asarray(kernel(q.at[0, 3].set(jnp.nan), k, v))
    assert np.isnan(found[0, 3]).all()
    assert np.isfinite(np.delete(found, 3, 1)).all()


def test_the_rest_is_left_to_the_body():
    shape = (2, 8, 2, 4)
    assert has_choice("Attention", "cpu")
    assert chosen(True, *[shape] * 3, dtype="bfloat16") is None
    assert chosen(True, *[(None, 8, 2, 4)] * 3) is None
    assert chosen(True, *[(0, 8, 2, 4)] * 3) is None
    assert chosen(False, *[shape] * 3, (2, 1, 1, 8), biases=1) is None
