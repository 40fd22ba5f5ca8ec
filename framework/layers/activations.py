"""Activations: elementwise functions of a tensor, by name, as a layer or as an option of other layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from framework import ops
from framework.fields import structural
from framework.graph import Tensor
from framework.layers.base import LAYERS, Layer, Scope
from framework.registry import Registry

ACTIVATIONS: Registry[Callable[[Tensor], Tensor]] = Registry("activation")
for _name, _function in {
    "relu": ops.relu,
    "relu6": ops.relu6,
    "leaky_relu": ops.leaky_relu,
    "elu": ops.elu,
    "selu": ops.selu,
    "sigmoid": ops.sigmoid,
    "tanh": ops.tanh,
    "softplus": ops.softplus,
    "softmax": ops.softmax,
}.items():
    ACTIVATIONS.register(_name)(_function)


@ACTIVATIONS.register("silu")
def silu(x: Tensor) -> Tensor:
    """x * sigmoid(x). Elfwing et al., 2018."""
    return x * ops.sigmoid(x)


@ACTIVATIONS.register("gelu")
def gelu(x: Tensor) -> Tensor:
    """x * Phi(x), exact. Hendrycks and Gimpel, 2016."""
    return x * 0.5 * (ops.erf(x * 0.7071067811865476) + 1.0)


@ACTIVATIONS.register("linear")
def linear(x: Tensor) -> Tensor:
    """x itself."""
    return x


def _known(name: str) -> str:
    if name not in ACTIVATIONS:
        raise PydanticCustomError("activation", "{reason}", {"reason": ACTIVATIONS.unknown(name)})
    return name


ActivationName = Annotated[str, AfterValidator(_known)]


def activation(default: str | None = None) -> Any:
    """A field that takes the name of an activation."""
    return structural(default, f"function applied to the output: {', '.join(ACTIVATIONS)}; none when left out")


def activate(x: Tensor, name: str | None) -> Tensor:
    """`x` through the activation of that name; `x` itself for None."""
    return x if name is None else ACTIVATIONS[name](x)


@LAYERS.register("activation")
class Activation(Layer):
    """Applies one function to every element."""

    function: ActivationName = structural(..., f"the function: {', '.join(ACTIVATIONS)}")

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        return activate(x, self.function)
