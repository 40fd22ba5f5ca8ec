"""The ledger of a sweep: one file of JSON lines that only grows, so that whatever happens, what it says is true.

    {"sweep": {...}}           the first line: the command, versions, the options of the sweep
    {"trial": {...}}           a frozen configuration; all of them before the first run, or in a search as they come
    {"group": "5b2f91c0a3d4", "at_once": 8, ...}       how the trials of a program are run, and why so
    {"id": "5b2f91c0a3d4", "state": "running", ...}    what a trial has come to; the last line of a trial counts

A line that a kill cut off is passed over; the state before it is then the one that is known.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Container, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from framework.config.check import check
from framework.errors import ConfigError, FrameworkError, RunFolderError
from framework.files import append_line, read_json, write_atomically
from framework.sweep.trial import Outcome, Trial

FILE = "ledger.jsonl"
FORMAT = 1
DONE = ("finished", "pruned")  # what a sweep that goes on does not run again
_FLUSH_SECONDS = 1.0
_OUTCOME = TypeAdapter(Outcome)
_FROZEN = ("position", "id", "folder", "changed", "overrides", "tree", "choices", "fingerprint")


class SweepError(FrameworkError):
    """A sweep that cannot be started, resumed or read."""


@dataclass
class Ledger:
    """What is known of a sweep.

    path: of its folder. about: what the first line says. frozen: trials as plain data, by id, in order. outcomes: what
    became of each, by id.
    """

    path: Path
    about: dict[str, Any]
    frozen: dict[str, dict[str, Any]] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    _flushed: float = 0.0

    @classmethod
    def begin(cls, path: Path, about: Mapping[str, Any], trials: Iterable[Trial]) -> Ledger:
        """Writes a new ledger with all trials, waiting. Raises SweepError when the folder has one already."""
        if (path / FILE).exists():
            raise SweepError(
                f"'{path}' holds a sweep already; go on with it: python train.py -m resume={path}, "
                "or choose another folder: hydra.sweep.dir=..."
            )
        ledger = cls(path, {"format": FORMAT, **about})
        for trial in trials:
            ledger.frozen[trial.id] = _plain(trial)
            ledger.outcomes[trial.id] = Outcome()
        lines = [{"sweep": ledger.about}, *({"trial": plain} for plain in ledger.frozen.values())]
        try:
            write_atomically(path / FILE, "".join(f"{_json(line)}\n" for line in lines))
        except OSError as error:
            raise RunFolderError(f"cannot write '{path / FILE}': {error.strerror}") from None
        return ledger

    @classmethod
    def read(cls, path: Path) -> Ledger:
        """The ledger of the sweep in a folder. Raises SweepError when there is none that can be read."""
        try:
            lines = [_parsed(line) for line in (path / FILE).read_bytes().splitlines()]
        except OSError as error:
            raise SweepError(f"'{path}' is no sweep folder: its {FILE} cannot be read ({error.strerror})") from None
        whole = [line for line in lines if line is not None]
        about = whole[0].get("sweep") if whole else None
        if not isinstance(about, dict) or about.get("format") != FORMAT:
            raise SweepError(f"'{path / FILE}' does not begin as a ledger of format {FORMAT}")
        ledger = cls(path, about)
        for line in whole[1:]:
            frozen = line.get("trial")
            if isinstance(frozen, dict) and frozen.keys() >= set(_FROZEN):
                ledger.frozen[frozen["id"]] = frozen
                ledger.outcomes.setdefault(frozen["id"], Outcome())
            elif line.get("id") in ledger.frozen and isinstance(line.get("state"), str):
                with suppress(ValidationError):
                    ledger.outcomes[line["id"]] = _outcome(line)
        return ledger

    def add(self, trial: Trial) -> None:
        """Freezes one more trial. Raises RunFolderError when it cannot be written."""
        self.frozen[trial.id], self.outcomes[trial.id] = _plain(trial), Outcome()
        self._append({"trial": self.frozen[trial.id]})

    def note(self, id: str, outcome: Outcome) -> None:
        """Notes what a trial has come to. Raises RunFolderError when it cannot be written."""
        self.outcomes[id] = outcome
        self._append({"id": id, "time": round(time.time(), 3), **asdict(outcome)})

    def note_group(self, program: str, at_once: int, why: str) -> None:
        """Notes how the trials of a program are run. Raises RunFolderError when it cannot be written."""
        self._append({"group": program, "at_once": at_once, "why": why})

    def trials(self, ids: Container[str] | None = None) -> list[Trial]:
        """The frozen trials, in order. Raises SweepError for a configuration that the code no longer accepts.

        ids: those that are wanted, or all.
        """
        found = []
        for plain in self.frozen.values():
            if ids is not None and plain["id"] not in ids:
                continue
            try:
                experiment = check(plain["tree"])
            except ConfigError as error:
                raise SweepError(
                    f"the configuration of trial {plain['folder']} of '{self.path}' is no longer accepted: {error}; "
                    "the code has changed since; bring it back, or start a new sweep"
                ) from None
            held = {name: plain[name] for name in _FROZEN}
            held |= {name: tuple(plain[name]) for name in ("changed", "overrides")}
            found.append(Trial(experiment=experiment, **held))
        return found

    def _append(self, line: Mapping[str, Any]) -> None:
        try:
            append_line(self.path / FILE, _json(line))
            if time.monotonic() - self._flushed > _FLUSH_SECONDS:
                self.flush()
        except OSError as error:
            raise RunFolderError(
                f"cannot write '{self.path / FILE}': {error.strerror}; free the disk, "
                f"then go on with: python train.py -m resume={self.path}"
            ) from None

    def flush(self) -> None:
        """Waits until the ledger is on the disk; a process that is killed needs no such wait. Raises OSError."""
        with (self.path / FILE).open("rb") as stream:
            os.fsync(stream.fileno())
        self._flushed = time.monotonic()


def _plain(trial: Trial) -> dict[str, Any]:
    return {name: getattr(trial, name) for name in _FROZEN}


def _outcome(line: Mapping[str, Any]) -> Outcome:
    held = {name: line[name] for name in Outcome.__dataclass_fields__ if name in line}
    metrics = {name: math.nan if value is None else value for name, value in held.get("metrics", {}).items()}
    return _OUTCOME.validate_python({**held, "metrics": metrics})


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        found = read_json(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _json(line: Any) -> str:
    return json.dumps(_finite(line), ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=str)


def _finite(value: Any) -> Any:
    """The same plain data with null for what JSON has no number for."""
    if isinstance(value, Mapping):
        return {name: _finite(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
