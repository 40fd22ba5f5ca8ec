"""Layers that join several tensors into one."""

from __future__ import annotations

import math
from functools import reduce
from typing import Annotated

from pydantic import Strict

from framework import ops
from framework.errors import GraphError
from framework.fields import structural
from framework.graph import Tensor, show
from framework.graph.shapes import normalize_axes
from framework.layers.activations import ActivationName, activate, activation
from framework.layers.base import LAYERS, Layer, Scope


class Merge(Layer):
    """Joins tensors of one shape, element by element."""

    arity = None

    activation: ActivationName | None = activation()

    def build(self, scope: Scope, *inputs: Tensor) -> Tensor:
        if any(x.shape != inputs[0].shape for x in inputs):
            found = ", ".join(show(x.shape) for x in inputs)
            raise GraphError(f"{LAYERS.name_of(self)} needs tensors of one shape, found {found}")
        return activate(self.merge(inputs), self.activation)

    def merge(self, inputs: tuple[Tensor, ...]) -> Tensor:
        """One tensor made of several of its shape."""
        raise NotImplementedError


@LAYERS.register("add")
class Add(Merge):
    """The elementwise sum of tensors of one shape."""

    def merge(self, inputs: tuple[Tensor, ...]) -> Tensor:
        return ops.add_n(list(inputs))


@LAYERS.register("average")
class Average(Merge):
    """The elementwise mean of tensors of one shape."""

    def merge(self, inputs: tuple[Tensor, ...]) -> Tensor:
        return ops.add_n(list(inputs)) * (1.0 / len(inputs))


@LAYERS.register("multiply")
class Multiply(Merge):
    """The elementwise product of tensors of one shape."""

    def merge(self, inputs: tuple[Tensor, ...]) -> Tensor:
        return reduce(ops.multiply, inputs)


@LAYERS.register("maximum")
class Maximum(Merge):
    """The elementwise greatest of tensors of one shape."""

    def merge(self, inputs: tuple[Tensor, ...]) -> Tensor:
        return reduce(ops.maximum, inputs)


@LAYERS.register("minimum")
class Minimum(Merge):
    """The elementwise least of tensors of one shape."""

    def merge(self, inputs: tuple[Tensor, ...]) -> Tensor:
        return reduce(ops.minimum, inputs)


@LAYERS.register("subtract")
class Subtract(Merge):
    """The first tensor less the second, element by element."""

    arity = 2

    def merge(self, inputs: tuple[Tensor, ...]) -> Tensor:
        return inputs[0] - inputs[1]


@LAYERS.register("concat")
class Concat(Layer):
    """Tensors side by side along one axis; the other dimensions must agree."""

    arity = None

    axis: int = structural(-1, "the axis along which they are joined; 0 is the batch")

    def build(self, scope: Scope, *inputs: Tensor) -> Tensor:
        ranks = {len(x.shape) for x in inputs if x.shape is not None}
        if len(ranks) > 1:
            found = ", ".join(show(x.shape) for x in inputs)
            raise GraphError(f"concat needs tensors that differ along one axis alone, found {found}")
        return ops.concat(list(inputs), self.axis)


@LAYERS.register("dot")
class Dot(Layer):
    """Sums the products of two tensors along an axis of each: `[batch, ..., n]` and `[batch, n, ...]` without the n.

    Two vectors `[batch, n]` give `[batch, 1]`. With `normalize` each is divided by its length along that axis first, so
    that the result is the cosine of the angle between them.
    """

    arity = 2

    axes: int | Annotated[tuple[int, int], Strict(False)] = structural(
        -1, "the axis of both, or of the first and of the second; 0 is the batch"
    )
    normalize: bool = structural(False, "whether both have length 1 along the axis first")

    def build(self, scope: Scope, *inputs: Tensor) -> Tensor:
        axes = (self.axes, self.axes) if isinstance(self.axes, int) else self.axes
        kept: list[int] = []
        matrices = []
        for x, axis in zip(inputs, axes, strict=True):
            shape, last = _known(x, axis)
            others = [k for k in range(1, len(shape)) if k != last]
            x = ops.transpose(x, [0, *others, last]) if last != len(shape) - 1 else x
            x = ops.reshape(x, [-1, math.prod(shape[k] for k in others), shape[last]])
            matrices.append(_unit(x) if self.normalize else x)
            kept.extend(shape[k] for k in others)
        left, right = matrices
        if left.shape[2] != right.shape[2]:
            raise GraphError(
                f"dot sums along axes of one size, found axis {axes[0]} of {show(inputs[0].shape)} "
                f"and axis {axes[1]} of {show(inputs[1].shape)}"
            )
        return ops.reshape(ops.batch_matmul(left, right, adj_y=True), [-1, *(kept or [1])])


def _known(x: Tensor, axis: int) -> tuple[tuple[int, ...], int]:
    """The shape of an input of `dot`, -1 for the batch, and the axis as a number from 1. Raises GraphError."""
    if x.shape is None or len(x.shape) < 2 or None in x.shape[1:]:
        raise GraphError(f"dot needs inputs [batch, ...] of known shape, found {x.dtype} {show(x.shape)}")
    (found,) = normalize_axes([axis], len(x.shape))
    if found == 0:
        raise GraphError(f"dot cannot sum along axis {axis} of {show(x.shape)}, which is the batch")
    return tuple(-1 if d is None else d for d in x.shape), found


def _unit(x: Tensor) -> Tensor:
    """Divided by its length along the last axis; what is all but zero stays small."""
    return x * ops.rsqrt(ops.maximum(ops.reduce_sum(ops.square(x), [-1], keepdims=True), 1e-12))
