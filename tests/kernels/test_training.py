"""Histograms: each platform's way of counting gives NumPy's counts."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from framework.kernels.training import histogram_buckets, histogram_buckets_cpu

VALUES = {
    "drawn": np.random.default_rng(0).normal(size=(7, 50)).astype(np.float32),
    "equal": np.full(5, 3.0, np.float32),
    "infinite": np.array([1.0, np.inf, 2.0, np.nan, -np.inf, 4.0], np.float32),
    "none": np.array([np.nan, np.inf], np.float32),
    "empty": np.zeros((0, 3), np.float32),
}


@pytest.mark.parametrize("kernel", [histogram_buckets, histogram_buckets_cpu])
@pytest.mark.parametrize("name", VALUES)
def test_finite_values_are_counted_in_buckets_of_equal_width(name: str, kernel):
    values = VALUES[name]
    known = values[np.isfinite(values)].astype(np.float64)
    counts, extent, moments = kernel({"buckets": 4}, jnp.asarray(values))
    least, greatest = (known.min(), known.max()) if known.size else (0.0, 0.0)
    expected = np.histogram(known, 4, (least, greatest))[0] if least < greatest else [known.size, 0, 0, 0]
    assert counts.tolist() == list(expected)
    assert extent.tolist() == [least, greatest]
    np.testing.assert_allclose(moments, [known.sum(), np.square(known).sum()], rtol=1e-5, atol=1e-5)
