"""The hinge loss of support vector machines."""

from __future__ import annotations

from framework import ops
from framework.graph import Tensor
from framework.layers.base import LOSSES, Scope
from framework.layers.classes import is_binary, read_binary, read_classes
from framework.layers.losses.weighting import ClassLoss

_LOWEST = -1e30


@LOSSES.register("hinge")
class Hinge(ClassLoss):
    """How far the logit of what is true falls short of being ahead by 1.

    By one logit, `[batch]` or `[batch, 1]`, with labels 0 and 1: `max(0, 1 - logit)` of a 1, and `max(0, 1 + logit)` of
    a 0. By a logit for each class, `[batch, classes]`, the form of Crammer and Singer: `max(0, 1 + greatest logit of
    another class - logit of the class)`. Source: Crammer and Singer, Journal of Machine Learning Research 2001.
    """

    def build(self, scope: Scope) -> Tensor:
        if is_binary(scope.tensor(self.logits)):
            binary = read_binary(scope, "hinge", self.logits, self.labels)
            return self.of_binary(scope, ops.relu(1.0 - (binary.labels * 2.0 - 1.0) * binary.logits), binary)
        found = read_classes(scope, "hinge", self.logits, self.labels)
        own = ops.one_hot(found.numbers(), found.count, 1.0, 0.0)
        greatest = ops.reduce_max(ops.where(ops.greater(own, 0.5), _LOWEST, found.logits), [-1])
        margin = ops.reduce_sum(own * found.logits, [-1]) - greatest
        return self.of_classes(scope, ops.relu(1.0 - margin), found)
