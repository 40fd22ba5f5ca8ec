"""Random ops: their distributions, and that numbers follow from the key and the op's own seeds alone."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

from framework import ops  # noqa: F401  (declares the vocabulary)
from framework.graph import as_dtype
from framework.kernels import PLATFORMS, find_kernel

COUNT = 40_000


class Context:
    """What the lowering gives to a kernel of a stateful op."""

    name = "n"
    outputs = ()

    def random_key(self, seed: int = 0, seed2: int = 0) -> jax.Array:
        return jax.random.fold_in(jax.random.fold_in(jax.random.key(1), seed), seed2)


def draw(op: str, shape: list[int], dtype: str = "float32", seed: int = 0, seed2: int = 0) -> Any:
    kernel = find_kernel(op, "cpu")
    assert kernel is not None
    return kernel(Context(), {"seed": seed, "seed2": seed2, "dtype": as_dtype(dtype)}, np.int32(shape))


@pytest.mark.parametrize(
    ("op", "mean", "deviation", "least", "greatest"),
    [
        ("RandomUniform", 0.5, np.sqrt(1 / 12), 0.0, 1.0),
        ("RandomStandardNormal", 0.0, 1.0, -6.0, 6.0),
        # sqrt(1 - 2 * 2 * pdf(2) / (cdf(2) - cdf(-2))): the normal distribution cut at two deviations
        ("TruncatedNormal", 0.0, 0.87962566, -2.0, 2.0),
    ],
)
def test_distribution(op: str, mean: float, deviation: float, least: float, greatest: float) -> None:
    numbers = np.asarray(draw(op, [COUNT]))
    assert numbers.mean() == pytest.approx(mean, abs=4 * deviation / np.sqrt(COUNT))
    assert numbers.std() == pytest.approx(deviation, rel=0.02)
    assert least <= numbers.min()
    assert numbers.max() <= greatest
    assert op != "RandomUniform" or numbers.max() < 1


@pytest.mark.parametrize("op", ["RandomUniform", "RandomStandardNormal", "TruncatedNormal"])
def test_seeds_decide(op: str) -> None:
    same, again = draw(op, [8]), draw(op, [8])
    np.testing.assert_array_equal(same, again)
    assert not np.array_equal(same, draw(op, [8], seed=1))
    assert not np.array_equal(draw(op, [8], seed=1), draw(op, [8], seed2=1))


@pytest.mark.parametrize("op", ["RandomUniform", "RandomStandardNormal", "TruncatedNormal"])
def test_types_shapes_and_platforms(op: str) -> None:
    for dtype in ("float16", "bfloat16", "float32"):
        assert draw(op, [2, 0, 3], dtype).dtype == as_dtype(dtype).numpy
    assert draw(op, []).shape == ()
    exported = jax.export.export(jax.jit(lambda: draw(op, [4])), platforms=PLATFORMS)()
    assert exported.out_avals[0].shape == (4,)
