"""Native products give the values of NumPy in float64, and XLA's gradients, wherever they run."""

from __future__ import annotations

import re
import subprocess
import sys
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
from framework.kernels import KERNELS, find_kernel
from framework.kernels.native.library import library
from framework.kernels.native.matrix import Form, product_p

pytestmark = pytest.mark.skipif(library() is None, reason="the native kernels are not there; a warning says why")
rng = np.random.default_rng(7)
TOLERANCE = {"float32": 1e-5, "bfloat16": 2e-2}  # of the largest number of a result
AS_THEY_ARE = Form(False, False)
FORMS = [Form(a, b) for a in (False, True) for b in (False, True)]


def normal(*shape: int, dtype: str = "float32") -> jax.Array:
    return jnp.asarray(rng.normal(size=shape), np.float32).astype(dtype)


def factors(stack: tuple[int, ...], rows: int, inner: int, columns: int, form: Form, dtype: str = "float32") -> Any:
    a = (*stack, inner, rows) if form.a else (*stack, rows, inner)
    b = (*stack, columns, inner) if form.b else (*stack, inner, columns)
    return normal(*a, dtype=dtype), normal(*b, dtype=dtype)


def expected(a: Any, b: Any, form: Form) -> np.ndarray:
    """In float64, by NumPy."""
    a, b = (np.asarray(x, np.float64) for x in (a, b))
    return (a.swapaxes(-1, -2) if form.a else a) @ (b.swapaxes(-1, -2) if form.b else b)


def assert_near(found: Any, wanted: Any, dtype: str = "float32") -> None:
    assert found.shape == wanted.shape
    found, wanted = (np.asarray(x, np.float64) for x in (found, wanted))
    scale = np.abs(wanted).max(initial=0.0) or 1.0
    np.testing.assert_allclose(found / scale, wanted / scale, rtol=0, atol=TOLERANCE[dtype])


def attributes(op: str, form: Form) -> dict[str, bool]:
    names = ("transpose_a", "transpose_b") if op == "MatMul" else ("adj_x", "adj_y")
    return dict(zip(names, form, strict=True))


def chosen(op: str, form: Form, *shapes: Any, dtype: str = "float32") -> Any:
    call = Call(lookup(op), "node", attributes(op, form), list(shapes), [as_dtype(dtype)] * 2, [None, None])
    found = find_kernel(op, "cpu", call)
    assert found is not None
    return found


def native(op: str, form: Form, a: Any, b: Any) -> Callable[..., Any]:
    found = chosen(op, form, a.shape, b.shape, dtype=a.dtype.name)
    assert found.name == "onednn"
    return partial(found.function, attributes(op, form))


def plain(op: str, form: Form) -> Callable[..., Any]:
    (found,) = (entry for entry in KERNELS[op] if entry.name == "xla")
    return partial(found.function, attributes(op, form))


def calls(function: Callable[..., Any], *inputs: Any) -> list[tuple[int, ...]]:
    """The shapes of the products that a program computes natively."""
    lines = jax.jit(function).lower(*inputs).as_text().splitlines()
    found = [re.search(r"-> tensor<([0-9x]+)xf32>", line) for line in lines if "graphwright_product" in line]
    return sorted(tuple(int(size) for size in match[1].split("x")) for match in found if match)


def value_and_gradients(kernel: Callable[..., Any], seed: Any, *inputs: Any) -> list[Any]:
    y, pull_back = jax.vjp(kernel, *inputs)
    return [y, *pull_back(seed)]


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("op", ["MatMul", "BatchMatMul", "BatchMatMulV2"])
def test_a_product_and_its_gradients(op: str, form: Form):
    stack, sizes = ((), (1100, 190, 170)) if op == "MatMul" else ((3, 4), (120, 130, 190))
    if form.a:
        sizes = (sizes[1], sizes[0], sizes[2])
    a, b = factors(stack, *sizes, form)
    kernel = native(op, form, a, b)
    seed = normal(*expected(a, b, form).shape)
    assert calls(partial(value_and_gradients, kernel), seed, a, b)
    assert_near(jax.jit(kernel)(a, b), expected(a, b, form))
    for kind in (jax.jit, lambda f: f):
        one, other = (kind(partial(value_and_gradients, k))(seed, a, b) for k in (kernel, plain(op, form)))
        for found, wanted in zip(one, other, strict=True):
            assert_near(found, wanted)
    along = normal(*a.shape), normal(*b.shape)
    assert_near(jax.jvp(kernel, (a, b), along)[1], expected(along[0], b, form) + expected(a, along[1], form))


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_in_bfloat16(form: Form):
    a, b = factors((), 1100, 1030, 40, form, "bfloat16")
    kernel = native("MatMul", form, a, b)
    found = value_and_gradients(kernel, jnp.ones((1100, 40), "bfloat16"), a, b)
    assert {x.dtype.name for x in found} == {"bfloat16"}
    assert_near(found[0], expected(a, b, form), "bfloat16")


def test_one_matrix_for_a_stack_is_one_product_and_so_is_its_gradient():
    form = Form(False, True)
    x, y = normal(16, 70, 200), normal(160, 200)
    kernel = native("BatchMatMulV2", form, x, y)
    assert calls(kernel, x, y) == []
    assert calls(partial(value_and_gradients, kernel), normal(16, 70, 160), x, y) == [(160, 200)]
    assert_near(kernel(x, y), expected(x, y, form))


@pytest.mark.parametrize("op", ["MatMul", "BatchMatMulV2"])
def test_which_products_are_native(op: str):
    """Of a dense layer the gradient by its kernel, which sums over the rows; of a stack all three."""
    a, b = (normal(2048, 160), normal(160, 120)) if op == "MatMul" else (normal(64, 96, 80), normal(64, 80, 72))
    kernel, form = native(op, AS_THEY_ARE, a, b), AS_THEY_ARE
    seed = normal(*expected(a, b, form).shape)
    of_all = [b.shape] if op == "MatMul" else sorted([a.shape, b.shape, seed.shape])
    assert calls(partial(value_and_gradients, kernel), seed, a, b) == of_all


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.lists(st.integers(1, 3), max_size=2),
    *[st.integers(1, 40)] * 3,
    st.sampled_from(FORMS),
    st.sampled_from(list(TOLERANCE)),
)
def test_the_primitive_of_any_size(stack: list[int], rows: int, inner: int, columns: int, form: Form, dtype: str):
    a, b = factors((*stack,), rows, inner, columns, form, dtype)
    found = library()
    assert found is not None

    def specs(computed: str) -> list[np.ndarray]:
        return [np.array([computed != "float32", 1, rows, inner, columns, *form])]

    computed = found.computed_in("product", dtype, specs)
    y = product_p.bind(a.astype(computed), b.astype(computed), form=form)
    assert_near(y, expected(a, b, form), dtype)


def test_gradients_of_gradients():
    form = Form(False, False)
    a, b = factors((), 1040, 182, 180, form)

    def penalty(kernel: Callable[..., Any], a: Any, b: Any) -> Any:
        gradients = jax.grad(lambda a, b: jnp.mean(jnp.sin(kernel(a, b))), (0, 1))(a, b)
        return sum(jnp.sum(g * g) for g in gradients)

    found, wanted = (
        jax.jit(jax.grad(partial(penalty, kernel), (0, 1)))(a, b)
        for kernel in (native("MatMul", form, a, b), plain("MatMul", form))
    )
    for one, other in zip(found, wanted, strict=True):
        assert_near(one, other)


@pytest.mark.parametrize("axes", [(0, None), (None, 1), (2, 0)], ids=["left", "right", "both"])
@pytest.mark.parametrize("form", [FORMS[0], FORMS[3]], ids=str)
def test_vmap(axes: tuple[int | None, int | None], form: Form):
    a, b = factors((), 1030, 1030, 40, form)
    kernel = native("MatMul", form, a, b)
    many = [x if k is None else jnp.stack([x, 2 * x, x - 1], k) for x, k in zip((a, b), axes, strict=True)]

    def gradients(kernel: Callable[..., Any]) -> Callable[..., Any]:
        return jax.vmap(jax.value_and_grad(lambda a, b: jnp.mean(kernel(a, b) ** 2), (0, 1)), axes)

    found, wanted = (jax.tree.leaves(gradients(k)(*many)) for k in (kernel, plain("MatMul", form)))
    for one, other in zip(found, wanted, strict=True):
        assert_near(one, other)


def test_inside_of_loops():
    x, w = normal(1024, 192), normal(192, 192) / 192
    form = Form(False, False)

    def train(kernel: Callable[..., Any]) -> Any:
        def step(w: Any, _: Any) -> Any:
            return w - 0.01 * jax.grad(lambda w: jnp.mean(kernel(x, w) ** 2))(w), jnp.sum(w)

        return jax.jit(lambda w: jax.lax.scan(step, w, length=4))(w)

    for found, wanted in zip(train(native("MatMul", form, x, w)), train(plain("MatMul", form)), strict=True):
        assert_near(found, wanted)


@pytest.mark.parametrize(
    ("op", "shapes", "dtype"),
    [
        ("MatMul", [(100, 784), (784, 256)], "float32"),  # few rows
        ("MatMul", [(2048, 16), (16, 16)], "float32"),  # little work
        ("MatMul", [(2048, 256), (256, 256)], "float64"),
        ("MatMul", [(2048, 256), (256, 256)], "int32"),
        ("MatMul", [(None, 256), (256, 256)], "float32"),
        ("MatMul", [None, (256, 256)], "float32"),
        ("MatMul", [(0, 256), (256, 256)], "float32"),
        ("BatchMatMulV2", [(8, 4, 128, 128), (1, 4, 128, 128)], "float32"),  # one is repeated for the other
        ("BatchMatMulV2", [(4, 512, 128), (8, 4, 128, 128)], "float32"),
        ("BatchMatMulV2", [(128, 512), (8, 512, 128)], "float32"),
    ],
    ids=str,
)
def test_what_is_left_to_xla(op: str, shapes: list[Any], dtype: str):
    assert chosen(op, AS_THEY_ARE, *shapes, dtype=dtype).name == "xla"


SEVERAL = """
import jax, jax.numpy as jnp, numpy as np
jax.config.update("jax_num_cpu_devices", 4)
from jax.sharding import Mesh, NamedSharding, PartitionSpec as P
from framework.kernels.native.matrix import product

rng = np.random.default_rng(0)
x, w = rng.normal(size=(8192, 128)).astype(np.float32), rng.normal(size=(128, 64)).astype(np.float32)
mesh = Mesh(np.array(jax.devices("cpu")), ("data",))

def gradient(product, x):
    def step(i, w):
        return w - 0.1 * jax.grad(lambda w: jnp.mean(product(x, w) ** 2))(w)
    return jax.jit(lambda w: jax.lax.fori_loop(0, 3, step, w))

for sharding in (NamedSharding(mesh, P("data")), NamedSharding(mesh, P())):
    placed = jax.device_put(x, sharding)
    found, expected = gradient(product, placed)(w), gradient(jnp.matmul, x)(w)
    print(float(np.abs(found - expected).max() / np.abs(expected).max()))
parts = np.concatenate([x] * 4).reshape(4, 8192, 128)
mapped = jax.pmap(lambda x: product(x, w))(parts)
print(float(np.abs(mapped - parts @ w).max() / 10))
"""


def test_several_devices():
    done = subprocess.run([sys.executable, "-c", SEVERAL], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    differences = [float(line) for line in done.stdout.split()]
    assert len(differences) == 3
    assert max(differences) < 1e-5
