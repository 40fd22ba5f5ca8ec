"""The training loop, in its stated order.

Up to the next boundary: advance and report; there evaluate; decide; save. Boundaries are fixed numbers of steps, so
that a run that was stopped anywhere meets the same ones when it goes on. Nothing here writes a file or to the terminal:
that is done by the observers, called in the order they were given.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NotRequired

import numpy as np
from pydantic import NonNegativeInt, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from framework.config.experiment import Trainer
from framework.config.interval import Interval
from framework.errors import CheckpointError, DivergenceError
from framework.runtime.program import State
from framework.train.best import BestMetric, BestSoFar, EarlySoFar, EarlyStopping
from framework.train.checkpoint import Checkpoints
from framework.train.engine import Engine
from framework.train.evaluator import Evaluation
from framework.train.observer import Moment, Observer, Reports
from framework.train.records import Records, totals
from framework.train.saving import Saving
from framework.train.signals import StopRequest

_ADVICE = (
    ". Try a smaller optimizer.learning_rate, or optimizer.clip.global_norm=1.0; the last checkpoint is from before"
)


@dataclass
class Progress:
    """Where a run stands; what a checkpoint keeps beside the variables.

    step: steps done. sums, count: of the numbers reported since the last report, so that a report is the same
    whether or not the run was stopped in between. epoch: sums over the steps of the epoch so far. best, early: see
    `framework.train.best`.
    """

    step: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    count: int = 0
    epoch: dict[str, float] = field(default_factory=dict)
    best: BestMetric | None = None
    early: EarlyStopping | None = None

    def add(self, records: Records, due: np.ndarray) -> Reports:
        """Counts in what some steps reported, and returns the means at those of the steps `due` that were made."""
        ends = due[due <= self.step + len(records)] - self.step
        counts = np.diff(np.concatenate([[-self.count], ends]))
        sums = {name: totals(column, ends, self.sums.get(name, 0.0)) for name, column in records.scalars.items()}
        means = {f"train/{name}": column[:-1] / counts for name, column in sums.items()}
        if records.rates is not None:
            means["learning_rate"] = records.rates[ends - 1].astype(np.float64)
        reports = Reports(ends + self.step, means, records.histograms)
        self.sums = {name: float(column[-1]) for name, column in sums.items()}
        self.count = len(records) - int(ends[-1]) if len(ends) else self.count + len(records)
        for name, column in records.scalars.items():
            self.epoch[name] = float(totals(column, ends[:0], self.epoch.get(name, 0.0))[0])
        self.step += len(records)
        return reports

    def take_epoch(self, steps: int) -> dict[str, float]:
        """The means over the epoch that ends here, of so many steps."""
        means = {f"train/{name}": total / steps for name, total in self.epoch.items()}
        self.epoch = {}
        return means

    def to_json(self) -> dict[str, Any]:
        """This progress as plain data."""
        return {
            "step": self.step,
            "sums": dict(self.sums),  # a thread writes it while the next steps are counted in
            "count": self.count,
            "epoch": dict(self.epoch),
            "best": self.best.to_json() if self.best else None,
            "early": self.early.to_json() if self.early else None,
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """Takes the place that `to_json` described. Raises CheckpointError for what describes none."""
        try:
            place = _SAVED.validate_python(saved, strict=True)
        except ValidationError as error:
            wrong = error.errors()[0]
            where = ".".join(map(str, wrong["loc"]))
            raise CheckpointError(f"the progress of the checkpoint cannot be read: {where}: {wrong['msg']}") from None
        self.step, self.sums, self.count = place["step"], place["sums"], place["count"]
        self.epoch = place.get("epoch", {})
        if self.best is not None and place["best"] is not None:
            self.best.restore(place["best"])
        if self.early is not None and place["early"] is not None:
            self.early.restore(place["early"])


class _Saved(TypedDict):
    step: NonNegativeInt
    sums: dict[str, float]
    count: NonNegativeInt
    epoch: NotRequired[dict[str, float]]  # not kept by the first version of the format
    best: BestSoFar | None
    early: EarlySoFar | None


_SAVED = TypeAdapter(_Saved)


@dataclass(frozen=True)
class Boundaries:
    """At which steps something is due."""

    total: int
    steps_per_epoch: int
    trainer: Trainer

    def is_due(self, interval: Interval, step: int) -> bool:
        """Whether `interval` ends at `step`; everything ends with the run."""
        return step == self.total or step % interval.steps(self.steps_per_epoch) == 0

    def next(self, step: int) -> int:
        """The first step after `step` at which an epoch ends, or anything is due that needs the variables."""
        intervals = (self.trainer.evaluate_every, self.trainer.checkpoint_every)
        periods = [self.steps_per_epoch, *(interval.steps(self.steps_per_epoch) for interval in intervals)]
        return min(self.total, *((step // period + 1) * period for period in periods))

    def reports(self, step: int, boundary: int) -> np.ndarray:
        """The steps after `step`, up to and with `boundary`, at which a report is due; int64, ascending."""
        every = self.trainer.summaries.every.steps(self.steps_per_epoch)
        steps = np.arange((step // every + 1) * every, boundary + 1, every)
        is_more = boundary % every != 0 and self.is_due(self.trainer.evaluate_every, boundary)
        return np.append(steps, boundary) if is_more else steps


def train_loop(
    engine: Engine,
    state: State,
    progress: Progress,
    observers: Sequence[Observer],
    checkpoints: Checkpoints,
    stop: StopRequest,
) -> State:
    """Trains to the end, to an early stop, or to a request to stop; returns the last state, which is saved by then.

    A checkpoint is written while the next steps are made; that it could not be written ends the run after those.
    Raises DivergenceError, before anything is saved, when a loss or a variable is not finite, and CheckpointError.
    """
    trainer = engine.experiment.trainer
    boundaries = Boundaries(engine.total_steps, engine.steps_per_epoch, trainer)
    saved = progress.step if progress.step else -1
    began, before = time.perf_counter(), progress.step
    with Saving(checkpoints) as saving:
        while progress.step < engine.total_steps and not (progress.early and progress.early.stopped):
            boundary = boundaries.next(progress.step)
            evaluates = boundaries.is_due(trainer.evaluate_every, boundary)
            due = boundaries.reports(progress.step, boundary)
            state, records = engine.advance(
                state, progress.step, boundary, lambda: stop.requested is not None, watched=due
            )
            saving.check()
            _check_finite(records, progress.step)
            reports = progress.add(records, due)
            rate = (progress.step - before) * engine.sampler.batch / (time.perf_counter() - began)
            moment = Moment(progress.step, engine.total_steps, engine.steps_per_epoch, rate)
            for observer in observers:
                observer.advanced(moment, {name: float(column[-1]) for name, column in records.scalars.items()})
            if len(reports):
                for observer in observers:
                    observer.reported(moment, reports)
            if progress.step % engine.steps_per_epoch == 0:
                means = progress.take_epoch(engine.steps_per_epoch)
                for observer in observers:
                    observer.epoch_ended(moment, means)
            if progress.step == boundary:
                if evaluates and trainer.summaries.images:
                    _show(engine, state, moment, observers)
                if evaluates:
                    is_best = _evaluate(engine, state, progress, moment, observers)
                    if is_best:
                        saved = _save(engine, saving, state, progress, is_best=True)
                if boundaries.is_due(trainer.checkpoint_every, boundary) and saved != progress.step:
                    saved = _save(engine, saving, state, progress)
                began, before = time.perf_counter(), progress.step
            if stop.requested is not None:
                break
        if saved != progress.step:
            _save(engine, saving, state, progress)
    return state


def _show(engine: Engine, state: State, moment: Moment, observers: Sequence[Observer]) -> None:
    """Shows what the network sees: its inputs once, and what it makes of them at every evaluation."""
    found = engine.views.maps(state)
    if moment.epoch == 1:
        found = {**engine.views.inputs(), **found}
    for observer in observers:
        observer.pictures(moment, found)


def _evaluate(engine: Engine, state: State, progress: Progress, moment: Moment, observers: Sequence[Observer]) -> bool:
    """Evaluates the validation split, if there is one; returns whether it is the best so far."""
    if not engine.data.examples("validation"):
        return False
    evaluation = engine.evaluate(state, "validation").of("validation")
    is_best = progress.best is not None and progress.best.update(moment.step, evaluation)
    if progress.early is not None:
        progress.early.update(moment.step, evaluation)
    announce(evaluation, moment, observers)
    return is_best


def announce(evaluation: Evaluation, moment: Moment, observers: Sequence[Observer]) -> None:
    """Tells the observers of a split's evaluation."""
    for observer in observers:
        observer.evaluated(moment, evaluation)
        if evaluation.tables:
            observer.tables(moment, evaluation.tables)


def _save(engine: Engine, saving: Saving, state: State, progress: Progress, *, is_best: bool = False) -> int:
    _check_variables(engine, state, progress.step)
    saving.save(progress.step, state, progress.to_json(), best=is_best)
    return progress.step


def _check_variables(engine: Engine, state: State, step: int) -> None:
    """The loss of a step is that of the variables before it: what a step makes of them is seen here first."""
    for name in (*engine.built.parameters, *engine.built.state):
        if not np.isfinite(np.asarray(state[name], np.float32)).all():
            raise DivergenceError(f"'{name}' is not finite after step {step}{_ADVICE}")


def _check_finite(records: Records, first: int) -> None:
    losses = records.scalars["loss"]
    if not math.isfinite(float(losses[-1])) or not np.isfinite(losses).all():
        step = first + int(np.flatnonzero(~np.isfinite(losses))[0]) + 1
        raise DivergenceError(f"the loss is {losses[step - first - 1]} at step {step}{_ADVICE}")
