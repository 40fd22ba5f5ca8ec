"""Layers that join several tensors into one."""

from __future__ import annotations

from framework import ops
from framework.errors import GraphError
from framework.fields import structural
from framework.graph import Tensor, show
from framework.layers.activations import ActivationName, activate, activation
from framework.layers.base import LAYERS, Layer, Scope


@LAYERS.register("add")
class Add(Layer):
    """The elementwise sum of tensors of one shape."""

    arity = None

    activation: ActivationName | None = activation()

    def build(self, scope: Scope, *inputs: Tensor) -> Tensor:
        if any(x.shape != inputs[0].shape for x in inputs):
            raise GraphError(f"add needs tensors of one shape, found {', '.join(show(x.shape) for x in inputs)}")
        return activate(ops.add_n(list(inputs)), self.activation)


@LAYERS.register("concat")
class Concat(Layer):
    """Tensors side by side along one axis; the other dimensions must agree."""

    arity = None

    axis: int = structural(-1, "the axis along which they are joined; 0 is the batch")

    def build(self, scope: Scope, *inputs: Tensor) -> Tensor:
        return ops.concat(list(inputs), self.axis)
