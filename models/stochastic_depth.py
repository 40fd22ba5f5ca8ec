"""Stochastic depth: a residual branch that is left out at random, a whole example at a time."""

from __future__ import annotations

from framework import ops
from framework.fields import value
from framework.graph import Tensor
from framework.layers import LAYERS, Layer, Mode, Scope
from framework.ops.precision import narrowed


@LAYERS.register("stochastic_depth")
class StochasticDepth(Layer):
    """While training, sets whole examples of `[batch, ...]` to zero and scales the rest to keep the expectation.

    Put it at the end of a residual branch, before the sum. Source: Huang et al., ECCV 2016.
    """

    rate: float = value(..., "probability that an example's branch is left out", ge=0, lt=1)

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        if scope.mode is not Mode.TRAIN:
            return x
        rate = scope.value("rate", self.rate, exact=True)
        rank = len(x.shape or ())
        examples = ops.strided_slice(ops.shape(x), [0], [1], [1])
        each = ops.concat([examples, [1] * (rank - 1)], 0)
        kept = ops.greater_equal(ops.random_uniform(each, dtype="float32"), rate)
        return ops.where(kept, x / narrowed(1.0 - rate, x), ops.zeros_like(x))
