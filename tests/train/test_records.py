"""Means of what steps reported: the same whatever the cut, and those of a sum taken number by number."""

from __future__ import annotations

import numpy as np
import pytest

from framework.config.experiment import Summaries, Trainer
from framework.train.boundaries import Boundaries
from framework.train.position import Progress
from framework.train.records import Records, totals


def one_by_one(column: np.ndarray, ends: list[int], carried: float) -> list[float]:
    found, total = [], carried
    for step, number in enumerate(column.tolist()):
        if step in ends:
            found.append(total)
            total = 0.0
        total += number
    if len(column) in ends:
        found.append(total)
        total = 0.0
    return [*found, total]


@pytest.mark.parametrize("ends", [[], [1], [7], [2, 4, 6], [1, 2, 3, 4, 5, 6, 7], [3, 7]])
def test_sums_are_taken_in_the_order_of_the_steps(ends: list[int]):
    column = np.random.default_rng(0).normal(size=7).astype(np.float32) * 10.0 ** np.arange(7).astype(np.float32)
    found = totals(np.stack([column, -column]), np.array(ends, np.int64), np.array([0.1, 2.0]))
    assert found.tolist() == [one_by_one(column, ends, 0.1), one_by_one(-column, ends, 2.0)]


def trainer(every: str, evaluate: str = "1 epoch") -> Trainer:
    return Trainer(epochs=3, summaries=Summaries(every=every), evaluate_every=evaluate)  # type: ignore[arg-type]


def test_reports_are_due_where_their_interval_ends_and_where_the_run_is_evaluated():
    boundaries = Boundaries(30, 10, trainer("4 steps"))
    assert (boundaries.next(0), boundaries.reports(0, 10).tolist()) == (10, [4, 8, 10])
    assert boundaries.reports(8, 10).tolist() == [10]
    assert boundaries.reports(10, 20).tolist() == [12, 16, 20]
    assert Boundaries(30, 10, trainer("1 steps")).reports(3, 10).tolist() == list(range(4, 11))
    seldom = Boundaries(25, 10, trainer("100 steps", "100 epochs"))
    assert seldom.reports(0, 10).tolist() == []
    assert seldom.reports(20, seldom.next(20)).tolist() == [25]  # everything ends with the run


@pytest.mark.parametrize("cuts", [[30], [3, 10, 13, 20, 30], list(range(1, 31))])
def test_reports_are_the_same_whatever_the_cut(cuts: list[int]):
    rng = np.random.default_rng(0)
    loss, rates = rng.normal(size=30).astype(np.float32), rng.random(30).astype(np.float32)
    boundaries, progress, found = Boundaries(30, 10, trainer("4 steps")), Progress(), []
    for stop in sorted({*cuts, 10, 20, 30}):
        start = progress.step
        due = boundaries.reports(start, boundaries.next(start))
        reports = progress.add(Records({"loss": loss[start:stop]}, rates[start:stop]), due)
        found.extend(zip(reports.steps, reports.means["train/loss"], reports.means["learning_rate"], strict=True))
    ends = [0, 4, 8, 10, 12, 16, 20, 24, 28, 30]
    assert [step for step, *_ in found] == ends[1:]
    for (_, mean, rate), start, stop in zip(found, ends, ends[1:], strict=False):
        assert mean == sum(loss[start:stop].tolist()) / (stop - start)
        assert rate == rates[stop - 1]
    assert (progress.step, progress.count, progress.sums) == (30, 0, {"loss": 0.0})
