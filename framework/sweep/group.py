"""Trials of one program, run one after the other or several at once: compiled once, over the same data."""

from __future__ import annotations

import shutil
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from framework.data import Data
from framework.errors import DivergenceError, FrameworkError, RunFolderError
from framework.plan import steps_of
from framework.runtime.choice import Kept
from framework.sweep.hosting import Hosted, TrialFolder
from framework.sweep.together import Lane, Together
from framework.sweep.trial import Outcome, Trial
from framework.sweep.vectorization import Choice, Vectorize, choose, costs_of, most_at_once
from framework.train.continuation import Continuation
from framework.train.engine import Engine
from framework.train.folder import RunFolder
from framework.train.host import describe_program
from framework.train.observer import Observer
from framework.train.run import carry_out
from framework.train.signals import StopRequest
from framework.train.stack import Stack
from framework.train.status import Status, now

GROUPS = "groups"


class Group:
    """The trials of one program and one set of data.

    path: of the sweep. keys: by which trials are compared. stop: what ends the sweep.
    """

    def __init__(self, path: Path, trials: Sequence[Trial], data: Data, keys: Sequence[str], stop: StopRequest):
        self.path, self.trials, self.data, self.keys, self.stop = path, list(trials), data, keys, stop
        self.folder = path / GROUPS / trials[0].fingerprint[:12]
        self.stack = Stack(self.folder)
        self._first: Engine | None = None
        self._together: Together | None = None
        self._is_shown = (self.folder / "graph.pb").exists()

    def engine(self, trial: Trial, status: Status) -> Engine:
        """The engine of a trial; those after the first share its programs. Raises FrameworkError."""
        execution, kept = status.execution or None, status.kernels or None
        if self._together is not None:
            return self._lane(trial, self._together, execution, kept)
        engine = Engine(trial.experiment, self.data, execution, kept, like=self._first)
        self._first = self._first or engine
        return engine

    def _lane(self, trial: Trial, together: Together, execution: str | None = None, kept: Kept | None = None) -> Lane:
        return Lane(trial.experiment, self.data, execution, kept, like=self._first, together=together)

    def choose(self, option: Vectorize) -> Choice:
        """How the trials run: one after another, or several at once. What is measured for that costs a few steps."""
        made: dict[int, Together] = {}

        def measure(width: int, seconds: float) -> float:
            made[width] = Together(width)
            return made[width].measure([self._lane(trial, made[width]) for trial in self.trials[:width]], seconds)

        steps = sum(steps_of(trial.experiment)[2] for trial in self.trials)
        costs = costs_of(lambda: self._first or self.engine(self.trials[0], Status()), measure)
        try:
            choice = choose(option, len(self.trials), steps, most_at_once(), costs)
        except (FrameworkError, MemoryError, RuntimeError) as error:  # the trials themselves will tell what is wrong
            return Choice(1, f"they could not be measured: {type(error).__name__}")
        if choice.at_once == 1 and self._first is not None:
            self._first.prepare_evaluation()
        if choice.at_once > 1:
            self._together = made.get(choice.at_once) or Together(choice.at_once)
            self._together.alone_seconds = choice.alone_seconds
        return choice

    def run_at_once(self, tasks: Sequence[Callable[[], None]]) -> None:
        """Carries out tasks that each run a trial, all at once or, where that was chosen, one after another."""
        if self._together is None:
            for task in tasks:
                task()
        else:
            self._together.run(tasks)

    def run(
        self, trial: Trial, attempt: int, observers: Sequence[Observer], stop: StopRequest | None = None
    ) -> Outcome:
        """Runs a trial, or goes on with it where it was saved. What goes wrong is part of its outcome.

        stop: what ends the trial, where that is more than what ends the sweep.
        """
        path = self.path / trial.folder
        if not is_free(path):
            error = RunFolderError(f"'{path}' holds a run already")
            return Outcome("failed", attempt, error=f"{type(error).__name__}: {error}")
        try:
            status = begin(trial, path)
            engine = self.engine(trial, status)
            host = self.host(observers, stop or self.stop)
            changed = Continuation() if status.step else None
            code = carry_out(engine, TrialFolder(path), trial.composed, status, host, changed)
            return ended(status, host, attempt, code)
        except Exception as error:
            return failed(path, attempt, error)

    def host(self, observers: Sequence[Observer], stop: StopRequest) -> Hosted:
        """What is around a trial; the first of a group shows what all of them share."""
        is_first, self._is_shown = not self._is_shown, True
        if is_first and self._first is not None:
            describe_program(RunFolder(self.folder), self._first)
        return Hosted(self.stack, self.keys, stop, observers, is_first=is_first)


def begin(trial: Trial, path: Path) -> Status:
    """The status that a trial begins with: that of where it was saved, or a new one and an empty folder."""
    (path / "error.txt").unlink(missing_ok=True)  # of the attempt before
    if any((path / "checkpoints").glob("step-*")):
        status = Status.read(path)
        status.state, status.ended, status.error, status.step = "running", None, None, max(status.step, 1)
        return status
    if (path / "status.json").exists():
        shutil.rmtree(path)
    return Status(started=now(), sweep="/".join([".."] * len(Path(trial.folder).parts)))


def ended(status: Status, host: Hosted, attempt: int, code: int) -> Outcome:
    """What came of a trial that has run. Raises CheckpointError when it cannot be saved."""
    if host.saved is not None:
        host.saved.settle() if code == 0 else host.saved.keep_latest()
    return replace(standing(status, attempt), state="finished" if code == 0 else "stopped")


def failed(path: Path, attempt: int, error: Exception) -> Outcome:
    """What came of a trial that failed; all that is known of the error stays in its folder."""
    whole = str(error) if isinstance(error, FrameworkError) else traceback.format_exc()
    try:
        TrialFolder(path).write("error.txt", f"{whole}\n")
        status = Status.read(path)
    except RunFolderError:  # a full disk; the ledger still tells
        status = Status()
    return replace(standing(status, attempt), state="failed", error=f"{type(error).__name__}: {error}")


def standing(status: Status, attempt: int) -> Outcome:
    """What a status says of a trial."""
    return Outcome(
        attempt=attempt,
        step=status.step,
        total_steps=status.total_steps,
        seconds=status.seconds,
        metrics=dict(status.metrics),
        best=dict(status.best) if status.best else None,
    )


def is_free(path: Path) -> bool:
    """Whether a folder is free, or holds a trial; a run that stands there by itself is never overwritten."""
    try:
        return not (path / "status.json").exists() or Status.read(path).sweep is not None
    except RunFolderError:
        return False


def may_be_tried_again(error: str | None) -> bool:
    """Whether a failure may be another the next time; the same numbers diverge again."""
    return error is not None and not error.startswith(DivergenceError.__name__)
