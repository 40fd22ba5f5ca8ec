"""The rates of a stretch of steps are those of optax's schedule, step by step."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from framework.errors import ConfigError
from framework.optimizers import SCHEDULES
from framework.runtime.schedules import evaluate

TOTAL = 1200  # more than one block of steps, so that a stretch crosses from one to the next

CASES = {
    "constant": ({}, lambda: optax.constant_schedule(0.5)),
    "linear": ({"transition_begin": 100}, lambda: optax.linear_schedule(0.5, 0.0, TOTAL, 100)),
    "polynomial": (
        {"power": 2, "end_value": 0.1, "transition_steps": 0.5},
        lambda: optax.polynomial_schedule(0.5, 0.1, 2, 600),
    ),
    "exponential_decay": (
        {"transition_steps": "2 epochs", "decay_rate": 0.9, "staircase": True, "end_value": 0.01},
        lambda: optax.exponential_decay(0.5, 80, 0.9, staircase=True, end_value=0.01),
    ),
    "cosine_decay": ({"alpha": 0.1, "exponent": 2.0}, lambda: optax.cosine_decay_schedule(0.5, TOTAL, 0.1, 2.0)),
    "piecewise_constant": (
        {"boundaries_and_scales": {0.25: 0.5, 1100: 0.1}},
        lambda: optax.piecewise_constant_schedule(0.5, {300: 0.5, 1100: 0.1}),
    ),
    "piecewise_interpolate": (
        {"interpolate_type": "cosine", "boundaries_and_scales": {300: 0.5, 1100: 0.1}},
        lambda: optax.piecewise_interpolate_schedule("cosine", 0.5, {300: 0.5, 1100: 0.1}),
    ),
    "linear_onecycle": ({"pct_start": 0.2}, lambda: optax.linear_onecycle_schedule(TOTAL, 0.5, pct_start=0.2)),
    "cosine_onecycle": ({}, lambda: optax.cosine_onecycle_schedule(TOTAL, 0.5)),
    "warmup_constant": ({"warmup_steps": 100}, lambda: optax.warmup_constant_schedule(0.0, 0.5, 100)),
    "warmup_cosine_decay": (
        {"end_value": 0.01},
        lambda: optax.warmup_cosine_decay_schedule(0.0, 0.5, 120, TOTAL, end_value=0.01),
    ),
    "warmup_exponential_decay": (
        {"warmup_steps": "1 epoch", "transition_steps": 100, "decay_rate": 0.5},
        lambda: optax.warmup_exponential_decay_schedule(0.0, 0.5, 40, 100, 0.5),
    ),
    "join": (  # warm restarts
        {
            "schedules": [
                {"type": "warmup_cosine_decay", "warmup_steps": 10},
                {"type": "warmup_cosine_decay", "warmup_steps": 10, "peak_value": 0.25},
            ],
            "boundaries": [0.5],
        },
        lambda: optax.sgdr_schedule(
            [
                {"init_value": 0.0, "peak_value": peak, "warmup_steps": 10, "decay_steps": 600, "end_value": 0.0}
                for peak in (0.5, 0.25)
            ]
        ),
    ),
}


def rates(name, start=0, stop=TOTAL, total=TOTAL, learning_rate=0.5, **options):
    return evaluate(SCHEDULES[name](**options), learning_rate, 40, total, start, stop)


@pytest.mark.parametrize("name", sorted(SCHEDULES))
def test_every_schedule_is_optaxs_called_step_by_step(name):
    options, make = CASES[name]
    schedule = make()
    steps = [*range(0, TOTAL, 37), 9, 10, 11, 99, 101, 299, 300, 301, 599, 600, 601, 1023, 1024, TOTAL - 1]
    expected = np.array([schedule(step) for step in steps], np.float32)
    found = rates(name, **options)
    assert found.dtype == np.float32
    assert found.shape == (TOTAL,)
    np.testing.assert_allclose(found[steps], expected, rtol=1e-6, atol=1e-7)


def test_another_number_compiles_nothing(monkeypatch):
    def rates(schedule, top):
        return evaluate(schedule, top, 10, 100, 0, 100)

    schedule = SCHEDULES["warmup_cosine_decay"](warmup_steps=0.1)
    first = rates(schedule, 0.25)
    monkeypatch.setattr(jax, "jit", lambda *_, **__: pytest.fail("compiled again"))
    np.testing.assert_array_equal(rates(schedule, 0.5), 2 * first)  # exact, since the factor is a power of two


def test_a_line_by_hand():
    assert rates("linear", total=4, stop=6).tolist() == [0.5, 0.375, 0.25, 0.125, 0.0, 0.0]


@pytest.mark.parametrize("total", [3, 7, 49, 97, 100])
def test_a_schedule_to_zero_ends_there(total):
    found = rates("linear", total=total, stop=total + 2)
    assert found[total:].tolist() == [0.0, 0.0]
    assert np.all(np.diff(found) <= 0)


@pytest.mark.parametrize("name", ["warmup_cosine_decay", "constant", "linear_onecycle"])
def test_a_cut_changes_no_bit(name):
    whole = rates(name, stop=2500, total=2500)
    cuts = [0, 1, 7, 1000, 1024, 1025, 2047, 2500]
    pieces = [rates(name, start, stop, 2500) for start, stop in pairwise(cuts)]
    np.testing.assert_array_equal(np.concatenate(pieces), whole)
    assert rates(name, 5, 5, 2500).shape == (0,)


def test_the_rate_follows_the_learning_rate():
    np.testing.assert_allclose(rates("cosine_decay", learning_rate=0.2), 0.4 * rates("cosine_decay"), rtol=1e-6)


def test_nothing_is_changed_for_what_runs_beside_it():
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        rates("warmup_cosine_decay", total=321)
        assert jnp.asarray(1.5).dtype == jnp.float32
        with pytest.raises(Exception, match="promotion"):
            jnp.ones(3, jnp.float32) + jnp.ones(3, jnp.int32)


def test_lengths_that_do_not_fit_the_run_are_a_mistake():
    with pytest.raises(ConfigError, match="takes 500 steps"):
        rates("warmup_cosine_decay", total=300, warmup_steps=500)


def test_what_optax_tells_of_a_schedule_turns_on_no_log():
    program = """
import logging
from framework.config.experiment import Experiment
from framework.runtime.schedules import evaluate

schedule = Experiment.compose("model=perceptron", "dataset=iris", "schedule.warmup_steps=0").schedule
print(evaluate(schedule, 0.1, 2, 2, 0, 2).shape, logging.getLogger().handlers)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("(2,) []\n", 0), done.stderr
