"""What normalisation learns equals what NumPy computes in float64."""

from __future__ import annotations

import numpy as np
import pytest

from framework.data import statistics
from framework.data.spec import Feature
from framework.data.statistics import learn
from framework.errors import DataError
from framework.graph import as_dtype

rng = np.random.default_rng(0)


def feature(array: np.ndarray, scale: float = 1.0) -> Feature:
    return Feature("x", as_dtype(array.dtype), array.shape[1:], scale)


def test_a_table_is_standardised_by_column():
    table = (rng.normal(size=(500, 3)) * [1e-3, 1, 1e4] + [5, -2, 1e5]).astype(np.float32)
    mean, divisor = learn(table, feature(table), "standardize")
    assert mean.dtype == divisor.dtype == np.float32
    np.testing.assert_allclose(mean, table.astype(np.float64).mean(0), rtol=1e-6)
    np.testing.assert_allclose(divisor, table.astype(np.float64).std(0), rtol=1e-6)


def test_images_are_standardised_by_channel_of_the_scaled_values(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(statistics, "_PIECE", 100)  # so that the sums go over many pieces
    images = rng.integers(0, 256, size=(30, 4, 5, 3)).astype(np.uint8)
    mean, divisor = learn(images, feature(images, 1 / 255), "standardize")
    np.testing.assert_allclose(mean, (images / 255).mean((0, 1, 2)), rtol=1e-6)
    np.testing.assert_allclose(divisor, (images / 255).std((0, 1, 2)), rtol=1e-6)


def test_min_max_takes_the_least_and_the_extent():
    table = np.array([[1, 10], [3, -10], [2, 0]], np.int16)
    low, extent = learn(table, feature(table, 0.5), "min_max")
    np.testing.assert_array_equal(low, np.array([0.5, -5], np.float32))
    np.testing.assert_array_equal(extent, np.array([1, 10], np.float32))


def test_one_number_an_example_has_statistics_of_one_entry():
    numbers = np.array([1, 2, 3, 6], np.float32)
    mean, divisor = learn(numbers, feature(numbers), "standardize")
    np.testing.assert_allclose(mean, [3])
    np.testing.assert_allclose(divisor, [np.sqrt(3.5)], rtol=1e-6)


@pytest.mark.parametrize("kind", ["standardize", "min_max"])
@pytest.mark.parametrize("number", [0, 0.1, 1e-30, 1e30, -7.3])
def test_a_column_of_one_number_is_divided_by_one(number: float, kind: statistics.Normalization):
    table = np.full((999, 1), number, np.float32)
    offset, divisor = learn(table, feature(table), kind)
    assert divisor.tolist() == [1]
    np.testing.assert_allclose(offset, table[0], rtol=1e-6)


def test_an_extent_that_float32_cannot_hold_is_refused():
    table = np.array([[0, -3e38], [1, 3e38]], np.float32)
    with pytest.raises(DataError, match=r"'x' spans 6e\+38 in column 1, more than float32 holds") as caught:
        learn(table, feature(table), "min_max")
    assert caught.value.hint
    # A deviation is at most half the extent, so float32 holds that of any float32 numbers.
    np.testing.assert_allclose(learn(table, feature(table), "standardize")[1], [0.5, 3e38], rtol=1e-6)


def test_one_example_has_no_spread():
    table = np.array([[3, 4]], np.float32)
    assert learn(table, feature(table), "standardize")[1].tolist() == [1, 1]


def test_a_spread_below_float32_is_divided_by_one():
    table = np.array([[0], [1e-45]], np.float32)
    assert learn(table, feature(table, 1e-9), "standardize")[1].tolist() == [1]
