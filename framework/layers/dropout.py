"""Dropout."""

from __future__ import annotations

from framework import ops
from framework.fields import value
from framework.graph import Tensor
from framework.layers.base import LAYERS, Layer, Mode, Scope


@LAYERS.register("dropout")
class Dropout(Layer):
    """While training, sets elements to zero at random and scales the rest so that the sum is kept in expectation.

    Source: Srivastava et al., JMLR 2014.
    """

    rate: float = value(..., "fraction of the elements set to zero", ge=0, lt=1)

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        if scope.mode is not Mode.TRAIN:
            return x
        rate = scope.value("rate", self.rate)
        drawn = ops.random_uniform(ops.shape(x), dtype=x.dtype)
        kept = ops.greater_equal(drawn, rate)
        return ops.where(kept, x / (1.0 - rate), ops.zeros_like(x))
