"""Weights of classes and of examples on a loss of classes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from framework import ops
from framework.errors import GraphError
from framework.fields import structural, value
from framework.graph import Tensor, show
from framework.layers.base import Loss, Scope
from framework.layers.classes import Binary, Classes, is_binary, labels_option, logits_option
from framework.layers.comparison import per_example

Weight = Annotated[float, Field(ge=0)]


class ClassLoss(Loss):
    """A loss of logits and labels, whose examples may weigh differently.

    As in Keras, the mean that is minimised is `sum(weight * loss) / number of examples`: twice the weights are twice
    the loss. An example weighs what the class of its label does, times its `sample_weight`; a label that is a mixture
    of classes weighs the same mixture of their weights. `class_weights: balanced` gives every class the same weight
    in sum over the training split, `examples / (classes * examples of the class)`, as scikit-learn does.
    """

    logits: str = logits_option()
    labels: str = labels_option()
    class_weights: Annotated[list[Weight], Field(min_length=2)] | Literal["balanced"] | None = value(
        None, "a weight for each class, in their order; balanced: by their shares of the training split"
    )
    sample_weight: str | None = structural(None, "name of a feature [batch] that each example's loss is multiplied by")

    def of_classes(self, scope: Scope, loss: Tensor, found: Classes) -> Tensor:
        """A loss `[batch, ...]` of exclusive classes, weighted and averaged within each example: `[batch]`."""
        if self.class_weights is not None:
            weights = self._weights_of_classes(scope, found.count)
            if found.is_sparse:
                loss = loss * ops.gather(weights, found.labels, 0)
            else:
                loss = loss * ops.reduce_sum(found.labels * weights, [-1])
        return self._of_examples(scope, loss)

    def of_binary(self, scope: Scope, loss: Tensor, found: Binary) -> Tensor:
        """A loss `[batch, ...]` of yes or no, weighted and averaged within each example: `[batch]`.

        The weights are those of no and yes where there is one logit, else one for each of the last axis.
        """
        if self.class_weights is not None:
            if is_binary(found.logits):
                no, yes = ops.unstack(self._weights_of_classes(scope, 2), 2)
                loss = loss * (no + (yes - no) * found.labels)
            else:
                *_, count = found.logits.shape or (0,)
                loss = loss * self._weights_of_classes(scope, count or 0)
        return self._of_examples(scope, loss)

    def _weights_of_classes(self, scope: Scope, count: int) -> Tensor:
        """The weights, float32 `[classes]`. Raises GraphError unless there are `count`."""
        if self.class_weights == "balanced":
            weights = scope.balance(self.labels)
        else:
            weights = ops.stack([scope.value(f"class_weights/{k}", w) for k, w in enumerate(self.class_weights or [])])
        (found,) = weights.shape or (0,)
        if found != count:
            raise GraphError(f"class_weights holds {found} numbers, but there are {count} classes")
        return weights

    def _of_examples(self, scope: Scope, loss: Tensor) -> Tensor:
        loss = per_example(loss)
        return loss if self.sample_weight is None else loss * _sample_weight(scope, self.sample_weight)


def _sample_weight(scope: Scope, name: str) -> Tensor:
    """The weights of the examples, float32 `[batch]`. Raises GraphError for what cannot be such."""
    weight = scope.tensor(name)
    if weight.shape is None or weight.shape[1:] not in ((), (1,)):
        raise GraphError(
            f"sample_weight must be a number an example, [batch], but '{name}' gives "
            f"{weight.dtype} {show(weight.shape)}"
        )
    if f"Data/prepare_{name}/scale" in scope.graph.nodes:
        raise GraphError(
            f"the sample_weight '{name}' is normalized with the other inputs, and so would be no weight any more",
            hint="set dataset.normalize=none, and begin the model with {type: batch_norm}",
        )
    return ops.cast(ops.reshape(weight, [-1]), "float32")
