"""The best value of a number, and early stopping, by sequences worked out by hand."""

from __future__ import annotations

import json
import math

import pytest

from framework.train.best import BestMetric, EarlyStopping


def test_the_lowest_loss_is_the_best():
    best = BestMetric("loss", higher_is_better=False)
    losses = [3.0, 2.0, 2.0, 2.5, 1.0, 1.5]
    assert [best.update(step, {"loss": loss}) for step, loss in enumerate(losses)] == [
        True,
        True,
        False,
        False,
        True,
        False,
    ]
    assert (best.value, best.step) == (1.0, 4)


def test_the_highest_accuracy_is_the_best():
    best = BestMetric("accuracy", higher_is_better=True)
    values = [0.0, 0.5, 0.4, 0.5, 0.6]
    assert [best.update(step, {"accuracy": v, "loss": -step}) for step, v in enumerate(values)] == [
        True, True, False, False, True,
    ]  # fmt: skip


@pytest.mark.parametrize("higher_is_better", [True, False])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_never_the_best(value: float, higher_is_better: bool):
    best = BestMetric("x", higher_is_better)
    assert not best.update(1, {"x": value})
    assert best.update(2, {"x": 5.0})
    assert not best.update(3, {"x": value})
    assert (best.value, best.step) == (5.0, 2)


def stops_after(losses: list[float], patience: int, min_delta: float = 0.0) -> int | None:
    """After how many evaluations training ends."""
    early = EarlyStopping(BestMetric("loss", higher_is_better=False), patience, min_delta)
    for count, loss in enumerate(losses, 1):
        early.update(count, {"loss": loss})
        if early.stopped:
            return count
    return None


def test_patience_counts_evaluations_without_improvement():
    losses = [5.0, 4.0, 4.0, 3.0, 3.5, 3.0, 3.1, 2.0, 2.0]
    assert stops_after(losses, 1) == 3
    assert stops_after(losses, 2) == 6
    assert stops_after(losses, 3) == 7
    assert stops_after(losses, 4) is None


def test_a_smaller_change_than_min_delta_is_no_improvement():
    # Of 4.0: 3.75 gains 0.25, 3.5 gains 0.5, and no more than 0.5 is asked to be exceeded; 3.25 gains 0.75.
    assert stops_after([4.0, 3.75, 3.5, 3.25, 3.0, 2.75], 2, min_delta=0.5) == 3
    assert stops_after([4.0, 3.75, 3.25, 3.0, 2.75], 2, min_delta=0.5) == 5


def test_a_loss_that_is_not_finite_does_not_improve():
    assert stops_after([1.0, math.nan, math.nan], 2) == 3
    assert stops_after([math.nan, math.nan], 2) == 2


@pytest.mark.parametrize("cut", range(7))
def test_patience_goes_on_after_a_resume(cut: int):
    losses = [5.0, 4.0, 4.5, 3.0, 3.5, 3.0, 3.1]
    first = EarlyStopping(BestMetric("loss", higher_is_better=False), 3)
    for step, loss in enumerate(losses[:cut]):
        first.update(step, {"loss": loss})
    second = EarlyStopping(BestMetric("loss", higher_is_better=False), 3)
    second.restore(json.loads(json.dumps(first.to_json())))
    assert second == first
    for step, loss in enumerate(losses[cut:], cut):
        assert not second.stopped
        second.update(step, {"loss": loss})
    assert second.stopped
    assert (second.best.value, second.best.step) == (3.0, 3)


def test_a_longer_patience_lets_a_stopped_run_go_on():
    first = EarlyStopping(BestMetric("loss", higher_is_better=False), 1, waited=1)
    assert first.stopped
    second = EarlyStopping(BestMetric("loss", higher_is_better=False), 3)
    second.restore(first.to_json())
    assert not second.stopped


def test_the_best_of_another_number_is_not_taken_over():
    saved = EarlyStopping(BestMetric("loss", False, 0.1, 5), 3, waited=2).to_json()
    early = EarlyStopping(BestMetric("accuracy", higher_is_better=True), 3)
    early.restore(saved)
    assert (early.best.value, early.waited) == (None, 0)
