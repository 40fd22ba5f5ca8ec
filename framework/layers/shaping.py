"""Layers that rearrange a tensor without computing anything."""

from __future__ import annotations

import math

from framework import ops
from framework.errors import GraphError
from framework.fields import structural
from framework.graph import Tensor, show
from framework.layers.base import LAYERS, Layer, Scope


def _features(x: Tensor, layer: str) -> tuple[int, ...]:
    """All dimensions but the batch's. Raises GraphError when one is unknown."""
    if not x.shape or any(d is None for d in x.shape[1:]):
        raise GraphError(f"{layer} needs an input [batch, ...] of known shape, found {x.dtype} {show(x.shape)}")
    return tuple(d for d in x.shape[1:] if d is not None)


@LAYERS.register("identity")
class Identity(Layer):
    """What it reads, under another name: the output of a block, or what stands in for a layer that is left out."""

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        return ops.identity(x)


@LAYERS.register("flatten")
class Flatten(Layer):
    """`[batch, a, b, ...]` to `[batch, a * b * ...]`."""

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        return ops.reshape(x, [-1, math.prod(_features(x, "flatten"))])


@LAYERS.register("reshape")
class Reshape(Layer):
    """`[batch, ...]` to `[batch, *shape]`; one -1 stands for what is left."""

    shape: list[int] = structural(..., "the dimensions behind the batch's")

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        elements = math.prod(_features(x, "reshape"))
        known = math.prod(d for d in self.shape if d != -1)
        wanted = list(self.shape)
        if wanted.count(-1) == 1 and known > 0 and elements % known == 0:
            wanted[wanted.index(-1)] = elements // known
        if any(d < 1 for d in wanted) or math.prod(wanted) != elements:
            raise GraphError(
                f"reshape cannot make {list(self.shape)} of {show(x.shape)}: {elements} elements an example"
            )
        return ops.reshape(x, [-1, *wanted])


@LAYERS.register("permute")
class Permute(Layer):
    """The axes in another order: `order: [2, 1]` makes `[batch, b, a]` of `[batch, a, b]`."""

    order: list[int] = structural(..., "for each axis of the output, the axis of the input, from 1; the batch stays")

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        if x.shape is None or sorted(self.order) != list(range(1, len(x.shape))):
            rank = 0 if x.shape is None else len(x.shape)
            raise GraphError(
                f"permute needs the axes {list(range(1, rank))} of {show(x.shape)} in some order, found {self.order}"
            )
        return ops.transpose(x, [0, *self.order])


@LAYERS.register("repeat_vector")
class RepeatVector(Layer):
    """`[batch, features]` to `[batch, times, features]`."""

    times: int = structural(..., "how often each vector is repeated", ge=1)

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        if x.shape is None or len(x.shape) != 2:
            raise GraphError(f"repeat_vector needs a rank-2 input [batch, features], found {x.dtype} {show(x.shape)}")
        return ops.tile(ops.expand_dims(x, 1), [1, self.times, 1])
