"""A trial among others: what is costly is made once for all of them, and its folder holds what is its own."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from framework.config.compose import Composed
from framework.config.experiment import Experiment
from framework.difference import flatten
from framework.errors import RunFolderError
from framework.train.checkpoint import Checkpoint, Checkpoints
from framework.train.engine import Engine
from framework.train.folder import RunFolder
from framework.train.host import Host, opening
from framework.train.observer import Moment, Observer
from framework.train.signals import StopRequest
from framework.train.stack import Saving, Stack
from framework.train.store import CheckpointStore
from framework.train.tensorboard import Opening

_SAVE_SECONDS = 30.0  # what a trial that is killed has to do again, at most; shorter ones begin anew


class TrialFolder(RunFolder):
    """The folder of a trial. A machine that crashes may lose what was written last, which a resumed sweep notices."""

    def __init__(self, path: Path):
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunFolderError(f"cannot make the folder '{path}': {error.strerror}") from None

    def write(self, name: str, content: str | bytes) -> None:
        path = self.path / name
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            temporary.write_bytes(content.encode() if isinstance(content, str) else content)
            temporary.replace(path)
        except OSError as error:
            raise RunFolderError(f"cannot write '{path}': {error.strerror}") from None


class TrialCheckpoints(CheckpointStore):
    """The checkpoints of a trial: those that matter are held in memory, and stacked when it has finished.

    A trial that takes long is saved in its own folder besides, as a run by itself is, so that little is lost with it.
    """

    def __init__(self, folder: Path, keep: int, stack: Stack, name: str):
        self.folder, self.keep = folder, keep
        self._stack, self._name = stack, name
        self._latest: Saving | None = None
        self._best: Saving | None = None
        self._spare: Saving | None = None  # that a rollback returns to, where it is not the last
        self._since = time.monotonic()

    @property
    def is_quick(self) -> bool:
        return time.monotonic() - self._since <= _SAVE_SECONDS

    def save(
        self,
        step: int,
        state: Mapping[str, np.ndarray],
        progress: Mapping[str, Any],
        *,
        best: bool = False,
        spare: int | None = None,
    ) -> None:
        is_best = best or (self._best is not None and self._best.step == step)
        self._spare = None if spare is None else self._held(spare)
        self._latest = Saving(step, state, dict(progress), is_best)
        if best:
            self._best = self._latest
        if not self.is_quick:
            self.keep_latest()

    def at(self, step: int) -> Checkpoint | None:
        held = self._held(step)
        if held is not None:
            return Checkpoint(step, dict(held.state), dict(held.progress))
        own = self._own()
        return own.at(step) if own else None

    def latest(self) -> Checkpoint | None:
        own = self._own()
        return own.latest() if own else None

    def tidy(self, *, spare: int | None = None) -> None:
        own = self._own()
        if own:
            own.tidy(spare=spare)

    def _held(self, step: int) -> Saving | None:
        held = (self._latest, self._best, self._spare)
        return next((saving for saving in held if saving is not None and saving.step == step), None)

    def _own(self) -> Checkpoints | None:
        """Those in the trial's own folder, where it was saved there."""
        return Checkpoints(self.folder, self.keep) if self.folder.is_dir() else None

    def keep_latest(self) -> None:
        """Saves what is held in the trial's own folder. Raises CheckpointError."""
        if self._latest is not None:
            own = Checkpoints(self.folder, self.keep)
            spare = self._spare.step if self._spare is not None else None
            held = {saving.step: saving for saving in (self._best, self._spare, self._latest) if saving is not None}
            for step, saving in sorted(held.items()):
                if step not in own.steps():
                    own.save(step, saving.state, saving.progress, best=saving.is_best, spare=spare)
        self._since = time.monotonic()

    def settle(self) -> None:
        """Stacks the best and the last, once the trial has finished. Raises CheckpointError."""
        best = self._best or self._best_of_before()
        for saving in dict.fromkeys((best, self._latest)):  # once where the last is the best
            if saving is not None:
                self._stack.add(self._name, saving)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _best_of_before(self) -> Saving | None:
        """The best of a trial that went on, when it was not bettered since."""
        own = self._own()
        found = own.best() if own else None
        return None if found is None else Saving(found.step, found.state, found.progress, is_best=True)


class Hosted(Host):
    """A trial of a sweep.

    stack: of its group. keys: by which trials are compared. stop: what ends the sweep, and with it the trial.
    observers: who watches it. is_first: whether it stands for its group where something is shown once.
    """

    def __init__(
        self, stack: Stack, keys: Sequence[str], stop: StopRequest, observers: Sequence[Observer], *, is_first: bool
    ):
        self._stack, self._keys, self._stop, self._observers = stack, keys, stop, observers
        self._is_first = is_first
        self.saved: TrialCheckpoints | None = None

    def checkpoints(self, folder: RunFolder, keep: int) -> CheckpointStore:
        self.saved = TrialCheckpoints(folder.path / "checkpoints", keep, self._stack, folder.path.name)
        return self.saved

    def describe(self, folder: RunFolder, engine: Engine, composed: Composed) -> None:
        """That is done for the group."""

    def opening(self, engine: Engine, composed: Composed, choices: Mapping[str, str]) -> Opening:
        whole = opening(engine, composed, choices) if self._is_first else Opening()
        options = {**dict(flatten(composed.tree)), **choices}
        compared = {key: _comparable(options[key]) for key in self._keys if key in options}
        return Opening(whole.graph, whole.texts, compared or whole.hparams)

    def watching(self, folder: RunFolder, experiment: Experiment) -> Sequence[Observer]:
        return self._observers

    def stopping(self) -> AbstractContextManager[StopRequest]:
        return nullcontext(self._stop)

    def log(self, folder: RunFolder) -> AbstractContextManager[None]:
        return nullcontext()

    def say(self, line: str) -> None:
        """The table of the sweep says it."""

    def finished(
        self, experiment: Experiment, moment: Moment, metrics: Mapping[str, float], notes: Mapping[str, str]
    ) -> None:
        """The table of the sweep says it."""


def _comparable(value: Any) -> float | str | bool:
    return value if isinstance(value, (bool, int, float, str)) else str(value)
