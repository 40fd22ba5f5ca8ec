"""Checkpoints: all that a run needs to go on, in a folder that is whole or not there.

    checkpoints/step-00000100/state.safetensors   the variables and the optimizer's slots, by name
                              progress.json       step, sums since the last report, best value, patience
                              manifest.json       format, whether it was the best so far, size and SHA-256 of the two

That it was the best stands inside the checkpoint, not in a file beside it: the two can never disagree.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from framework.errors import CheckpointError
from framework.files import make_folder
from framework.runtime.saved_state import REPLACED, UNREADABLE, WRITING, is_best, read_state, write_state
from framework.runtime.saved_state import SavedState as Checkpoint
from framework.train.stack import Stack, stacked
from framework.train.status import Status

__all__ = ["Checkpoint", "Checkpoints", "saved"]

_NAME = re.compile(r"step-(\d+)(\.replaced)?\Z")
_REMOVING = ".removing-"
# What is missing, of another kind, or on a bad part of the disk is damage; too many open files, or a lack of
# permission, is none.
_LOST = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EIO)
_log = logging.getLogger("framework")


class Checkpoints:
    """The checkpoints of one run. Any process may read them; the one that has locked the run folder may save.

    keep: how many of the newest stay; the best one stays besides. before: those that were stacked, of a run that was a
    trial of a sweep, and by what name. Raises CheckpointError when the folder cannot be made.
    """

    is_quick = False  # every save waits for the disk

    def __init__(self, folder: Path, keep: int, before: tuple[Stack, str] | None = None):
        self.folder, self.keep, self.before = folder, keep, before
        try:
            make_folder(folder)
        except OSError as error:
            raise CheckpointError(f"cannot make the folder '{folder}': {error.strerror}") from None

    def save(
        self,
        step: int,
        state: Mapping[str, np.ndarray],
        progress: Mapping[str, Any],
        *,
        best: bool = False,
        spare: int | None = None,
    ) -> Path:
        """Saves a step and returns its folder; `best` marks it as the best so far, and `spare` is another that stays.

        A step that was saved before is replaced. Raises CheckpointError, older checkpoints untouched.
        """
        final = self.folder / f"step-{step:08d}"
        try:
            self._remove_leftovers()
            write_state(final, step, state, progress, best=best)
        except OSError as error:
            raise CheckpointError(
                f"cannot save step {step} in '{self.folder}': {error.strerror or error}; "
                "free the disk or mend the folder, then go on with resume=<run folder>"
            ) from None
        self._remove_old(final, spare)
        self._remove_leftovers()
        return final

    def at(self, step: int) -> Checkpoint | None:
        """The checkpoint of a step, if it is there and whole; raises as `latest` does."""
        paths = (path for path in self._paths() if _step(path) == step)
        return next((found for path in paths if (found := self._read(path)) is not None), None)

    def latest(self) -> Checkpoint | None:
        """The newest checkpoint that is whole; damaged ones are set aside with a warning. None when there is none.

        Raises CheckpointError when one cannot be read for a reason that says nothing of what is in it.
        """
        found = next((found for path in self._paths() if (found := self._read(path)) is not None), None)
        return self.before[0].latest(self.before[1]) if found is None and self.before else found

    def best(self) -> Checkpoint | None:
        """The last checkpoint that was the best and is whole; None when there is none."""
        marked = (path for path in self._paths() if is_best(path))
        found = next((found for path in marked if (found := self._read(path)) is not None), None)
        return self.before[0].best(self.before[1]) if found is None and self.before else found

    def tidy(self, *, spare: int | None = None) -> None:
        """Removes what is not kept, and what a process that was killed left half-written."""
        newest = next(iter(self._paths()), None)
        if newest is not None:
            self._remove_old(newest, spare)
        self._remove_leftovers()

    def steps(self) -> list[int]:
        """The steps that are saved, oldest first."""
        return sorted({_step(path) for path in self._paths()})

    def _paths(self) -> list[Path]:
        """The folders of the checkpoints, newest first; a replaced one stands behind what replaced it."""
        return sorted(
            (path for path in self.folder.iterdir() if _NAME.match(path.name)),
            key=lambda path: (-_step(path), path.name),
        )

    def _read(self, path: Path) -> Checkpoint | None:
        """The checkpoint in a folder, or None when it is damaged."""
        try:
            found = read_state(path)
            if found.step != _step(path):
                raise ValueError(f"its manifest says step {found.step}")
            return found
        except OSError as error:
            if error.errno not in _LOST:
                raise CheckpointError(f"cannot read '{path}': {error.strerror}; mend that, and try again") from None
            reason: Exception = error
        except UNREADABLE as error:
            reason = error
        if path.exists():  # else the process that trains has just removed it
            _set_aside(path, reason)
        return None

    def _remove_old(self, saved: Path, spare: int | None) -> None:
        """Keeps the newest, the one just saved (known to be whole), the best, and `spare`.

        The others lose their names at once and their files later, so that no reader meets half of one.
        """
        best = next((path for path in self._paths() if is_best(path)), saved)
        keep = {*self.steps()[-self.keep :], _step(saved), _step(best), spare}
        for path in self._paths():
            if _step(path) not in keep:
                with contextlib.suppress(OSError):  # it is met again at the next save
                    path.rename(path.with_name(f"{_REMOVING}{path.name}"))

    def _remove_leftovers(self) -> None:
        """Removes what has been replaced or is not kept, and what a killed process left half-written."""
        replaced = [path for path in self.folder.glob(f"step-*{REPLACED}") if path.with_suffix("").exists()]
        for path in [*self.folder.glob(f"{WRITING}*"), *self.folder.glob(f"{_REMOVING}*"), *replaced]:
            shutil.rmtree(path, ignore_errors=True)


def saved(path: Path, status: Status, keep: int = 1) -> Checkpoints:
    """The checkpoints of a run in its folder, for reading. Raises CheckpointError."""
    return Checkpoints(path / "checkpoints", keep, stacked(path, status))


def _step(path: Path) -> int:
    return int(path.stem.removeprefix("step-"))


def _set_aside(path: Path, error: Exception) -> None:
    """Renames a damaged checkpoint, so that it is not met again and can still be looked at."""
    aside = path.with_name(f"damaged-{path.name}")
    try:
        shutil.rmtree(aside, ignore_errors=True)
        path.rename(aside)
        _log.warning("checkpoint %s is damaged (%s); it was set aside as %s", path.name, error, aside.name)
    except OSError as reason:
        _log.warning("checkpoint %s is damaged (%s); it could not be renamed (%s)", path.name, error, reason.strerror)
