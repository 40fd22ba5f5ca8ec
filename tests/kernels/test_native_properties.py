"""Native kernels give XLA's values and gradients for whatever they accept, not only in the cases one thinks of."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from framework.graph.dtypes import as_dtype
from framework.graph.opdef import Call, lookup
from framework.kernels import KERNELS, find_kernel
from framework.kernels.native.library import library

pytestmark = pytest.mark.skipif(library() is None, reason="the native kernels are not there; a warning says why")
# Each example is compiled twice.
thorough = settings(max_examples=12, deadline=None, derandomize=True)
TOLERANCE = {"float32": 1e-5, "bfloat16": 2e-2}  # of the largest number of a result


class Case(NamedTuple):
    """A call of an op, whose inputs are drawn by its seed."""

    op: str
    attrs: dict[str, Any]
    shapes: list[tuple[int, ...]]
    dtype: str
    seed: int


def along(numbers: list[int], is_first: bool) -> list[int]:
    return [1, 1, *numbers] if is_first else [1, *numbers, 1]


def images(batch: int, sizes: list[int], channels: int, is_first: bool) -> tuple[int, ...]:
    return (batch, channels, *sizes) if is_first else (batch, *sizes, channels)


@st.composite
def windows(draw: st.DrawFn) -> tuple[list[int], list[int], list[int], bool, dict[str, Any]]:
    """Sizes of images, of a window and its strides, whether channels come first, and attributes of both ops."""
    rank, is_first = draw(st.integers(2, 3)), draw(st.booleans())
    sizes, window, strides = (
        draw(st.lists(st.integers(least, most), min_size=rank, max_size=rank))
        for least, most in ((5, 9), (1, 4), (1, 3))
    )
    letters = "DHW"[-rank:]
    attrs = {
        "padding": draw(st.sampled_from(["SAME", "VALID"])),
        "data_format": f"NC{letters}" if is_first else f"N{letters}C",
        "strides": along(strides, is_first),
    }
    return sizes, window, strides, is_first, attrs


@st.composite
def convolutions(draw: st.DrawFn) -> Case:
    sizes, window, strides, is_first, attrs = draw(windows())
    dilations = [draw(st.integers(1, 2)) if stride == 1 else 1 for stride in strides]
    assume(all((k - 1) * d < size for k, d, size in zip(window, dilations, sizes, strict=True)))
    groups, per_group, filters, batch = (draw(st.integers(1, most)) for most in (3, 4, 4, 3))
    shapes = [images(batch, sizes, groups * per_group, is_first), (*window, per_group, groups * filters)]
    attrs |= {"dilations": along(dilations, is_first)}
    return Case(f"Conv{len(sizes)}D", attrs, shapes, draw(st.sampled_from(list(TOLERANCE))), draw(st.integers(0, 99)))


@st.composite
def poolings(draw: st.DrawFn) -> Case:
    sizes, window, _, is_first, attrs = draw(windows())
    kind, suffix = draw(st.sampled_from(["MaxPool", "AvgPool"])), "3D" if len(sizes) == 3 else ""
    shapes = [images(draw(st.integers(1, 3)), sizes, draw(st.integers(1, 5)), is_first)]
    attrs |= {"ksize": along(window, is_first)}
    return Case(kind + suffix, attrs, shapes, draw(st.sampled_from(list(TOLERANCE))), draw(st.integers(0, 99)))


def assert_equal_to_xla(case: Case) -> None:
    rng = np.random.default_rng(case.seed)
    inputs = [jnp.asarray(rng.normal(size=shape), np.float32).astype(case.dtype) for shape in case.shapes]
    dtypes = [as_dtype(case.dtype)] * len(inputs)
    chosen = find_kernel(
        case.op, "cpu", Call(lookup(case.op), "node", case.attrs, case.shapes, dtypes, [None] * len(inputs))
    )
    assume(chosen is not None and chosen.name != "xla")
    (plain,) = (entry for entry in KERNELS[case.op] if entry.name == "xla" and entry.platform is None)
    kernels = [partial(kernel.function, case.attrs) for kernel in (chosen, plain)]
    seed = jnp.asarray(rng.normal(size=jax.eval_shape(kernels[1], *inputs).shape), np.float32).astype(case.dtype)

    def everything(kernel: Callable[..., Any]) -> list[Any]:
        y, pull_back = jax.vjp(kernel, *inputs)
        return [y, *pull_back(seed)]

    for found, expected in zip(*(jax.jit(partial(everything, kernel))() for kernel in kernels), strict=True):
        assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
        found, expected = (np.asarray(x, np.float64) for x in (found, expected))
        scale = np.abs(expected).max(initial=0.0) or 1.0
        np.testing.assert_allclose(found / scale, expected / scale, rtol=0, atol=TOLERANCE[case.dtype])


@thorough
@given(convolutions())
def test_convolutions(case: Case):
    assert_equal_to_xla(case)


@thorough
@given(poolings())
def test_poolings(case: Case):
    assert_equal_to_xla(case)
