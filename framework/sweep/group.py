"""Trials of one program, run one after the other: compiled once, over the same data on the device."""

from __future__ import annotations

import shutil
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from framework.data import Data
from framework.errors import DivergenceError, FrameworkError, RunFolderError
from framework.sweep.hosting import Hosted, TrialFolder
from framework.sweep.trial import Outcome, Trial
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
        self._is_shown = (self.folder / "graph.pb").exists()

    def engine(self, trial: Trial, status: Status) -> Engine:
        """The engine of a trial; those after the first share its programs. Raises FrameworkError."""
        execution, kept = status.execution or None, status.kernels or None
        engine = Engine(trial.experiment, self.data, execution, kept, like=self._first)
        self._first = self._first or engine
        return engine

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
    if any((path / "checkpoints").glob("step-*")):
        status = Status.read(path)
        status.state, status.ended, status.error, status.step = "running", None, None, max(status.step, 1)
        (path / "error.txt").unlink(missing_ok=True)
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
