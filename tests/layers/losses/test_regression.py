"""Losses of numbers against scikit-learn and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import huber
from sklearn.metrics import mean_absolute_error, mean_squared_error
from sklearn.metrics.pairwise import cosine_similarity


@pytest.mark.parametrize(
    ("name", "expected"), [("mean_squared_error", mean_squared_error), ("mean_absolute_error", mean_absolute_error)]
)
def test_errors(loss_of, data, name, expected):
    found = loss_of(data, type=name, predictions="two", targets="target")
    assert found == pytest.approx(expected(data["target"], data["two"]), rel=1e-5)


@pytest.mark.parametrize("delta", [0.1, 1.0, 50.0])
def test_huber(loss_of, data, delta):
    found = loss_of(data, type="huber", predictions="two", targets="target", delta=delta)
    assert found == pytest.approx(huber(delta, data["two"] - data["target"]).mean(), rel=1e-5)


def test_the_gradient_of_huber_is_the_error_cut_off(loss_of, data):
    gradient = loss_of(data, by="column", type="huber", predictions="column", targets="number", delta=0.7)
    np.testing.assert_allclose(gradient, np.clip(data["column"] - data["number"], -0.7, 0.7), rtol=1e-5)


def test_cosine_similarity(loss_of, data):
    found = loss_of(data, type="cosine_similarity", predictions="two", targets="target")
    assert found == pytest.approx(-np.diag(cosine_similarity(data["two"], data["target"])).mean(), rel=1e-5)


def test_cosine_similarity_of_zeros_is_zero_and_has_a_gradient(loss_of, data):
    zeros = {**data, "two": np.zeros((9, 2), np.float32)}
    assert loss_of(zeros, type="cosine_similarity", predictions="two", targets="target") == 0
    assert np.isfinite(loss_of(zeros, by="two", type="cosine_similarity", predictions="two", targets="target")).all()


def test_whole_numbers_can_be_predicted(loss_of, data):
    found = loss_of(data, type="mean_absolute_error", predictions="one", targets="many")
    assert found == pytest.approx(np.abs(data["one"] - data["many"]).mean(), rel=1e-5)
