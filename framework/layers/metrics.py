"""Metrics: what is reported beside the loss, as the mean over all examples of a split."""

from __future__ import annotations

from framework import ops
from framework.errors import GraphError
from framework.fields import structural
from framework.graph import Tensor, show
from framework.layers.base import METRICS, Metric, Scope
from framework.layers.comparison import per_example, same_shape


@METRICS.register("accuracy")
class Accuracy(Metric):
    """The share of examples whose greatest logit is the label's; labels as class numbers or one-hot."""

    higher_is_better = True

    logits: str = structural("logits", "name of the tensor [batch, classes]")
    labels: str = structural("label", "name of the labels")

    def build(self, scope: Scope) -> Tensor:
        logits, labels = scope.tensor(self.logits), scope.tensor(self.labels)
        if logits.shape is None or len(logits.shape) != 2:
            raise GraphError(f"accuracy needs logits [batch, classes], but '{self.logits}' gives {show(logits.shape)}")
        if len(labels.shape or ()) == 2:
            labels = ops.argmax(labels, 1, output_type="int32")
        predicted = ops.argmax(logits, 1, output_type=labels.dtype)
        return ops.cast(ops.equal(predicted, labels), "float32")


@METRICS.register("mean_squared_error")
class MeanSquaredError(Metric):
    """The mean of (predictions - targets)^2."""

    predictions: str = structural("predictions", "name of the tensor [batch, ...]")
    targets: str = structural("target", "name of the tensor it should equal")

    def build(self, scope: Scope) -> Tensor:
        predictions, targets = scope.tensor(self.predictions), scope.tensor(self.targets)
        same_shape(predictions, targets, "mean_squared_error")
        return per_example(ops.squared_difference(predictions, targets))
