"""Losses of numbers."""

from __future__ import annotations

from framework import ops
from framework.errors import GraphError
from framework.fields import value
from framework.graph import Tensor, show
from framework.layers.base import LOSSES, Loss, Scope
from framework.layers.comparison import per_example, predictions_option, read_pair, targets_option

_LEAST = 1e-12


@LOSSES.register("mean_squared_error")
class MeanSquaredErrorLoss(Loss):
    """The mean of (predictions - targets)^2."""

    predictions: str = predictions_option()
    targets: str = targets_option()

    def build(self, scope: Scope) -> Tensor:
        return per_example(
            ops.squared_difference(*read_pair(scope, "mean_squared_error", self.predictions, self.targets))
        )


@LOSSES.register("mean_absolute_error")
class MeanAbsoluteErrorLoss(Loss):
    """The mean of |predictions - targets|."""

    predictions: str = predictions_option()
    targets: str = targets_option()

    def build(self, scope: Scope) -> Tensor:
        predictions, targets = read_pair(scope, "mean_absolute_error", self.predictions, self.targets)
        return per_example(ops.abs(predictions - targets))


@LOSSES.register("huber")
class Huber(Loss):
    """The mean of half the squared error up to `delta`, and of `delta * (error - delta / 2)` beyond.

    Source: Huber, Robust Estimation of a Location Parameter, Annals of Mathematical Statistics 1964.
    """

    predictions: str = predictions_option()
    targets: str = targets_option()
    delta: float = value(1.0, "the error up to which the loss is quadratic", unit="that of the targets", gt=0)

    def build(self, scope: Scope) -> Tensor:
        predictions, targets = read_pair(scope, "huber", self.predictions, self.targets)
        error = ops.abs(predictions - targets)
        quadratic = ops.minimum(error, scope.value("delta", self.delta))
        return per_example(quadratic * (error - quadratic * 0.5))


@LOSSES.register("cosine_similarity")
class CosineSimilarity(Loss):
    """The negative cosine between predictions and targets along their last axis: -1 where they point the same way.

    Of `[batch, ..., n]`, the mean over what lies between. Against a vector of zeros it is 0.
    Source: https://www.tensorflow.org/api_docs/python/tf/keras/losses/CosineSimilarity
    """

    predictions: str = predictions_option()
    targets: str = targets_option()

    def build(self, scope: Scope) -> Tensor:
        predictions, targets = read_pair(scope, "cosine_similarity", self.predictions, self.targets)
        if len(predictions.shape or ()) < 2:
            raise GraphError(
                f"cosine_similarity compares vectors [batch, ..., n], but '{self.predictions}' gives "
                f"{show(predictions.shape)}"
            )
        return per_example(-ops.reduce_sum(_unit(predictions) * _unit(targets), [-1]))


def _unit(x: Tensor) -> Tensor:
    """Vectors of length 1 along the last axis, or of zeros."""
    return x * ops.rsqrt(ops.maximum(ops.reduce_sum(ops.square(x), [-1], keepdims=True), _LEAST))
