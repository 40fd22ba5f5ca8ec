"""Activations as layers of their own: each under its name, with its numbers as options where it has some."""

from __future__ import annotations

from framework import ops
from framework.errors import GraphError
from framework.fields import structural, value
from framework.graph import Tensor, show
from framework.layers.activations import ACTIVATIONS, ActivationName, activate
from framework.layers.base import LAYERS, Layer, Scope
from framework.layers.initializers import InitializerOption, initializer


@LAYERS.register("activation")
class Activation(Layer):
    """Applies one function to every element."""

    function: ActivationName = structural(..., f"the function: {', '.join(ACTIVATIONS)}")

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        return activate(x, self.function)


@LAYERS.register("leaky_relu")
class LeakyRelu(Layer):
    """x where x > 0 and alpha * x elsewhere. Maas et al., ICML 2013."""

    alpha: float = structural(0.2, "slope below 0")

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        return ops.leaky_relu(x, alpha=self.alpha)


@LAYERS.register("elu")
class Elu(Layer):
    """x where x > 0 and alpha * (exp(x) - 1) elsewhere. Clevert et al., ICLR 2016."""

    alpha: float = value(1.0, "what the function tends to below 0, negated", ge=0)

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        # No element is both positive and negative, so that one of the two terms is 0.
        return ops.relu(x) + scope.value("alpha", self.alpha) * ops.elu(-ops.relu(-x))


@LAYERS.register("prelu")
class PRelu(Layer):
    """x where x > 0 and alpha * x elsewhere, where alpha is learned: one for each channel (the last axis).

    Source: He et al., ICCV 2015.
    """

    alpha_initializer: InitializerOption = initializer("zeros", "first value of the slopes below 0")

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        if x.shape is None or len(x.shape) < 2 or x.shape[-1] is None:
            raise GraphError(f"prelu needs an input [batch, ..., channels], found {x.dtype} {show(x.shape)}")
        alpha = scope.variable("alpha", [x.shape[-1]], self.alpha_initializer)
        return ops.relu(x) - alpha * ops.relu(-x)


def _named(function: str) -> type[Layer]:
    """The layer of an activation that has no options."""

    class Named(Layer):
        def build(self, scope: Scope, x: Tensor) -> Tensor:
            return activate(x, function)

    Named.__name__ = Named.__qualname__ = "".join(word.capitalize() for word in function.split("_"))
    Named.__doc__ = f"Applies {function} to every element; the same as {{type: activation, function: {function}}}."
    return Named


for _name in ACTIVATIONS:
    if _name not in LAYERS:
        LAYERS.register(_name)(_named(_name))
