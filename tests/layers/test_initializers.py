"""First values have the distribution that their papers give them, and follow from the seed and the name alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from framework.errors import ConfigError
from framework.layers import INITIALIZERS

FAN_IN, FAN_OUT = 200, 300


def drawn(network, initializer, seed=0, name="fc"):
    layers = {name: {"type": "dense", "units": FAN_OUT, "kernel_initializer": initializer}}
    return network(layers, (FAN_IN,), seed=seed).variable(f"{name}/kernel")


@pytest.mark.parametrize(
    ("initializer", "deviation", "limit"),
    [
        ("glorot_uniform", np.sqrt(2 / 500), np.sqrt(6 / 500)),
        ("glorot_normal", np.sqrt(2 / 500), 2 * np.sqrt(2 / 500) / 0.87962566),
        ("he_uniform", np.sqrt(2 / 200), np.sqrt(6 / 200)),
        ("he_normal", np.sqrt(2 / 200), 2 * np.sqrt(2 / 200) / 0.87962566),
        ({"type": "he_normal", "scale": 4.0}, 2 * np.sqrt(2 / 200), 4 * np.sqrt(2 / 200) / 0.87962566),
        ({"type": "normal", "stddev": 0.5}, 0.5, np.inf),
        ({"type": "uniform", "low": -3.0, "high": 3.0}, np.sqrt(3), 3.0),
    ],
    ids=str,
)
def test_deviations(network, initializer, deviation, limit):
    values = drawn(network, initializer)
    # 60,000 draws: the standard error of a deviation is below 0.3 % of it.
    assert abs(values.mean()) < 0.02 * deviation
    assert values.std() == pytest.approx(deviation, rel=0.015)
    assert np.abs(values).max() <= limit * 1.0001
    assert np.abs(values).max() > 0.95 * min(limit, 3 * deviation)


def test_constants_and_shifted_means(network):
    assert (drawn(network, "zeros") == 0).all()
    assert (drawn(network, "ones") == 1).all()
    assert (drawn(network, {"type": "constant", "value": 0.25}) == 0.25).all()
    assert drawn(network, {"type": "normal", "mean": 7.0, "stddev": 0.1}).mean() == pytest.approx(7, abs=0.01)


def test_a_convolution_counts_its_window(network):
    layers = {"c": {"type": "conv2d", "filters": 64, "kernel_size": 5, "kernel_initializer": "he_normal"}}
    kernel = network(layers, (8, 8, 32)).variable("c/kernel")
    assert kernel.std() == pytest.approx(np.sqrt(2 / (25 * 32)), rel=0.015)


def test_values_follow_from_seed_and_name(network):
    first = drawn(network, "he_normal")
    np.testing.assert_array_equal(first, drawn(network, "he_normal"))
    assert not np.array_equal(first, drawn(network, "he_normal", seed=1))
    assert not np.array_equal(first, drawn(network, "he_normal", name="other"))


@pytest.mark.parametrize(
    ("initializer", "said"),
    [
        ("he_norml", "did you mean 'he_normal'"),
        ({"stddev": 1.0}, "type"),
        ({"type": "normal", "stdev": 1}, "stddev"),
        (3, "name"),
    ],
)
def test_what_is_refused(network, initializer, said):
    with pytest.raises(ConfigError, match=said):
        drawn(network, initializer)


def test_every_initializer_has_a_test_here():
    text = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in INITIALIZERS if f'"{name}"' not in text] == []
