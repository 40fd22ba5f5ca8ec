"""Normalisation of each vector by its root mean square."""

from __future__ import annotations

from framework import ops
from framework.fields import structural
from framework.graph import Tensor
from framework.layers.base import LAYERS, Layer, Scope
from framework.layers.initializers import Ones
from framework.layers.layer_norm import channels_of


@LAYERS.register("rms_norm")
class RmsNorm(Layer):
    """Gives each vector along the last axis the mean square 1, then a learned factor.

    Source: Zhang and Sennrich, NeurIPS 2019.
    """

    epsilon: float = structural(1e-6, "added to the mean square", gt=0)

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        factor = scope.variable("gamma", [channels_of(x, "rms_norm")], Ones())
        return ops.rms_norm(x, factor, epsilon=self.epsilon)
