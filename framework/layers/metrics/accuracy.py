"""How often the class that a model decides on is right."""

from __future__ import annotations

import numpy as np

from framework import ops
from framework.errors import GraphError
from framework.fields import structural
from framework.graph import Tensor
from framework.layers.base import METRICS, Metric, Scope
from framework.layers.classes import (
    borne,
    labels_option,
    logits_option,
    multi_label_option,
    read_classes,
    read_decisions,
    read_several,
)
from framework.layers.comparison import per_example


@METRICS.register("accuracy")
class Accuracy(Metric):
    """The share of examples whose greatest logit is the label's; labels as class numbers or one-hot.

    By one logit, `[batch]` or `[batch, 1]`, the share of those whose logit is positive where the label is 1, and not
    where it is 0. Of sequences, with logits `[batch, time, classes]`, the share of the steps. Where an example may bear
    several labels, `multi_label: true`, the share of all that could be borne.
    """

    higher_is_better = True

    logits: str = logits_option()
    labels: str = labels_option()
    multi_label: bool = multi_label_option()

    def build(self, scope: Scope) -> Tensor:
        if self.multi_label:
            predicted, label = borne(read_several(scope, "accuracy", self.logits, self.labels))
        else:
            found = read_decisions(scope, "accuracy", self.logits, self.labels)
            predicted, label = found.predicted, found.label
        return per_example(ops.cast(ops.equal(predicted, label), "float32"))


@METRICS.register("top_k_accuracy")
class TopKAccuracy(Metric):
    """The share of examples, or of their steps, whose label is among the k classes with the greatest logits.

    Of equal logits those of the first classes are ahead, as in accuracy, which is this for k = 1.
    """

    higher_is_better = True

    logits: str = logits_option()
    labels: str = labels_option()
    k: int = structural(5, "how many guesses a model has", unit="classes", ge=1)

    def build(self, scope: Scope) -> Tensor:
        found = read_classes(scope, "top_k_accuracy", self.logits, self.labels)
        if self.k >= found.count:
            raise GraphError(
                f"k is {self.k}, but there are only {found.count} classes, so that every guess would be right",
                hint=f"set k to less than {found.count}",
            )
        numbers = ops.expand_dims(found.numbers(), -1)
        classes = np.arange(found.count, dtype=np.int32)
        own = ops.reduce_sum(ops.where(ops.equal(classes, numbers), found.logits, 0.0), [-1], keepdims=True)
        is_tie_behind = ops.logical_and(ops.equal(found.logits, own), ops.greater_equal(classes, numbers))
        # What is not known to be behind is ahead: so a model that gives NaN is wrong.
        behind = ops.cast(ops.logical_or(ops.less(found.logits, own), is_tie_behind), "float32")
        is_right = ops.greater(ops.reduce_sum(behind, [-1]), found.count - self.k + 0.5)
        return per_example(ops.cast(is_right, "float32"))
