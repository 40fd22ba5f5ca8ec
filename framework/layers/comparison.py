"""Predictions and the numbers they should equal, and the mean within each example."""

from __future__ import annotations

from framework import ops
from framework.errors import GraphError
from framework.fields import structural
from framework.graph import Tensor, show
from framework.layers.base import Scope


def predictions_option() -> str:
    """The option that names the predictions."""
    return structural("predictions", "name of the tensor [batch, ...]")


def targets_option() -> str:
    """The option that names what the predictions should equal."""
    return structural("target", "name of the tensor it should equal")


def per_example(x: Tensor) -> Tensor:
    """The mean over all axes but the first: `[batch, ...]` to `[batch]`."""
    axes = list(range(1, len(x.shape or ())))
    return ops.reduce_mean(x, axes) if axes else x


def same_shape(a: Tensor, b: Tensor, what: str) -> None:
    """Raises GraphError when the shapes of two tensors, the batch's dimension aside, differ."""
    if a.shape is None or b.shape is None or a.shape[1:] != b.shape[1:]:
        raise GraphError(
            f"{what} needs tensors of one shape, found {show(a.shape)} ('{a.name}') and {show(b.shape)} ('{b.name}')",
            hint="give the layer that predicts as many units as there are numbers to predict, or reshape it",
        )


def read_pair(scope: Scope, what: str, predictions: str, targets: str) -> tuple[Tensor, Tensor]:
    """The tensors of these names as float32 `[batch, ...]` of one shape. what: the reader's name, for messages.

    Raises GraphError when they do not fit together.
    """
    x, y = scope.tensor(predictions), scope.tensor(targets)
    same_shape(x, y, what)
    return _float(x), _float(y)


def _float(x: Tensor) -> Tensor:
    return x if x.dtype.is_floating else ops.cast(x, "float32")
