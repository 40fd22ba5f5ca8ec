"""The checkpoints of many runs behind one another in one file, and an index that says where each of them is.

    groups/5b2f91c0/checkpoints.bin      one safetensors file after the other
                    checkpoints.jsonl    a line each: run, step, whether it was the best, offset, bytes, SHA-256, ...

Both only grow. A line is written when what it speaks of is in the file, so that whenever the process is killed, every
line can be believed; what stands behind the last one is written over by nobody and read by nobody.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import NonNegativeInt, TypeAdapter
from safetensors.numpy import save
from typing_extensions import TypedDict

from framework.errors import CheckpointError
from framework.files import append_line, read_json
from framework.runtime.saved_state import SavedState, arrays_of
from framework.train.status import Status

_STATES, _INDEX = "checkpoints.bin", "checkpoints.jsonl"


class _Line(TypedDict):
    """A line of the index."""

    run: str
    step: NonNegativeInt
    best: bool
    offset: NonNegativeInt
    bytes: NonNegativeInt
    sha256: str
    progress: dict[str, Any]


_LINE = TypeAdapter(_Line)


@dataclass(frozen=True, eq=False)
class Saving:
    """What is saved of a run at one step. state: variable -> array. progress: what else it needs to go on."""

    step: int
    state: Mapping[str, np.ndarray]
    progress: Mapping[str, Any]
    is_best: bool


class Stack:
    """The checkpoints below a folder. One process may add to them; any may read."""

    def __init__(self, folder: Path):
        self.folder = folder

    def add(self, run: str, saving: Saving) -> None:
        """Adds a checkpoint of `run`. Raises CheckpointError, those before untouched."""
        content = save({name: np.asarray(array, order="C") for name, array in saving.state.items()})
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / _STATES).open("ab") as states:
                offset = states.seek(0, 2)
                states.write(content)
            line = {
                "run": run,
                "step": saving.step,
                "best": saving.is_best,
                "offset": offset,
                "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
                "progress": saving.progress,
            }
            append_line(self.folder / _INDEX, json.dumps(line))
        except OSError as error:
            raise CheckpointError(
                f"cannot save step {saving.step} of '{run}' in '{self.folder}': {error.strerror or error}; "
                "free the disk or mend the folder, then go on with -m resume=<sweep folder>"
            ) from None

    def latest(self, run: str) -> SavedState | None:
        """The last checkpoint of a run that is whole; None when there is none."""
        return next((found for line in self._newest_first(run) if (found := self._read(line)) is not None), None)

    def best(self, run: str) -> SavedState | None:
        """The last checkpoint of a run that was its best and is whole; None when there is none."""
        best = (line for line in self._newest_first(run) if line["best"])
        return next((found for line in best if (found := self._read(line)) is not None), None)

    def _newest_first(self, run: str) -> Iterator[_Line]:
        try:
            lines = (self.folder / _INDEX).read_bytes().splitlines()
        except OSError:
            return
        for text in reversed(lines):
            line = _parsed(text)
            if line is not None and line["run"] == run:
                yield line

    def _read(self, line: _Line) -> SavedState | None:
        """What a line of the index speaks of; None where the file does not hold it."""
        try:
            with (self.folder / _STATES).open("rb") as states:
                states.seek(line["offset"])
                content = states.read(line["bytes"])
        except OSError:
            return None
        if hashlib.sha256(content).hexdigest() != line["sha256"]:
            return None
        return SavedState(line["step"], arrays_of(content), line["progress"])


def stacked(path: Path, status: Status) -> tuple[Stack, str] | None:
    """The checkpoints that a run in `path` wrote as a trial of a sweep, and its name there; None for one by itself."""
    group = status.group(path)
    return None if group is None else (Stack(group), path.resolve().name)


def _parsed(text: bytes) -> _Line | None:
    """A line of the index; None for one that was cut off or damaged."""
    try:
        return _LINE.validate_python(read_json(text))
    except ValueError:
        return None
