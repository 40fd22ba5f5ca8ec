"""What steps reported, and the means of it at the steps where a report is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from framework.build.built import SKIPPED
from framework.train.observer import Histograms


@dataclass(frozen=True)
class Records:
    """What some steps in a row reported.

    scalars: name -> float32 `[steps]`. rates: their learning rates, float32 `[steps]`; None where there is none.
    histograms: tag -> (counts, range, moments), a row for each step that was watched. left_out: which of the steps
    count for nothing, since they were not finite, bool `[steps]`; None for none of them.
    """

    scalars: Mapping[str, np.ndarray]
    rates: np.ndarray | None = None
    histograms: Histograms = field(default_factory=dict)
    left_out: np.ndarray | None = None

    def __len__(self) -> int:
        return len(next(iter(self.scalars.values())))

    @property
    def taken(self) -> np.ndarray:
        """1 for each step that counts, else 0; float32 `[steps]`."""
        return np.ones(len(self), np.float32) if self.left_out is None else np.float32(1) - self.left_out

    def counted(self) -> Mapping[str, np.ndarray]:
        """The scalars, with zeros, which change no sum, for the steps that are left out."""
        if self.left_out is None:
            return self.scalars
        return {n: column if n == SKIPPED else np.where(self.left_out, 0, column) for n, column in self.scalars.items()}

    def up_to(self, count: int) -> Records:
        """The records of the first steps."""
        histograms: Histograms = {
            tag: (three[0][:count], three[1][:count], three[2][:count]) for tag, three in self.histograms.items()
        }
        scalars = {name: column[:count] for name, column in self.scalars.items()}
        rates = None if self.rates is None else self.rates[:count]
        return Records(scalars, rates, histograms)


def totals(columns: np.ndarray, ends: np.ndarray, carried: np.ndarray) -> np.ndarray:
    """Sums of each of `columns` `[names, steps]` up to each of `ends`, and of what is left behind the last.

    carried: what the first sums begin with, float64 `[names]`. Gives float64 `[names, ends + 1]`. Numbers are added one
    by one in their order, so a sum is the same however its steps were cut.
    """
    columns = np.concatenate([carried[:, None], columns], axis=1, dtype=np.float64)
    if not ends.size:
        return np.add.accumulate(columns, axis=1)[:, -1:]
    starts, stops = np.concatenate([[0], ends + 1]), np.concatenate([ends + 1, [columns.shape[1]]])
    lengths = stops - starts
    within = np.arange(max(int(lengths.max()), 1))
    places = np.minimum(starts[:, None] + within, columns.shape[1] - 1)
    # A zero behind the last number of a sum changes nothing.
    rows = np.where(within < lengths[:, None], columns[:, places], 0.0)
    return np.add.accumulate(rows, axis=2)[:, :, -1]
