"""What is gathered of every example of a split, and what is computed of it: metrics that are no means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from framework.graph import Tensor


@dataclass(frozen=True)
class Table:
    """Counts with names, such as those of a confusion matrix.

    rows, columns: their names. counts: int64 `[rows, columns]`. row, column: what a row and a column stand for.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: np.ndarray
    row: str = "label"
    column: str = "predicted"


@dataclass(frozen=True)
class Gathered:
    """A metric of all examples of a split at once.

    tensors: name -> what is gathered, `[batch, ...]`. compute: from arrays `[examples, ...]`, given by these names, to
    the number or table that is reported, by NumPy alone. It raises UndefinedMetricError for examples of which the
    metric says nothing, and DataError for those that cannot be.
    """

    tensors: Mapping[str, Tensor]
    compute: Callable[..., float | Table]


class UndefinedMetricError(Exception):
    """A metric that has no value for these examples; it is reported as NaN, with a warning that says this."""
