"""Graphwright: the steps of a run, through the engine that `train.py` runs them by."""

from __future__ import annotations

from experiments.benchmarks.task import Programs, Task, Turn, timed
from framework.data import Data
from framework.train.engine import Engine


def programs(task: Task) -> Programs:
    return {"as it is": lambda: _engine(task)}


def _engine(task: Task) -> Turn:
    trainer = task.experiment.trainer.model_copy(update={"epochs": 10_000})
    experiment = task.experiment.model_copy(update={"trainer": trainer})
    engine = Engine(experiment, Data({"train": task.stored}))
    state, done = engine.initialize(), 0

    def train(steps: int) -> None:
        nonlocal state, done
        stop = done + steps
        while done < stop:
            state, records = engine.advance(state, done, stop, lambda: False)
            done += len(records)

    return timed(train)
