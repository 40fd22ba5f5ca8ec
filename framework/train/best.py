"""What is remembered of a monitored number: its best value, and how long it has not improved."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from typing_extensions import TypedDict


class BestSoFar(TypedDict):
    """What is saved of it: its name, which way is better, its best value and step, None before the first."""

    monitor: str
    higher_is_better: bool
    value: float | None
    step: int | None


@dataclass
class BestMetric:
    """The best value of a number so far. A value that is not finite is never the best.

    monitor: its name, such as `validation/loss`. value, step: of the best; None before the first.
    """

    monitor: str
    higher_is_better: bool
    value: float | None = None
    step: int | None = None

    def update(self, step: int, metrics: Mapping[str, float], min_delta: float = 0.0) -> bool:
        """Takes a new value in; whether it is better than the best by more than `min_delta`."""
        new = metrics[self.monitor]
        if not math.isfinite(new):
            return False
        if self.value is not None:
            gain = new - self.value if self.higher_is_better else self.value - new
            if gain <= min_delta:
                return False
        self.value, self.step = new, step
        return True

    def to_json(self) -> BestSoFar:
        """This as plain data."""
        return BestSoFar(**asdict(self))

    def restore(self, saved: BestSoFar) -> None:
        """Takes the values over that `to_json` gave, if they are of the same number."""
        if saved["monitor"] == self.monitor:
            self.value, self.step = saved["value"], saved["step"]


class EarlySoFar(TypedDict):
    """What is saved of it."""

    best: BestSoFar
    waited: int


@dataclass
class EarlyStopping:
    """Says when a number has not improved for `patience` evaluations.

    best: the number that is watched. waited: evaluations since it last improved.
    """

    best: BestMetric
    patience: int
    min_delta: float = 0.0
    waited: int = 0

    @property
    def stopped(self) -> bool:
        """Whether the run should end."""
        return self.waited >= self.patience

    def update(self, step: int, metrics: Mapping[str, float]) -> None:
        """Takes a new value in."""
        self.waited = 0 if self.best.update(step, metrics, self.min_delta) else self.waited + 1

    def to_json(self) -> EarlySoFar:
        """This as plain data."""
        return {"best": self.best.to_json(), "waited": self.waited}

    def restore(self, saved: EarlySoFar) -> None:
        """Takes the values over that `to_json` gave, if they are of the same number."""
        if saved["best"]["monitor"] == self.best.monitor:
            self.best.restore(saved["best"])
            self.waited = saved["waited"]
