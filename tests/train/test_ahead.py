"""What is compiled ahead is what the calls need, and what goes wrong there is told where it is needed."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from framework.config.compose import Source
from framework.data import Data
from framework.data.dataset import Dataset
from framework.errors import DataError
from framework.launch import prepare
from framework.runtime.compile_cache import compilations
from framework.train.ahead import Ahead
from framework.train.engine import Engine

SMALL = ("model=perceptron", "dataset=iris", "trainer.batch_size=32")


@pytest.mark.parametrize(
    ("units", "overrides"),
    [
        (3, ["trainer.execution=loop"]),
        (4, ["trainer.execution=step"]),
        (5, ["trainer.execution=loop", "trainer.batch_size=all"]),
        (6, ["trainer.execution=step", "trainer.batch_size=all"]),
        (7, ["trainer.execution=loop", "trainer.drop_last=true", "schedule=constant"]),
        (8, ["trainer.execution=loop", "trainer.summaries.histograms=true", "trainer.summaries.every=1 steps"]),
    ],
)
def test_the_first_step_and_the_first_evaluation_find_it_compiled(units: int, overrides: list[str]):
    own = ["model=mlp", f"model.layers.fc1.units={units}"]  # programs that are no other test's
    engine = Engine(prepare([*SMALL, *own, *overrides], Source()).experiment)
    engine.prepare()
    state = engine.initialize()
    for job in ("train", "evaluate"):
        engine._ahead.wait_for(job)
    before = compilations()
    state, records = engine.advance(state, 0, 1, lambda: False, watched=np.array([1]))
    assert len(records) == 1
    assert engine.evaluate(state, "validation").keys() >= {"loss"}
    made = compilations() - before
    assert (made.compiled, made.taken) == (0, 0)
    assert engine.compilations == 1


def test_a_step_compiled_ahead_gives_the_same_bits():
    overrides = [*SMALL, "trainer.execution=loop"]
    ahead = Engine(prepare(overrides, Source()).experiment)
    ahead.prepare()
    read = Engine(ahead.experiment, ahead.experiment.dataset.load())
    states = [engine.advance(engine.initialize(), 0, 1, lambda: False)[0] for engine in (ahead, read)]
    assert states[0].keys() == states[1].keys()
    for name, array in states[0].items():
        np.testing.assert_array_equal(array, states[1][name])


def test_data_that_cannot_be_read_are_told_of(monkeypatch: pytest.MonkeyPatch):
    engine = Engine(prepare(SMALL, Source()).experiment)

    def load(_: Dataset) -> Data:
        raise DataError("the file is damaged")

    monkeypatch.setattr(type(engine.experiment.dataset), "load", load)
    with pytest.raises(DataError, match="the file is damaged"):
        engine.prepare()


def test_a_job_that_fails_is_left_to_whoever_needs_it():
    ahead, done = Ahead(), []

    def fails() -> None:
        raise ValueError("told where it is needed")

    ahead.begin({"one": fails, "two": lambda: done.append(2)})
    for name in ("one", "two", "two", "another"):
        ahead.wait_for(name)
    assert done == [2]


def test_jobs_that_were_not_begun_can_be_left_out():
    ahead, done, holds = Ahead(), [], threading.Event()
    ahead.begin({"one": lambda: done.append(holds.wait(10)), "two": lambda: done.append(2)})
    ahead.skip()
    holds.set()
    for name in ("one", "two"):
        ahead.wait_for(name)
    assert 2 not in done
