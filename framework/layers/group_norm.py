"""Normalisation over groups of channels."""

from __future__ import annotations

import math

from framework import ops
from framework.errors import GraphError
from framework.fields import structural
from framework.graph import Tensor, show
from framework.layers.base import LAYERS, Layer, Scope
from framework.layers.layer_norm import channels_of, factor_and_offset
from framework.ops.precision import narrowed, widened


@LAYERS.register("group_norm")
class GroupNorm(Layer):
    """Gives each group of channels of each example the mean 0 and the variance 1, then a learned factor and offset.

    Mean and variance are over the group's channels and all axes between the batch and the channels. One group is
    layer normalisation of whole examples; as many as channels is instance normalisation. Source: Wu and He, ECCV 2018.
    """

    groups: int = structural(32, "number of groups that the channels are divided into", ge=1)
    epsilon: float = structural(1e-3, "added to the variance", gt=0)
    center: bool = structural(True, "whether a learned offset is added")
    scale: bool = structural(True, "whether a learned factor is applied")

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        channels = channels_of(x, "group_norm")
        inner = [d for d in (x.shape or ())[1:-1] if d is not None]
        if len(inner) != len(x.shape or ()) - 2:
            raise GraphError(f"group_norm needs a known shape behind the batch, found {x.dtype} {show(x.shape)}")
        if channels % self.groups:
            allowed = ", ".join(str(n) for n in range(1, channels + 1) if channels % n == 0)
            raise GraphError(
                f"group_norm: {self.groups} groups do not divide the {channels} channels of {show(x.shape)}",
                hint=f"set groups to one of {allowed}",
            )
        factor, offset = factor_and_offset(scope, x, channels, self.scale, self.center)
        grouped = ops.reshape(widened(x), [-1, math.prod(inner), self.groups, channels // self.groups])
        centered = grouped - ops.reduce_mean(grouped, [1, 3], keepdims=True)
        variance = ops.reduce_mean(ops.square(centered), [1, 3], keepdims=True)
        y = ops.reshape(centered * ops.rsqrt(variance + self.epsilon), [-1, *inner, channels])
        return narrowed(y * widened(factor) + widened(offset), x)
