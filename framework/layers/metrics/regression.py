"""Metrics of numbers."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from framework import ops
from framework.graph import Tensor
from framework.layers.base import METRICS, Metric, Scope
from framework.layers.comparison import per_example, predictions_option, read_pair, targets_option
from framework.layers.gathered import Gathered, UndefinedMetricError


@METRICS.register("mean_squared_error")
class MeanSquaredError(Metric):
    """The mean of (predictions - targets)^2."""

    predictions: str = predictions_option()
    targets: str = targets_option()

    def build(self, scope: Scope) -> Tensor:
        pair = read_pair(scope, "mean_squared_error", self.predictions, self.targets)
        return per_example(ops.squared_difference(*pair))


@METRICS.register("mean_absolute_error")
class MeanAbsoluteError(Metric):
    """The mean of |predictions - targets|."""

    predictions: str = predictions_option()
    targets: str = targets_option()

    def build(self, scope: Scope) -> Tensor:
        predictions, targets = read_pair(scope, "mean_absolute_error", self.predictions, self.targets)
        return per_example(ops.abs(predictions - targets))


@METRICS.register("r2")
class R2(Metric):
    """The share of the targets' variance that the predictions explain: 1 at best, 0 for predicting their mean.

    Of several numbers to predict, the mean over them. Where a target never varies it is 1 if it is met exactly, else 0.
    Equal to scikit-learn's `r2_score`.
    """

    higher_is_better = True
    gives: ClassVar[Literal["number"]] = "number"

    predictions: str = predictions_option()
    targets: str = targets_option()

    def build(self, scope: Scope) -> Gathered:
        predictions, targets = read_pair(scope, "r2", self.predictions, self.targets)
        return Gathered({"predictions": predictions, "targets": targets}, r2)


def r2(predictions: np.ndarray, targets: np.ndarray) -> float:
    """The coefficient of determination of arrays `[examples, ...]`. Raises UndefinedMetricError below two examples."""
    examples = len(targets)
    if examples < 2:
        raise UndefinedMetricError("it needs at least two examples")
    predictions, targets = (array.reshape(examples, -1).astype(np.float64) for array in (predictions, targets))
    left = np.square(targets - predictions).sum(0)
    whole = np.square(targets - targets.mean(0)).sum(0)
    explained = 1 - np.divide(left, whole, out=np.ones_like(left), where=whole > 0)
    return float(np.where((whole == 0) & (left == 0), 1.0, explained).mean())
