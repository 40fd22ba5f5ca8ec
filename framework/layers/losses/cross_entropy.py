"""Cross-entropies: of exclusive classes, and of labels that are each a yes or no."""

from __future__ import annotations

from framework import ops
from framework.fields import value
from framework.graph import Tensor
from framework.layers.base import LOSSES, Scope
from framework.layers.classes import Classes, read_binary, read_classes
from framework.layers.losses.weighting import ClassLoss


@LOSSES.register("softmax_cross_entropy")
class SoftmaxCrossEntropy(ClassLoss):
    """Cross-entropy of softmax(logits) with labels: class numbers `[batch]`, or probabilities `[batch, classes]`.

    Of sequences, with logits `[batch, time, classes]`, the mean over the time steps of each example; likewise of
    images. Example: `{type: softmax_cross_entropy, logits: logits, labels: label, class_weights: balanced}`.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/SoftmaxCrossEntropyWithLogits
    """

    label_smoothing: float | None = value(None, "share of the probability spread over all classes", ge=0, le=1)

    def build(self, scope: Scope) -> Tensor:
        found = read_classes(scope, "softmax_cross_entropy", self.logits, self.labels)
        if self.label_smoothing is None:
            return self.of_classes(scope, cross_entropy(found), found)
        share = scope.value("label_smoothing", self.label_smoothing)
        smooth = found.probabilities() * (1.0 - share) + share / float(found.count)
        loss = cross_entropy(Classes(found.logits, smooth, found.count, found.inner))
        return self.of_classes(scope, loss, found)


def cross_entropy(found: Classes) -> Tensor:
    """`-sum(labels * log(softmax(logits)))`, float32 `[batch, ...]`."""
    if not found.inner:
        return _cross_entropy_of_rows(found.logits, found.labels)
    logits = ops.reshape(found.logits, [-1, found.count])
    labels = ops.reshape(found.labels, [-1] if found.is_sparse else [-1, found.count])
    return ops.reshape(_cross_entropy_of_rows(logits, labels), [-1, *found.inner])


def _cross_entropy_of_rows(logits: Tensor, labels: Tensor) -> Tensor:
    if labels.dtype.is_integer:
        return ops.sparse_softmax_cross_entropy_with_logits(logits, labels)[0]
    return ops.softmax_cross_entropy_with_logits(logits, labels)[0]


@LOSSES.register("sigmoid_cross_entropy")
class SigmoidCrossEntropy(ClassLoss):
    """Cross-entropy of sigmoid(logits) with labels from 0 to 1: the mean over all that an example may bear.

    Two classes need one logit, `[batch]` or `[batch, 1]`, and labels 0 and 1; where an example may bear several labels
    at once, logits and labels are `[batch, n]`.
    Source: https://www.tensorflow.org/api_docs/python/tf/nn/sigmoid_cross_entropy_with_logits
    """

    def build(self, scope: Scope) -> Tensor:
        found = read_binary(scope, "sigmoid_cross_entropy", self.logits, self.labels)
        x, y = found.logits, found.labels
        return self.of_binary(scope, y * ops.softplus(-x) + (1.0 - y) * ops.softplus(x), found)
