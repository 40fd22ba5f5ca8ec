"""What the trials of a sweep are ranked by."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from framework.config.experiment import Experiment
from framework.sweep.expansion import reported
from framework.sweep.trial import Outcome


@dataclass(frozen=True)
class Objective:
    """A number that every trial has at its end.

    name: such as `validation/loss`. of_best: whether it is the best value of the run, rather than the last.
    """

    name: str
    higher_is_better: bool
    of_best: bool

    @classmethod
    def of(cls, experiment: Experiment) -> Objective:
        """The metric of the sweep; when none is named, the best of what checkpoints are kept by, or the loss."""
        kept, named = experiment.trainer.keep_best, experiment.sweep.metric
        known = reported(experiment)
        name = named or kept or "validation/loss"
        return cls(name, known.get(name, False), of_best=kept == name)

    @property
    def title(self) -> str:
        """What it is called in a table."""
        return f"best {self.name}" if self.of_best else self.name

    def value(self, outcome: Outcome) -> float | None:
        """The number that a trial came to, or has come to so far; None where it has none, or none that is finite."""
        if self.of_best:
            found = outcome.best["value"] if outcome.best and outcome.best.get("monitor") == self.name else None
        else:
            found = outcome.metrics.get(self.name)
        if found is None and self.name.startswith("validation/"):  # there is no such split
            found = outcome.metrics.get(self.name.replace("validation/", "train/", 1))
        return found if found is not None and math.isfinite(found) else None

    def is_better(self, left: float, right: float | None) -> bool:
        """Whether `left` is better than `right`."""
        return right is None or (left > right if self.higher_is_better else left < right)

    def order(self, value: float | None) -> tuple[bool, float]:
        """A key by which the best comes first, and what has no value last."""
        if value is None:
            return True, 0.0
        return False, -value if self.higher_is_better else value


@dataclass(frozen=True)
class Spread:
    """A number over several seeds. deviation: of the sample; None of a single one."""

    mean: float
    deviation: float | None
    count: int

    @classmethod
    def of(cls, values: Iterable[float | None]) -> Spread | None:
        """Over those that there are; None when there are none."""
        found: Sequence[float] = [value for value in values if value is not None]
        if not found:
            return None
        return cls(statistics.fmean(found), statistics.stdev(found) if len(found) > 1 else None, len(found))
