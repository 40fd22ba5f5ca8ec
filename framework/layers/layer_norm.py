"""Normalisation of each vector by itself."""

from __future__ import annotations

from framework import ops
from framework.errors import GraphError
from framework.fields import structural
from framework.graph import Tensor, show
from framework.layers.base import LAYERS, Layer, Scope
from framework.layers.initializers import Ones, Zeros


@LAYERS.register("layer_norm")
class LayerNorm(Layer):
    """Gives each vector along the last axis the mean 0 and the variance 1, then a learned factor and offset.

    Source: Ba et al., 2016.
    """

    epsilon: float = structural(1e-3, "added to the variance", gt=0)
    center: bool = structural(True, "whether a learned offset is added")
    scale: bool = structural(True, "whether a learned factor is applied")

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        channels = channels_of(x, "layer_norm")
        factor, offset = factor_and_offset(scope, x, channels, self.scale, self.center)
        return ops.layer_norm(x, factor, offset, epsilon=self.epsilon)


def channels_of(x: Tensor, layer: str) -> int:
    """The size of the last axis. Raises GraphError unless the shape is `[batch, ..., channels]`."""
    if x.shape is None or len(x.shape) < 2 or x.shape[-1] is None:
        raise GraphError(f"{layer} needs an input [batch, ..., channels], found {x.dtype} {show(x.shape)}")
    return x.shape[-1]


def factor_and_offset(scope: Scope, x: Tensor, channels: int, scale: bool, center: bool) -> tuple[Tensor, Tensor]:
    """The variables `gamma` and `beta` `[channels]`, or ones and zeros in the place of what is not learned."""

    def fixed(number: float) -> Tensor:
        return ops.constant(number, x.dtype, [channels], graph=scope.graph)

    factor = scope.variable("gamma", [channels], Ones()) if scale else fixed(1.0)
    offset = scope.variable("beta", [channels], Zeros()) if center else fixed(0.0)
    return factor, offset
