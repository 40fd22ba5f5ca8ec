"""Where a run stands: what a checkpoint keeps beside the variables."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, NotRequired

import numpy as np
from pydantic import NonNegativeInt, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from framework.build.built import SKIPPED
from framework.errors import CheckpointError
from framework.train.best import BestMetric, BestSoFar, EarlySoFar, EarlyStopping
from framework.train.observer import Reports
from framework.train.records import Records, totals


@dataclass
class Progress:
    """Where a run stands; what a checkpoint keeps beside the variables.

    step: steps done. sums, count: of the numbers reported since the last report, so that a report is the same
    whether or not the run was stopped in between. epoch, left_out: sums over the steps of the epoch so far, and how
    many of these count for nothing. best, early: see `framework.train.best`. anchor: the step of the checkpoint that a
    rollback returns to, 0 for the first values. faults: steps skipped, or rollbacks, in a row.
    """

    step: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    count: int = 0
    epoch: dict[str, float] = field(default_factory=dict)
    left_out: int = 0
    best: BestMetric | None = None
    early: EarlyStopping | None = None
    anchor: int = 0
    faults: int = 0

    def add(self, records: Records, due: np.ndarray) -> Reports:
        """Counts in what some steps reported, and returns the means at those of the steps `due` that were made.

        Steps that are left out enter no mean; where all are, it is NaN.
        """
        ends = due[due <= self.step + len(records)] - self.step
        counted = records.counted()
        columns = np.stack([records.taken, *counted.values()])
        carried = [self.count, *(self.sums.get(name, 0.0) for name in counted)]
        counts, *found = totals(columns, ends, np.array(carried, np.float64))
        sums = dict(zip(counted, found, strict=True))
        with np.errstate(invalid="ignore"):
            means = {
                f"train/{name}": column[:-1] / (counts[:-1] if name != SKIPPED else 1) for name, column in sums.items()
            }
        if records.rates is not None:
            means["learning_rate"] = records.rates[ends - 1].astype(np.float64)
        reports = Reports(ends + self.step, means, records.histograms)
        self.sums = {name: float(column[-1]) for name, column in sums.items()}
        self.count = int(counts[-1])
        before = np.array([self.epoch.get(name, 0.0) for name in counted], np.float64)
        self.epoch = dict(zip(counted, totals(columns[1:], ends[:0], before)[:, 0].tolist(), strict=True))
        self.left_out += len(records) - int(records.taken.sum())
        self.step += len(records)
        return reports

    def take_epoch(self, steps: int) -> dict[str, float]:
        """The means over the epoch that ends here, of so many steps; NaN where all of them were left out."""
        taken = steps - self.left_out
        means = {f"train/{name}": total / taken if taken else math.nan for name, total in self.epoch.items()}
        if SKIPPED in self.epoch:
            means[f"train/{SKIPPED}"] = self.epoch[SKIPPED]
        self.epoch, self.left_out = {}, 0
        return means

    def to_json(self) -> dict[str, Any]:
        """This progress as plain data."""
        return {
            "step": self.step,
            "sums": dict(self.sums),  # a thread writes it while the next steps are counted in
            "count": self.count,
            "epoch": dict(self.epoch),
            "left_out": self.left_out,
            "best": self.best.to_json() if self.best else None,
            "early": self.early.to_json() if self.early else None,
            "anchor": self.anchor,
            "faults": self.faults,
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """Takes the place that `to_json` described. Raises CheckpointError for what describes none."""
        try:
            place = _SAVED.validate_python(saved, strict=True)
        except ValidationError as error:
            wrong = error.errors()[0]
            where = ".".join(map(str, wrong["loc"]))
            raise CheckpointError(f"the progress of the checkpoint cannot be read: {where}: {wrong['msg']}") from None
        self.step, self.sums, self.count = place["step"], place["sums"], place["count"]
        self.epoch, self.left_out = place.get("epoch", {}), place.get("left_out", 0)
        self.anchor, self.faults = place.get("anchor", self.step), place.get("faults", 0)
        if self.best is not None and place["best"] is not None:
            self.best.restore(place["best"])
        if self.early is not None and place["early"] is not None:
            self.early.restore(place["early"])


class _Saved(TypedDict):
    step: NonNegativeInt
    sums: dict[str, float]
    count: NonNegativeInt
    best: BestSoFar | None
    early: EarlySoFar | None
    epoch: NotRequired[dict[str, float]]  # this and what follows was not kept by the first version of the format
    left_out: NotRequired[NonNegativeInt]
    anchor: NotRequired[NonNegativeInt]
    faults: NotRequired[NonNegativeInt]


_SAVED = TypeAdapter(_Saved)
