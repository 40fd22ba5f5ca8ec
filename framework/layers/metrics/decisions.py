"""Metrics of the classes that a model decides on: how many of each were taken for which."""

from __future__ import annotations

from abc import abstractmethod
from functools import partial
from typing import ClassVar, Literal

import numpy as np

from framework.errors import DataError, GraphError
from framework.fields import structural
from framework.layers.base import METRICS, Metric, Scope
from framework.layers.classes import (
    borne,
    labels_option,
    logits_option,
    multi_label_option,
    read_decisions,
    read_several,
)
from framework.layers.gathered import Gathered, Table

Average = Literal["binary", "macro", "micro", "weighted"]


def confusion(label: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """How often each class was taken for which, int64 `[label, predicted]`, over all examples and their steps.

    Raises DataError for a label that is none of the classes.
    """
    label, predicted = label.reshape(-1).astype(np.int64), predicted.reshape(-1).astype(np.int64)
    outside = (label < 0) | (label >= classes)
    if outside.any():
        found = label[outside][0]
        raise DataError(
            f"the label {found} is none of the classes 0 to {classes - 1} ({int(outside.sum()):,} such labels)",
            "number the classes as in training",
        )
    return np.bincount(label * classes + predicted, minlength=classes * classes).reshape(classes, classes)


@METRICS.register("confusion_matrix")
class ConfusionMatrix(Metric):
    """A table of how often each class (the rows) was taken for which (the columns), with the names of the classes."""

    gives: ClassVar[Literal["table"]] = "table"

    logits: str = logits_option()
    labels: str = labels_option()

    def build(self, scope: Scope) -> Gathered:
        found = read_decisions(scope, "confusion_matrix", self.logits, self.labels)
        return Gathered({"label": found.label, "predicted": found.predicted}, partial(_table, names=found.names))


def _table(label: np.ndarray, predicted: np.ndarray, names: tuple[str, ...]) -> Table:
    return Table(names, names, confusion(label, predicted, len(names)))


class _Ratio(Metric):
    """A ratio of counts, of one class or averaged over the classes.

    macro: the mean over the classes that occur, as labels or predictions. weighted: the same, each by how often it is
    the label. micro: the ratio of the sums over the classes. binary: that of the class `positive`, of two. Where an
    example may bear several labels, `multi_label: true`, each label is such a class. A ratio of nothing is 0, as in
    scikit-learn, to which all of this is equal.
    """

    higher_is_better = True
    gives: ClassVar[Literal["number"]] = "number"

    logits: str = logits_option()
    labels: str = labels_option()
    average: Average = structural("macro", "how the classes become one number; binary: only one class is looked at")
    positive: int = structural(1, "the class that binary looks at", ge=0, le=1)
    multi_label: bool = multi_label_option()

    @staticmethod
    @abstractmethod
    def ratio(right: np.ndarray, predicted: np.ndarray, labelled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Numerator and denominator of each class, of how often it was right, was predicted, and was the label."""

    def build(self, scope: Scope) -> Gathered:
        name = METRICS.name_of(self)
        if self.multi_label:
            if self.average == "binary":
                raise GraphError("average: binary looks at one of two classes, not at several labels", hint=_OTHERS)
            predicted, label = borne(read_several(scope, name, self.logits, self.labels))
            return Gathered({"label": label, "predicted": predicted}, self.of_labels)
        found = read_decisions(scope, name, self.logits, self.labels)
        if self.average == "binary" and len(found.names) != 2:
            raise GraphError(
                f"average: binary is for two classes, but '{self.logits}' tells {len(found.names)} apart", hint=_OTHERS
            )
        compute = partial(self.of_classes, classes=len(found.names))
        return Gathered({"label": found.label, "predicted": found.predicted}, compute)

    def of_classes(self, label: np.ndarray, predicted: np.ndarray, classes: int) -> float:
        """The number, of class numbers `[examples, ...]`. Raises DataError for a label that is none of the classes."""
        counts = confusion(label, predicted, classes)
        return self._averaged(np.diagonal(counts), counts.sum(0), counts.sum(1), counts.sum(0) + counts.sum(1) > 0)

    def of_labels(self, label: np.ndarray, predicted: np.ndarray) -> float:
        """The number, of 0 and 1 for each label that an example may bear, `[examples, ..., labels]`."""
        label, predicted = (array.reshape(-1, array.shape[-1]).astype(np.int64) for array in (label, predicted))
        counted = np.ones(label.shape[1], bool)
        return self._averaged((label * predicted).sum(0), predicted.sum(0), label.sum(0), counted)

    def _averaged(self, right: np.ndarray, predicted: np.ndarray, labelled: np.ndarray, counted: np.ndarray) -> float:
        """From how often each class was right, was predicted, and was the label. counted: those in the mean."""
        above, below = self.ratio(right, predicted, labelled)
        if self.average == "micro":
            above, below = above.sum(keepdims=True), below.sum(keepdims=True)
        ratios = np.divide(above, below, out=np.zeros(len(above)), where=below > 0)
        if self.average == "binary":
            return float(ratios[self.positive])
        if self.average == "weighted":
            return float((ratios * labelled).sum() / max(labelled.sum(), 1))
        return float(ratios[0] if self.average == "micro" else ratios[counted].mean())


_OTHERS = "set average to macro, micro or weighted"


@METRICS.register("precision")
class Precision(_Ratio):
    """Of the examples that a model gives a class, the share that bear it; by default the mean over the classes.

    Equal to scikit-learn's `precision_score`, where a class that is never predicted has a precision of 0.
    """

    @staticmethod
    def ratio(right: np.ndarray, predicted: np.ndarray, labelled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return right, predicted


@METRICS.register("recall")
class Recall(_Ratio):
    """Of the examples that bear a class, the share that a model gives it; by default the mean over the classes.

    Equal to scikit-learn's `recall_score`, where a class that is predicted but never borne has a recall of 0.
    """

    @staticmethod
    def ratio(right: np.ndarray, predicted: np.ndarray, labelled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return right, labelled


@METRICS.register("f1")
class F1(_Ratio):
    """The harmonic mean of the precision and recall of each class; by default the mean over the classes.

    Equal to scikit-learn's `f1_score`.
    """

    @staticmethod
    def ratio(right: np.ndarray, predicted: np.ndarray, labelled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return 2 * right, predicted + labelled
