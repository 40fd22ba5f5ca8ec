"""Native kernels of matrix products. A product and the gradients by its factors are products of one kind, each of which
oneDNN computes where it is the faster one, and else XLA; so it is with derivatives of every order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.interpreters import ad, batching, mlir

from framework.graph.opdef import Call
from framework.kernels.native.batching import define
from framework.kernels.native.convolution import TYPES
from framework.kernels.native.library import library
from framework.kernels.registry import register_kernel

# Where oneDNN is measurably the faster one (experiments/native_kernels, on two cores): at stacks of matrices, and at
# sums over many rows, which the gradients of kernels are. A product of many rows by a kernel takes XLA as long, and
# there it joins what stands behind the product to it; a small one is over before the threads of a call have met.
_LEAST_ROWS, _LEAST_PRODUCTS = 1024, 2**25  # of numbers with numbers


class Form(NamedTuple):
    """Which of two factors are read transposed."""

    a: bool
    b: bool

    def sizes(self, a: Sequence[int], b: Sequence[int]) -> tuple[int, int, int, int]:
        """Of factors of these shapes: how many products, and rows, inner and columns of each."""
        rows, inner = a[-2:] if not self.a else a[:-3:-1]
        return math.prod(a[:-2]), rows, inner, b[-2 if self.b else -1]


_AS_THEY_ARE = Form(False, False)


@lru_cache(maxsize=4096)
def _computed_in(sizes: tuple[int, int, int, int], form: Form, dtype: str) -> str | None:
    """The type in which oneDNN computes a product; None where XLA does."""
    found = library()
    if found is None or 0 in sizes or dtype not in TYPES or not _wins(sizes, form):
        return None
    return found.computed_in("product", dtype, lambda computed: [spec_of(sizes, form, computed)])


def _wins(sizes: tuple[int, int, int, int], form: Form) -> bool:
    """Whether oneDNN is the faster one."""
    count, _, inner, _ = sizes
    return math.prod(sizes) >= _LEAST_PRODUCTS and (count > 1 or (form.a and inner >= _LEAST_ROWS))


def spec_of(sizes: Sequence[int], form: Form, dtype: Any) -> np.ndarray:
    """A product as the C++ reads it."""
    return np.array([TYPES.index(np.dtype(dtype).name), *sizes, *form], np.int64)


# -- the product ------------------------------------------------------------------------------------------------------


def product(a: jax.Array, b: jax.Array, form: Form = _AS_THEY_ARE) -> jax.Array:
    """a b for matrices, or for each of stacks of as many, `[..., rows, inner]` and `[..., inner, columns]`."""
    computed = _computed_in(form.sizes(a.shape, b.shape), form, a.dtype.name) or a.dtype
    return product_p.bind(a.astype(computed), b.astype(computed), form=form).astype(a.dtype)


def by_xla(a: jax.Array, b: jax.Array, form: Form) -> jax.Array:
    """The same, computed by XLA."""
    stack = tuple(range(a.ndim - 2))
    inner = ((a.ndim - (2 if form.a else 1),), (b.ndim - (1 if form.b else 2),))
    return lax.dot_general(a, b, (inner, (stack, stack)))


def _result(a: Any, b: Any, form: Form) -> tuple[tuple[int, ...], Any]:
    _, rows, _, columns = form.sizes(a.shape, b.shape)
    return (*a.shape[:-2], rows, columns), a.dtype


def _lower(context: Any, a: Any, b: Any, *, form: Form) -> Any:
    found, (first, second) = library(), context.avals_in
    sizes = form.sizes(first.shape, second.shape)
    if found is None or _computed_in(sizes, form, first.dtype.name) is None:
        return mlir.lower_fun(by_xla, multiple_results=False)(context, a, b, form=form)
    spec = spec_of(sizes, form, first.dtype)
    return jax.ffi.ffi_lowering(found.target("product"))(context, a, b, spec=spec)


product_p = define("native_product", _result, _lower)


def _of_many(inputs: Sequence[Any], axes: Sequence[Any], *, form: Form) -> tuple[Any, int]:
    """The rule of `vmap`: a deeper stack where both factors are many, and else XLA's product, which repeats neither."""
    a, b = (x if axis is None else jnp.moveaxis(x, axis, 0) for x, axis in zip(inputs, axes, strict=True))
    if None not in axes:
        return product(a, b, form), 0
    one = jax.vmap(lambda a, b: by_xla(a, b, form), tuple(None if axis is None else 0 for axis in axes))
    return one(a, b), 0


def _by_a(y: jax.Array, a: Any, b: jax.Array, *, form: Form) -> jax.Array:
    """The gradient by `a`, of the gradient `y` by the product."""
    return product(b, y, Form(form.b, True)) if form.a else product(y, b, Form(False, not form.b))


def _by_b(y: jax.Array, a: jax.Array, b: Any, *, form: Form) -> jax.Array:
    return product(y, a, Form(True, form.a)) if form.b else product(a, y, Form(not form.a, False))


ad.defbilinear(product_p, _by_a, _by_b)
batching.primitive_batchers[product_p] = _of_many


# -- the kernels ------------------------------------------------------------------------------------------------------


def _is_native(dtype: str, a: Sequence[int | None], b: Sequence[int | None], form: Form) -> bool:
    """Whether oneDNN computes the product or one of its gradients, of which one sums over the rows of the other."""
    if dtype not in TYPES or None in (*a, *b):
        return False
    count, rows, inner, columns = form.sizes([size or 0 for size in a], [size or 0 for size in b])
    ways = ((count, rows, inner, columns), form), ((count, inner, rows, columns), Form(not form.a, False))
    return any(_computed_in(*way, dtype) is not None for way in ways)


def _takes(call: Call) -> bool:
    (a, b), form = call.shapes, Form(call.attrs["transpose_a"], call.attrs["transpose_b"])
    return a is not None and b is not None and _is_native(call.dtypes[0].name, a, b, form)


def _takes_stacks(call: Call) -> bool:
    """Whether both are stacks of as many matrices, or one matrix is for all."""
    (x, y), form = call.shapes, Form(call.attrs["adj_x"], call.attrs["adj_y"])
    if x is None or y is None or None in x:
        return False
    if len(y) == 2 and not form.a:
        x = _as_one([size or 0 for size in x])
    return tuple(x[:-2]) == tuple(y[:-2]) and _is_native(call.dtypes[0].name, x, y, form)


def _as_one(shape: Sequence[int]) -> tuple[int, int]:
    """A stack of matrices as one matrix, that of all their rows."""
    return math.prod(shape[:-1]), shape[-1]


@register_kernel("MatMul", "cpu", name="onednn", accepts=_takes, preference=1)
def matmul(attrs: Mapping[str, Any], a: jax.Array, b: jax.Array) -> jax.Array:
    return product(jnp.asarray(a), jnp.asarray(b), Form(attrs["transpose_a"], attrs["transpose_b"]))


@register_kernel("BatchMatMul", "cpu", name="onednn", accepts=_takes_stacks, preference=1)
@register_kernel("BatchMatMulV2", "cpu", name="onednn", accepts=_takes_stacks, preference=1)
def batch_matmul(attrs: Mapping[str, Any], x: jax.Array, y: jax.Array) -> jax.Array:
    x, y, form = jnp.asarray(x), jnp.asarray(y), Form(attrs["adj_x"], attrs["adj_y"])
    if y.ndim == 2 and not form.a:
        return product(x.reshape(_as_one(x.shape)), y, form).reshape(*x.shape[:-1], -1)
    return product(x, y, form)
