"""Losses of the parameters alone."""

from __future__ import annotations

from framework import ops
from framework.fields import structural
from framework.graph import Tensor
from framework.layers.base import LOSSES, Loss, Scope


def _pattern() -> str:
    return structural("*/kernel", "pattern over the names of parameters; * matches any characters")


@LOSSES.register("l2")
class L2(Loss):
    """Half the sum of squares of the parameters whose name matches a pattern.

    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/L2Loss
    """

    parameters: str = _pattern()

    def build(self, scope: Scope) -> Tensor:
        return ops.add_n([ops.l2_loss(parameter) for parameter in scope.parameters(self.parameters)])


@LOSSES.register("l1")
class L1(Loss):
    """The sum of the absolute values of the parameters whose name matches a pattern.

    Source: Tibshirani, Regression Shrinkage and Selection via the Lasso, 1996.
    """

    parameters: str = _pattern()

    def build(self, scope: Scope) -> Tensor:
        return ops.add_n([ops.reduce_sum(ops.abs(parameter)) for parameter in scope.parameters(self.parameters)])
