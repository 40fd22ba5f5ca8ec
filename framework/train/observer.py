"""Observers: whoever shows or writes what happens in a run. The loop calls them in order; they decide nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from framework.layers.gathered import Table

Numbers = Mapping[str, float]
Tables = Mapping[str, Table]
Pictures = Mapping[str, np.ndarray]
Histograms = Mapping[str, tuple[np.ndarray, np.ndarray, np.ndarray]]


class Moment(NamedTuple):
    """Where a run stands. examples_per_second: over the last steps, or None before the first."""

    step: int
    total_steps: int
    steps_per_epoch: int
    examples_per_second: float | None = None

    @property
    def epoch(self) -> int:
        """The epoch that the last step belongs to, counted from 1."""
        return self.epoch_of(self.step)

    def epoch_of(self, step: int) -> int:
        """The epoch that a step belongs to, counted from 1."""
        return max(0, step - 1) // self.steps_per_epoch + 1

    @property
    def epochs(self) -> int:
        """How many epochs the run has, the last one perhaps cut short."""
        return -(-self.total_steps // self.steps_per_epoch)


@dataclass(frozen=True)
class Reports:
    """What is reported of some steps, all at once, however many they are.

    steps: int64 `[reports]`, ascending. means: name -> float64 `[reports]`, over the steps since the report before.
    histograms: tag -> (counts `[reports, buckets]`, range `[reports, 2]`, moments `[reports, 2]`), float32, of the
    steps themselves; empty where there are none.
    """

    steps: np.ndarray
    means: Mapping[str, np.ndarray]
    histograms: Histograms = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.steps)

    def last(self) -> dict[str, float]:
        """The means of the last report."""
        return {name: float(column[-1]) for name, column in self.means.items()}


class Observer:
    """Every method may be left out."""

    def begin(self, moment: Moment) -> None:
        """Before the first step, or where a run goes on."""

    def advanced(self, moment: Moment, last: Numbers) -> None:
        """Some steps were made. last: what the last of them reported: `loss`, `accuracy`, ..."""

    def reported(self, moment: Moment, reports: Reports) -> None:
        """Reports were due at some of the steps just made: `train/loss`, ..., and `learning_rate`."""

    def epoch_ended(self, moment: Moment, means: Numbers) -> None:
        """An epoch ended. means: of `train/loss`, ... over its steps, each as it was before its update."""

    def evaluated(self, moment: Moment, found: Numbers) -> None:
        """A split was evaluated: `validation/loss`, ..."""

    def tables(self, moment: Moment, tables: Tables) -> None:
        """A split was evaluated, and what of it is a table: `validation/confusion_matrix`, ..."""

    def pictures(self, moment: Moment, found: Pictures) -> None:
        """tag -> uint8 `[height, width, 1 or 3]`: `inputs/image`, `features/conv1`, ..."""

    def end(self, moment: Moment) -> None:
        """The run ends, for whatever reason; files are closed here."""
