"""A trial as it was frozen before the first run began, and what became of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from framework.config.compose import Composed
from framework.config.experiment import Experiment
from framework.config.origins import Origins
from framework.difference import flatten

State = Literal["waiting", "running", "finished", "pruned", "stopped", "failed", "invalid"]
_MISSING = object()


@dataclass(frozen=True)
class Trial:
    """One of the runs of a sweep.

    position: in the order of the sweep, from 0. id: the hash of its configuration. folder: its name in the sweep's.
    changed: the overrides that are its own. overrides, tree, choices: see `Composed`. fingerprint: of its program and
    the data.
    """

    position: int
    id: str
    folder: str
    changed: tuple[str, ...]
    overrides: tuple[str, ...]
    tree: Mapping[str, Any]
    choices: Mapping[str, str | None]
    experiment: Experiment
    fingerprint: str

    @property
    def told(self) -> str:
        """The overrides that are its own in one line, options by the last part of their paths where that is enough."""
        ends = [text.partition("=")[0].rpartition(".")[2] for text in self.changed]
        return " ".join(
            text if ends.count(end) > 1 or text.startswith("~") else end + "".join(text.partition("=")[1:])
            for text, end in zip(self.changed, ends, strict=True)
        )

    @property
    def composed(self) -> Composed:
        """Its configuration as a run takes it."""
        return Composed(dict(self.tree), Origins(), list(self.overrides), dict(self.choices))


@dataclass
class Outcome:
    """What became of a trial, or how it stands.

    metrics: the last value of each number. best: the monitored number, its best value and step. attempt: from 1.
    """

    state: State = "waiting"
    attempt: int = 0
    step: int = 0
    total_steps: int = 0
    seconds: float = 0.0
    metrics: dict[str, float] = field(default_factory=dict)
    best: dict[str, Any] | None = None
    error: str | None = None


def identity(tree: Mapping[str, Any]) -> str:
    """The hash of a configuration, whatever the order that it was written in."""
    text = json.dumps(tree, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def varied(trials: list[Trial]) -> dict[str, list[Any]]:
    """What trials differ in: the choice of a group, or the path of an option -> its value in each trial, or None.

    Of a group of which they chose different files, that is the choice, and those options that all of them have.
    """
    if not trials:
        return {}
    flat = [dict(flatten(trial.tree)) for trial in trials]
    groups = dict.fromkeys(group for trial in trials for group in trial.choices)
    chosen = {group: [trial.choices.get(group) for trial in trials] for group in groups}
    found: dict[str, list[Any]] = {group: column for group, column in chosen.items() if _differ(column)}
    for key in dict.fromkeys(key for options in flat for key in options):
        column = [options.get(key, _MISSING) for options in flat]
        of_choice = key.endswith(".type") or _MISSING in column
        if not _differ(column) or (of_choice and key.partition(".")[0] in found):
            continue
        found[key] = [None if value is _MISSING else value for value in column]
    return found


def _differ(column: list[Any]) -> bool:
    first = column[0]
    return any(value is not first and value != first for value in column)
