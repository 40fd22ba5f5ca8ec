"""Activations: elementwise functions of a tensor, by name, as an option of layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError

from framework import ops
from framework.fields import structural
from framework.graph import Tensor
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
    "log_softmax": ops.log_softmax,
    "exponential": ops.exp,
    "gelu": ops.gelu,
}.items():
    ACTIVATIONS.register(_name)(_function)


@ACTIVATIONS.register("swish")
@ACTIVATIONS.register("silu")
def silu(x: Tensor) -> Tensor:
    """x * sigmoid(x). Elfwing et al., 2018; called swish by Ramachandran et al., 2017."""
    return x * ops.sigmoid(x)


@ACTIVATIONS.register("mish")
def mish(x: Tensor) -> Tensor:
    """x * tanh(log(1 + exp(x))). Misra, BMVC 2020."""
    return x * ops.tanh(ops.softplus(x))


@ACTIVATIONS.register("log_sigmoid")
def log_sigmoid(x: Tensor) -> Tensor:
    """log(1 / (1 + exp(-x))), without overflow."""
    return -ops.softplus(-x)


@ACTIVATIONS.register("hard_sigmoid")
def hard_sigmoid(x: Tensor) -> Tensor:
    """relu6(x + 3) / 6. Howard et al., ICCV 2019."""
    return ops.relu6(x + 3.0) * (1.0 / 6.0)


@ACTIVATIONS.register("hard_swish")
def hard_swish(x: Tensor) -> Tensor:
    """x * relu6(x + 3) / 6. Howard et al., ICCV 2019."""
    return x * hard_sigmoid(x)


@ACTIVATIONS.register("hard_tanh")
def hard_tanh(x: Tensor) -> Tensor:
    """min(max(x, -1), 1). Collobert, 2004."""
    return ops.minimum(ops.maximum(x, -1.0), 1.0)


@ACTIVATIONS.register("softsign")
def softsign(x: Tensor) -> Tensor:
    """x / (1 + |x|). Glorot and Bengio, AISTATS 2010."""
    return x / (1.0 + ops.abs(x))


@ACTIVATIONS.register("gelu_tanh")
def gelu_tanh(x: Tensor) -> Tensor:
    """x * Phi(x), where Phi is approximated by tanh. Hendrycks and Gimpel, 2016."""
    return ops.gelu(x, approximate=True)


@ACTIVATIONS.register("linear")
def linear(x: Tensor) -> Tensor:
    """x itself."""
    return x


def _known(name: str) -> str:
    if name not in ACTIVATIONS:
        raise PydanticCustomError("activation", "{reason}", {"reason": ACTIVATIONS.unknown(name)})
    return name


class _Names:
    """Has editors offer the names that are registered when the schema is made."""

    @staticmethod
    def __get_pydantic_json_schema__(schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"enum": list(ACTIVATIONS)}


ActivationName = Annotated[str, AfterValidator(_known), _Names]


def activation(default: str | None = None) -> Any:
    """A field that takes the name of an activation."""
    return structural(default, f"function applied to the output: {', '.join(ACTIVATIONS)}; none when left out")


def activate(x: Tensor, name: str | None) -> Tensor:
    """`x` through the activation of that name; `x` itself for None."""
    return x if name is None else ACTIVATIONS[name](x)
