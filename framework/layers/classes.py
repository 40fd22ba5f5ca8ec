"""Logits and the labels they are compared with: which shapes fit together, and what to do about those that do not."""

from __future__ import annotations

from dataclasses import dataclass

from framework import ops
from framework.errors import GraphError
from framework.fields import structural
from framework.graph import Tensor, show
from framework.layers.base import Scope


def logits_option() -> str:
    """The option that names the logits."""
    return structural("logits", "name of the tensor [batch, classes], or [batch, time, classes] for sequences")


def labels_option() -> str:
    """The option that names the labels."""
    return structural("label", "name of the labels: class numbers, or a number for each class")


@dataclass(frozen=True)
class Classes:
    """Logits of exclusive classes, and labels that fit them.

    logits: float32 `[batch, ..., classes]`. labels: class numbers, int32 `[batch, ...]`, or probabilities, float32
    `[batch, ..., classes]`. count: of the classes. inner: the dimensions between the batch and the classes.
    """

    logits: Tensor
    labels: Tensor
    count: int
    inner: tuple[int, ...]

    @property
    def is_sparse(self) -> bool:
        """Whether the labels are class numbers."""
        return self.labels.dtype.is_integer

    def numbers(self) -> Tensor:
        """The labels as class numbers, int32 `[batch, ...]`: of probabilities, the greatest."""
        if self.is_sparse:
            return self.labels if self.labels.dtype.name == "int32" else ops.cast(self.labels, "int32")
        return ops.argmax(self.labels, -1, output_type="int32")

    def probabilities(self) -> Tensor:
        """The labels as probabilities, float32 `[batch, ..., classes]`."""
        return ops.one_hot(self.labels, self.count, 1.0, 0.0) if self.is_sparse else self.labels


def read_classes(scope: Scope, what: str, logits: str, labels: str) -> Classes:
    """The tensors of these names as logits and labels of exclusive classes. what: the reader's name, for messages.

    Raises GraphError when they do not fit together.
    """
    x, y = scope.tensor(logits), scope.tensor(labels)
    if x.shape is None or len(x.shape) < 2 or None in x.shape[1:] or not x.dtype.is_floating:
        raise GraphError(
            f"{what} needs logits [batch, classes], or [batch, time, classes], but '{logits}' gives "
            f"{x.dtype} {show(x.shape)}",
            hint="end the model in {type: dense, units: num_classes}, or name the layer that does",
        )
    *inner, count = (dimension or 0 for dimension in x.shape[1:])
    if count < 2:
        raise GraphError(
            f"{what} needs a logit for each of two classes or more, but '{logits}' gives {show(x.shape)}",
            hint="for two classes by one logit there is sigmoid_cross_entropy, or give the last layer two units",
        )
    is_sparse = y.dtype.is_integer and y.shape is not None and y.shape[1:] == tuple(inner)
    is_dense = y.dtype.is_floating and y.shape is not None and y.shape[1:] == x.shape[1:]
    if not is_sparse and not is_dense:
        numbers = ", ".join(["batch", *map(str, inner)])
        raise GraphError(
            f"{what} needs labels int32 [{numbers}], the class numbers, or float32 [{numbers}, {count}], a probability "
            f"a class, but '{labels}' gives {y.dtype} {show(y.shape)}",
            hint=f"the logits are '{logits}' {show(x.shape)}",
        )
    known = scope.categories(labels)
    if is_sparse and known is not None and len(known) > count:
        raise GraphError(
            f"'{labels}' numbers {len(known)} classes, but '{logits}' gives logits of {count}",
            hint=f"give the layer that makes '{logits}' {len(known)} units",
        )
    if is_sparse and known is not None and len(known) < count:
        scope.warn(f"'{logits}' gives logits of {count} classes, of which '{labels}' numbers only {len(known)}")
    return Classes(x, y, count, tuple(inner))


@dataclass(frozen=True)
class Binary:
    """Logits that each tell of one yes or no, and labels of the same shape, float32 `[batch, ...]`."""

    logits: Tensor
    labels: Tensor


def is_binary(x: Tensor) -> bool:
    """Whether logits `[batch]` or `[batch, 1]` tell two classes apart by one number."""
    return x.shape is not None and (len(x.shape) == 1 or x.shape[1:] == (1,))


def read_binary(scope: Scope, what: str, logits: str, labels: str) -> Binary:
    """The tensors of these names as logits and labels of yes or no. what: the reader's name, for messages.

    Raises GraphError when they do not fit together.
    """
    x, y = scope.tensor(logits), scope.tensor(labels)
    if not x.shape or not x.dtype.is_floating:
        raise GraphError(
            f"{what} needs logits [batch], [batch, 1] or [batch, classes], but '{logits}' gives "
            f"{x.dtype} {show(x.shape)}"
        )
    known = scope.categories(labels)
    if y.dtype.is_integer and known is not None and len(known) > 2:
        raise GraphError(
            f"{what} tells two classes apart, but '{labels}' numbers {len(known)}",
            hint="for exclusive classes there is softmax_cross_entropy",
        )
    if is_binary(x) and is_binary(y):
        y = ops.reshape(y, [-1, *(1 for _ in x.shape[1:])]) if len(y.shape or ()) != len(x.shape) else y
    elif y.shape is None or y.shape[1:] != x.shape[1:]:
        raise GraphError(
            f"{what} needs logits and labels of one shape, but '{logits}' gives {show(x.shape)} and '{labels}' "
            f"{y.dtype} {show(y.shape)}",
            hint=f"give the layer of '{logits}' one unit for two classes; for more, there is softmax_cross_entropy"
            if len(y.shape or ()) == 1
            else "each label that an example may bear needs a logit of its own",
        )
    return Binary(x, y if y.dtype.is_floating else ops.cast(y, "float32"))


@dataclass(frozen=True)
class Decisions:
    """Which class a model decides on, and which it is: int32 `[batch, ...]` both. names: of the classes."""

    predicted: Tensor
    label: Tensor
    names: tuple[str, ...]


def read_decisions(scope: Scope, what: str, logits: str, labels: str) -> Decisions:
    """The classes that logits of these names decide on: that of the greatest, or, by one logit, whether it is positive.

    what: the reader's name, for messages. Raises GraphError when logits and labels do not fit together.
    """
    if is_binary(scope.tensor(logits)):
        predicted, label = (ops.reshape(x, [-1]) for x in borne(read_binary(scope, what, logits, labels)))
        return Decisions(predicted, label, class_names(scope, labels, 2))
    found = read_classes(scope, what, logits, labels)
    predicted = ops.argmax(found.logits, -1, output_type="int32")
    return Decisions(predicted, found.numbers(), class_names(scope, labels, found.count))


def read_several(scope: Scope, what: str, logits: str, labels: str) -> Binary:
    """The tensors of these names as logits and labels `[batch, ..., labels]`, of which an example may bear several.

    what: the reader's name, for messages. Raises GraphError when they do not fit together.
    """
    found = read_binary(scope, what, logits, labels)
    if len(found.logits.shape or ()) < 2:
        raise GraphError(
            f"{what} of several labels needs logits [batch, labels], but '{logits}' gives {show(found.logits.shape)}",
            hint="leave multi_label out where an example bears one label or not",
        )
    return found


def borne(found: Binary) -> tuple[Tensor, Tensor]:
    """What a model says is borne, where its logits are positive, and what is: 0 or 1, int32 of the same shape."""
    return ops.cast(ops.greater(found.logits, 0.0), "int32"), ops.cast(ops.greater(found.labels, 0.5), "int32")


def multi_label_option() -> bool:
    """The option that says whether classes exclude each other."""
    return structural(False, "whether an example may bear several labels at once, each with a logit of its own")


def class_names(scope: Scope, labels: str, count: int) -> tuple[str, ...]:
    """The names of `count` classes; a number where a class has none."""
    known = scope.categories(labels) or ()
    return (*known, *map(str, range(len(known), count)))
