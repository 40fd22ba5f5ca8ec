"""Observers: whoever shows or writes what happens in a run. The loop calls them in order; they decide nothing."""

from __future__ import annotations

from collections.abc import Mapping
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
        return max(0, self.step - 1) // self.steps_per_epoch + 1

    @property
    def epochs(self) -> int:
        """How many epochs the run has, the last one perhaps cut short."""
        return -(-self.total_steps // self.steps_per_epoch)


class Observer:
    """Every method may be left out."""

    def begin(self, moment: Moment) -> None:
        """Before the first step, or where a run goes on."""

    def advanced(self, moment: Moment, last: Numbers) -> None:
        """Some steps were made. last: what the last of them reported: `loss`, `accuracy`, ..."""

    def reported(self, moment: Moment, means: Numbers) -> None:
        """A report is due. means: over the steps since the one before, `train/loss`, ..., and `learning_rate`."""

    def histograms(self, moment: Moment, found: Histograms) -> None:
        """tag -> (counts `[buckets]`, range `[2]`, moments `[2]`) of the last step."""

    def evaluated(self, moment: Moment, found: Numbers) -> None:
        """A split was evaluated: `validation/loss`, ..."""

    def tables(self, moment: Moment, tables: Tables) -> None:
        """A split was evaluated, and what of it is a table: `validation/confusion_matrix`, ..."""

    def pictures(self, moment: Moment, found: Pictures) -> None:
        """tag -> uint8 `[height, width, 1 or 3]`: `inputs/image`, `features/conv1`, ..."""

    def end(self, moment: Moment) -> None:
        """The run ends, for whatever reason; files are closed here."""
