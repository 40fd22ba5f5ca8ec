"""The native LSTM gives XLA's values and gradients, wherever it runs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from framework.graph.dtypes import as_dtype
from framework.graph.opdef import Call, lookup
from framework.kernels import find_kernel
from framework.kernels.native.library import library
from tests.kernels.test_native import assert_near, assert_same_gradients, native, normal, plain

pytestmark = pytest.mark.skipif(library() is None, reason="the native kernels are not there; a warning says why")

ROOT = Path(__file__).parents[2]
FORWARD, REVERSE = {"reverse": False}, {"reverse": True}
Inputs = tuple[jax.Array, ...]


def inputs(batch: int, time: int, features: int, units: int) -> Inputs:
    """x, kernel, recurrent kernel and bias, of the sizes that they have in a network."""
    kernels = normal((features, 4 * units)) / features**0.5, normal((units, 4 * units)) / units**0.5
    return normal((batch, time, features)), *kernels, normal((4 * units,))


def both(attrs: dict[str, bool], *values: jax.Array) -> tuple[Callable[..., Any], Callable[..., Any]]:
    return native("LSTM", attrs, *values), plain("LSTM", attrs)


SIZES = [
    # batch, time, features, units: one of each; less than a vector, and one more; whole tiles, and parts of them
    ((1, 1, 1, 1), FORWARD),
    ((1, 3, 2, 4), REVERSE),
    ((5, 7, 3, 17), REVERSE),
    ((13, 4, 9, 33), FORWARD),
    ((2, 3, 40, 72), REVERSE),
    ((16, 12, 8, 64), FORWARD),
]


@pytest.mark.parametrize(("sizes", "attrs"), SIZES, ids=str)
def test_values_and_gradients(sizes: tuple[int, int, int, int], attrs: dict[str, bool]):
    values = inputs(*sizes)
    assert_same_gradients(*both(attrs, *values), *values)


def test_the_gradient_by_some_inputs_alone():
    values = inputs(3, 4, 5, 6)

    def gradients(kernel: Callable[..., Any], *v: jax.Array) -> list[jax.Array]:
        return [jax.grad(lambda *v: jnp.sum(jnp.sin(kernel(*v))), index)(*v) for index in range(4)]

    one, other = (jax.jit(partial(gradients, kernel))(*values) for kernel in both(FORWARD, *values))
    for found, expected in zip(one, other, strict=True):
        assert_near(found, expected)


def test_gates_that_are_shut_or_open():
    x, kernel, recurrent_kernel, bias = inputs(3, 5, 4, 6)
    values = x * 1e4, kernel, recurrent_kernel, bias
    found, expected = (kernel(*values) for kernel in both(FORWARD, *values))
    assert_near(found, expected)
    assert np.isfinite(np.asarray(found)).all()


def test_what_is_small_keeps_its_precision():
    x, kernel, recurrent_kernel, bias = inputs(3, 5, 4, 6)
    values = x * 1e-6, kernel, recurrent_kernel, bias * 0
    found, expected = (kernel(*values) for kernel in both(FORWARD, *values))
    assert_near(found, expected)


def test_what_is_not_a_number_is_seen_in_its_example_alone():
    values = inputs(8, 5, 4, 6)
    x = values[0].at[3, 2, 0].set(jnp.nan)
    found, expected = (np.asarray(kernel(x, *values[1:])) for kernel in both(FORWARD, *values))
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    assert np.isnan(found[3, 2:]).all()
    assert np.isfinite(np.delete(found, 3, 0)).all()


def test_gradients_of_gradients():
    values = inputs(2, 3, 3, 4)

    def penalty(kernel: Callable[..., Any], *values: Any) -> Any:
        gradients = jax.grad(lambda *v: jnp.sum(jnp.sin(kernel(*v))), (0, 1, 2, 3))(*values)
        return sum(jnp.sum(g * g) for g in gradients)

    one, other = (
        jax.jit(jax.grad(lambda *v, kernel=kernel: penalty(kernel, *v), (0, 1, 2, 3)))(*values)
        for kernel in both(REVERSE, *values)
    )
    for found, expected in zip(one, other, strict=True):
        assert_near(found, expected)


def trained(kernel: Callable[..., Any], steps: int, x: jax.Array, *parameters: jax.Array) -> Any:
    """The parameters after some steps of descent, all in one loop."""

    def step(_: Any, parameters: Inputs) -> Inputs:
        gradients = jax.grad(lambda p: jnp.mean((kernel(x, *p) - 0.5) ** 2))(parameters)
        return jax.tree.map(lambda p, g: p - g, parameters, gradients)

    return jax.lax.fori_loop(0, steps, step, parameters)


def test_inside_of_loops():
    values = inputs(4, 6, 5, 8)
    one, other = (jax.jit(lambda *v, k=kernel: trained(k, 5, *v))(*values) for kernel in both(FORWARD, *values))
    for found, expected, begun in zip(one, other, values[1:], strict=True):
        assert_near(found, expected)
        assert np.abs(np.asarray(found - begun)).max() > 1e-3


@pytest.mark.parametrize("batched", [(True, False), (False, True), (True, True)], ids=["x", "parameters", "both"])
def test_vmap(batched: tuple[bool, bool]):
    values = inputs(2, 3, 4, 5)
    many = tuple(jnp.stack([v, 2 * v, -v]) if batched[k > 0] else v for k, v in enumerate(values))
    axes = tuple(0 if batched[k > 0] else None for k in range(4))

    def gradients(kernel: Callable[..., Any]) -> Any:
        one = jax.value_and_grad(lambda *v: jnp.sum(jnp.sin(kernel(*v))), (0, 1, 2, 3))
        return jax.jit(jax.vmap(one, axes))(*many)

    (y, found), (wanted, expected) = (gradients(kernel) for kernel in both(FORWARD, *values))
    for a, b in zip((y, *found), (wanted, *expected), strict=True):
        assert_near(a, b)


def test_a_loop_gives_the_same_bits_however_it_is_cut():
    x, *parameters = inputs(5, 6, 4, 20)
    kernel = native("LSTM", FORWARD, x, *parameters)
    run = jax.jit(lambda n, *p: trained(kernel, n, x, *p))
    whole, cut = run(7, *parameters), run(4, *run(3, *parameters))
    for one, other in zip(whole, cut, strict=True):
        np.testing.assert_array_equal(one, other)


DEVICES = """
import jax, jax.numpy as jnp, numpy as np
from jax.sharding import NamedSharding, PartitionSpec as P
from tests.kernels.test_native_recurrent import FORWARD, both, inputs, trained

values = inputs(8, 5, 4, 6)
mesh = jax.make_mesh((4,), ("batch",))
native, xla = both(FORWARD, *values)
expected = trained(xla, 3, *values)
whole = [NamedSharding(mesh, P())] * 3
divided = jax.jit(lambda *v: trained(native, 3, *v), in_shardings=[NamedSharding(mesh, P("batch")), *whole])(*values)
each = jax.pmap(lambda *v: trained(native, 3, *v))(*(jnp.stack([v] * 4) for v in values))
for a, b, c in zip(expected, divided, each):
    np.testing.assert_allclose(b, a, atol=1e-5)
    np.testing.assert_allclose(c, jnp.stack([a] * 4), atol=1e-5)
print("equal")
"""


@pytest.mark.slow
def test_over_several_devices():
    changed = {"XLA_FLAGS": "--xla_force_host_platform_device_count=4", "JAX_PLATFORMS": "cpu", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", DEVICES]
    done = subprocess.run(command, env=os.environ | changed, capture_output=True, text=True, timeout=300, check=False)
    assert done.stdout == "equal\n", done.stderr


@pytest.mark.parametrize("sizes", [(0, 3, 4, 5), (2, 0, 4, 5), (2, 3, 0, 5), (2, 3, 4, 0)], ids=str)
def test_nothing_at_all_is_left_to_xla(sizes: tuple[int, int, int, int]):
    batch, time, features, units = sizes
    shapes = (batch, time, features), (features, 4 * units), (units, 4 * units), (4 * units,)
    assert chosen(shapes, "float32") == "xla"
    assert plain("LSTM", FORWARD)(*(jnp.zeros(shape) for shape in shapes)).shape == (batch, time, units)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float64"])
def test_types_that_are_not_known_are_left_to_xla(dtype: str):
    assert chosen(((2, 3, 4), (4, 20), (5, 20), (20,)), dtype) == "xla"


def test_sizes_that_nobody_knows_are_left_to_xla():
    assert chosen(((None, 3, 4), (4, 20), (5, 20), (20,)), "float32") == "xla"
    assert chosen((None, (4, 20), (5, 20), (20,)), "float32") == "xla"


def chosen(shapes: Any, dtype: str) -> str:
    """The name of the kernel that computes it."""
    found = find_kernel("LSTM", "cpu", Call(lookup("LSTM"), "node", FORWARD, shapes, [as_dtype(dtype)] * 4, [None] * 4))
    if found is None:
        raise LookupError("no kernel takes it")
    return found.name
