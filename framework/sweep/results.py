"""The answer of a sweep as data: every trial with what it came to, and settings ranked over their seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from framework.sweep.objective import Objective, Spread
from framework.sweep.trial import Outcome, Trial, varied

_SEED = "seed"


@dataclass(frozen=True)
class Row:
    """A trial and what came of it. values: what tells it from the others. value: of the objective."""

    trial: Trial
    outcome: Outcome
    values: Mapping[str, Any]
    value: float | None


@dataclass(frozen=True)
class Setting:
    """Trials that differ in their seed alone. values: what tells them from the others. rows: best first."""

    values: Mapping[str, Any]
    rows: tuple[Row, ...]
    spread: Spread | None


@dataclass(frozen=True)
class Results:
    """All of a sweep. keys: in what trials differ. settings: best first; rows: in the order of the sweep."""

    objective: Objective
    keys: tuple[str, ...]
    rows: tuple[Row, ...]
    settings: tuple[Setting, ...]

    @classmethod
    def of(cls, trials: Sequence[Trial], outcomes: Mapping[str, Outcome], objective: Objective) -> Results:
        """The results as they stand."""
        columns = varied(list(trials))
        rows = tuple(
            Row(
                trial,
                outcomes[trial.id],
                {key: column[position] for key, column in columns.items()},
                objective.value(outcomes[trial.id]) if outcomes[trial.id].state in ("finished", "pruned") else None,
            )
            for position, trial in enumerate(trials)
        )
        by_setting: dict[str, list[Row]] = {}
        for row in rows:
            told = {key: value for key, value in row.values.items() if key != _SEED}
            by_setting.setdefault(repr(told), []).append(row)
        settings = [_setting(rows, objective) for rows in by_setting.values()]
        settings.sort(key=lambda setting: objective.order(setting.spread.mean if setting.spread else None))
        return cls(objective, tuple(columns), rows, tuple(settings))

    @property
    def has_seeds(self) -> bool:
        """Whether some setting was run with several seeds."""
        return any(len(setting.rows) > 1 for setting in self.settings)

    @property
    def options(self) -> tuple[str, ...]:
        """In what settings differ."""
        return tuple(key for key in self.keys if key != _SEED)

    @property
    def best(self) -> Row | None:
        """The best trial of the best setting; None when none has finished."""
        if not self.settings or self.settings[0].spread is None:
            return None
        return self.settings[0].rows[0]

    def counts(self) -> dict[str, int]:
        """State -> how many trials are in it."""
        found: dict[str, int] = {}
        for row in self.rows:
            found[row.outcome.state] = found.get(row.outcome.state, 0) + 1
        return found


def _setting(rows: list[Row], objective: Objective) -> Setting:
    ordered = sorted(rows, key=lambda row: objective.order(row.value))
    told = {key: value for key, value in rows[0].values.items() if key != _SEED}
    return Setting(told, tuple(ordered), Spread.of(row.value for row in ordered))
