"""Losses: what training minimises, the weighted sum of all that a configuration declares."""

from __future__ import annotations

from framework import ops
from framework.errors import GraphError
from framework.fields import structural, value
from framework.graph import Tensor, show
from framework.layers.base import LOSSES, Loss, Scope


def per_example(x: Tensor) -> Tensor:
    """The mean over all axes but the first: `[batch, ...]` to `[batch]`."""
    axes = list(range(1, len(x.shape or ())))
    return ops.reduce_mean(x, axes) if axes else x


def same_shape(a: Tensor, b: Tensor, what: str) -> None:
    """Raises GraphError when the shapes of two tensors, the batch's dimension aside, differ."""
    if a.shape is None or b.shape is None or a.shape[1:] != b.shape[1:]:
        raise GraphError(f"{what} need tensors of one shape, found {show(a.shape)} ('{a.name}') and {show(b.shape)}")


@LOSSES.register("softmax_cross_entropy")
class SoftmaxCrossEntropy(Loss):
    """Cross-entropy of softmax(logits) with labels: class numbers `[batch]`, or probabilities `[batch, classes]`.

    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/SoftmaxCrossEntropyWithLogits
    """

    logits: str = structural("logits", "name of the tensor [batch, classes]")
    labels: str = structural("label", "name of the labels")
    label_smoothing: float | None = value(None, "share of the probability spread over all classes", ge=0, le=1)

    def build(self, scope: Scope) -> Tensor:
        logits, labels = scope.tensor(self.logits), scope.tensor(self.labels)
        classes = logits.shape[1] if logits.shape is not None and len(logits.shape) == 2 else None
        if classes is None or not logits.dtype.is_floating:
            raise GraphError(
                f"softmax_cross_entropy needs logits [batch, classes], but '{self.logits}' gives "
                f"{logits.dtype} {show(logits.shape)}"
            )
        is_sparse = labels.dtype.is_integer and len(labels.shape or ()) == 1
        if not is_sparse and (labels.shape is None or labels.shape[1:] != (classes,)):
            raise GraphError(
                f"softmax_cross_entropy needs labels int32 [batch] or float32 {show(logits.shape)}, but "
                f"'{self.labels}' gives {labels.dtype} {show(labels.shape)}"
            )
        if is_sparse and self.label_smoothing is None:
            return ops.sparse_softmax_cross_entropy_with_logits(logits, labels)[0]
        if is_sparse:
            labels = ops.one_hot(labels, classes, 1.0, 0.0)
        if self.label_smoothing is not None:
            share = scope.value("label_smoothing", self.label_smoothing)
            labels = labels * (1.0 - share) + share / float(classes)
        return ops.softmax_cross_entropy_with_logits(logits, labels)[0]


@LOSSES.register("mean_squared_error")
class MeanSquaredErrorLoss(Loss):
    """The mean of (predictions - targets)^2."""

    predictions: str = structural("predictions", "name of the tensor [batch, ...]")
    targets: str = structural("target", "name of the tensor it should equal")

    def build(self, scope: Scope) -> Tensor:
        predictions, targets = scope.tensor(self.predictions), scope.tensor(self.targets)
        same_shape(predictions, targets, "mean_squared_error")
        return per_example(ops.squared_difference(predictions, targets))


@LOSSES.register("l2")
class L2(Loss):
    """Half the sum of squares of the parameters whose name matches a pattern.

    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/L2Loss
    """

    parameters: str = structural("*/kernel", "pattern over the names of parameters; * matches any characters")

    def build(self, scope: Scope) -> Tensor:
        return ops.add_n([ops.l2_loss(parameter) for parameter in scope.parameters(self.parameters)])
