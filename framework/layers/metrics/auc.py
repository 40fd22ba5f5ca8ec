"""The area under the ROC curve."""

from __future__ import annotations

from functools import partial
from typing import ClassVar, Literal

import numpy as np

from framework import ops
from framework.layers.base import METRICS, Metric, Scope
from framework.layers.classes import (
    class_names,
    is_binary,
    labels_option,
    logits_option,
    multi_label_option,
    read_binary,
    read_classes,
    read_several,
)
from framework.layers.gathered import Gathered, UndefinedMetricError


@METRICS.register("auc")
class AUC(Metric):
    """How likely an example of a class has a greater probability of it than one of another class: the area under ROC.

    By one logit or of two classes, that of the second; of more, the mean of each class against the rest; where an
    example may bear several labels, `multi_label: true`, the mean over the labels. Where a class has no example, or
    all, it is undefined and reported as NaN, with a warning. Equal to scikit-learn's `roc_auc_score`.
    Source: Hanley and McNeil, Radiology 1982.
    """

    higher_is_better = True
    gives: ClassVar[Literal["number"]] = "number"

    logits: str = logits_option()
    labels: str = labels_option()
    multi_label: bool = multi_label_option()

    def build(self, scope: Scope) -> Gathered:
        if self.multi_label:
            several = read_several(scope, "auc", self.logits, self.labels)
            return Gathered({"logits": several.logits, "label": several.labels}, auc_of_labels)
        if is_binary(scope.tensor(self.logits)):
            binary = read_binary(scope, "auc", self.logits, self.labels)
            label = ops.cast(ops.greater(binary.labels, 0.5), "int32")
            names = class_names(scope, self.labels, 2)
            return Gathered({"logits": binary.logits, "label": label}, partial(auc, names=names))
        found = read_classes(scope, "auc", self.logits, self.labels)
        names = class_names(scope, self.labels, found.count)
        return Gathered({"logits": found.logits, "label": found.numbers()}, partial(auc, names=names))


def auc(logits: np.ndarray, label: np.ndarray, names: tuple[str, ...]) -> float:
    """The area under ROC of class numbers `[examples, ...]` and logits of the same shape, or with an axis for classes.

    Raises UndefinedMetricError where a class has no example or all, and for logits that are no numbers.
    """
    label = label.reshape(-1)
    if np.isnan(logits).any():
        raise UndefinedMetricError("there are logits that are no numbers")
    missing = [name for number, name in enumerate(names) if number not in label]
    if missing:
        listed = ", ".join(f"'{name}'" for name in missing[:3]) + ", ..." * (len(missing) > 3)
        raise UndefinedMetricError(f"there is no example of class {listed}")
    if logits.size == label.size:
        return _area(logits.reshape(-1), label == 1)
    # In 64 bits, so that probabilities next to 1 are not taken for equal ones.
    scores = logits.reshape(label.size, -1).astype(np.float64)
    if len(names) == 2:
        return _area(scores[:, 1] - scores[:, 0], label == 1)
    scores -= scores.max(1, keepdims=True)
    scores -= np.log(np.exp(scores).sum(1, keepdims=True))
    return float(np.mean([_area(scores[:, number], label == number) for number in range(len(names))]))


def auc_of_labels(logits: np.ndarray, label: np.ndarray) -> float:
    """The mean area under ROC of each label that an example may bear, `[examples, ..., labels]` both.

    Raises UndefinedMetricError where all examples bear a label, or none does, and for logits that are no numbers.
    """
    if np.isnan(logits).any():
        raise UndefinedMetricError("there are logits that are no numbers")
    logits, label = (array.reshape(-1, array.shape[-1]) for array in (logits, label))
    borne = (label > 0.5).sum(0)
    missing = np.flatnonzero((borne == 0) | (borne == len(label)))
    if len(missing):
        raise UndefinedMetricError(f"label {missing[0]} is borne by {borne[missing[0]]} of {len(label)} examples")
    return float(np.mean([_area(logits[:, k], label[:, k] > 0.5) for k in range(label.shape[1])]))


def _area(scores: np.ndarray, is_positive: np.ndarray) -> float:
    """From the sum of the ranks of the positive examples; equal scores share their mean rank."""
    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place.reshape(-1)]
    positive = int(is_positive.sum())
    above = ranks[is_positive].sum() - positive * (positive + 1) / 2
    return float(above / (positive * (len(scores) - positive)))
