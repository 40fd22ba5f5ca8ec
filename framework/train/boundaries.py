"""The steps of a run at which something is due, wherever the run was stopped in between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from framework.config.experiment import Trainer
from framework.config.interval import Interval


@dataclass(frozen=True)
class Boundaries:
    """At which steps something is due."""

    total: int
    steps_per_epoch: int
    trainer: Trainer

    def is_due(self, interval: Interval, step: int) -> bool:
        """Whether `interval` ends at `step`; everything ends with the run."""
        return step == self.total or step % interval.steps(self.steps_per_epoch) == 0

    def next(self, step: int) -> int:
        """The first step after `step` at which an epoch ends, or anything is due that needs the variables."""
        intervals = (self.trainer.evaluate_every, self.trainer.checkpoint_every)
        periods = [self.steps_per_epoch, *(interval.steps(self.steps_per_epoch) for interval in intervals)]
        return min(self.total, *((step // period + 1) * period for period in periods))

    def reports(self, step: int, boundary: int) -> np.ndarray:
        """The steps after `step`, up to and with `boundary`, at which a report is due; int64, ascending."""
        every = self.trainer.summaries.every.steps(self.steps_per_epoch)
        steps = np.arange((step // every + 1) * every, boundary + 1, every)
        is_more = boundary % every != 0 and self.is_due(self.trainer.evaluate_every, boundary)
        return np.append(steps, boundary) if is_more else steps
