"""The training loop, in its stated order.

Up to the next boundary: advance and report; there evaluate; decide; save. Boundaries are fixed numbers of steps, so
that a run that was stopped anywhere meets the same ones when it goes on. Nothing here writes a file or to the terminal:
that is done by the observers, called in the order they were given.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from framework.runtime.program import State
from framework.train.boundaries import Boundaries
from framework.train.engine import Engine
from framework.train.evaluator import Evaluation
from framework.train.faults import Faults
from framework.train.observer import Moment, Observer
from framework.train.position import Progress
from framework.train.saving import Saving
from framework.train.signals import StopRequest
from framework.train.store import CheckpointStore


def train_loop(
    engine: Engine,
    state: State,
    progress: Progress,
    observers: Sequence[Observer],
    checkpoints: CheckpointStore,
    faults: Faults,
    stop: StopRequest,
) -> State:
    """Trains to the end, to an early stop, or to a request to stop; returns the last state, which is saved by then.

    A checkpoint is written while the next steps are made; that it could not be written ends the run after those.
    Raises DivergenceError when a loss or a variable is not finite and the run cannot go on, and CheckpointError.
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
            state, records = faults.answer(state, records, progress, saving.wait)
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
            faults.end()
            if progress.step == boundary:
                if evaluates and trainer.summaries.images:
                    _show(engine, state, moment, observers)
                if evaluates:
                    is_best = _evaluate(engine, state, progress, moment, observers)
                    if is_best:
                        saved = _save(faults, saving, state, progress, is_best=True)
                if boundaries.is_due(trainer.checkpoint_every, boundary) and saved != progress.step:
                    saved = _save(faults, saving, state, progress)
                began, before = time.perf_counter(), progress.step
            if stop.requested is not None:
                break
        if saved != progress.step:
            faults.check(state, progress)
            spare = progress.anchor if trainer.on_nan == "rollback" else None
            saving.save(progress.step, state, progress.to_json(), spare=spare)
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


def _save(faults: Faults, saving: Saving, state: State, progress: Progress, *, is_best: bool = False) -> int:
    """Saves a step at which that is due, which a rollback may return to."""
    faults.check(state, progress)
    faults.saved(progress.step, progress)
    saving.save(progress.step, state, progress.to_json(), best=is_best)
    return progress.step
