"""Activations."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from framework.graph import Call, Tensor, register_op
from framework.ops import wrappers as ops
from framework.ops.inference import Shapes, at_least_rank, input_flops, unchanged
from framework.ops.signatures import FLOATS, FLOATS_AND_COMPLEX, REALS


def _activation(name: str, types: str, doc: str, attrs: str = "", flops: int = 1) -> None:
    register_op(
        name,
        inputs="features: T",
        outputs="activations: T",
        attrs=f"{attrs}T: {types}",
        shape=unchanged,
        flops=input_flops(flops),
        doc=doc,
    )


_activation("Relu", REALS, "max(x, 0) elementwise; the gradient at 0 is 0.")
_activation("Relu6", REALS, "min(max(x, 0), 6) elementwise; the gradient at 0 and at 6 is 0.", flops=2)
_activation(
    "LeakyRelu",
    f"{FLOATS} = float",
    "x where x > 0 and alpha * x elsewhere.",
    attrs="alpha: float = 0.20000000298023224, ",
    flops=2,
)
_activation("Elu", FLOATS, "x where x > 0 and exp(x) - 1 elsewhere. Clevert et al., ICLR 2016.", flops=2)
_activation(
    "Selu",
    FLOATS,
    "scale * x where x > 0 and scale * alpha * (exp(x) - 1) elsewhere. Klambauer et al., NeurIPS 2017.",
    flops=3,
)
_activation("Softsign", FLOATS, "x / (1 + |x|) elementwise.", flops=3)
_activation("Softplus", FLOATS, "log(1 + exp(x)) elementwise, without overflow.", flops=3)

for _name, _doc, _flops in (
    ("Sigmoid", "1 / (1 + exp(-x)) elementwise.", 3),
    ("Tanh", "The hyperbolic tangent elementwise.", 1),
):
    register_op(
        _name,
        inputs="x: T",
        outputs="y: T",
        attrs=f"T: {FLOATS_AND_COMPLEX}",
        shape=unchanged,
        flops=input_flops(_flops),
        doc=_doc,
    )


def _gelu(attrs: Mapping[str, Any], x: Tensor) -> Tensor:
    if attrs["approximate"]:
        below = ops.tanh((x + x * x * x * 0.044715) * math.sqrt(2 / math.pi))
    else:
        below = ops.erf(x * math.sqrt(0.5))
    return x * 0.5 * (below + 1.0)


register_op(
    "Gelu",
    inputs="features: T",
    outputs="activations: T",
    attrs=f"approximate: bool = false, T: {FLOATS}",
    body=_gelu,
    doc="x * Phi(x) elementwise, where Phi is the normal distribution function; by tanh when `approximate`. "
    "Hendrycks and Gimpel, 2016.",
)


def _softmax_shape(call: Call) -> Shapes:
    return [at_least_rank(call, 0, 1)]


for _name, _output, _doc in (
    ("Softmax", "softmax", "exp(x) / sum(exp(x)) along the last axis, without overflow."),
    ("LogSoftmax", "logsoftmax", "x - log(sum(exp(x))) along the last axis, without overflow."),
):
    register_op(
        _name,
        inputs="logits: T",
        outputs=f"{_output}: T",
        attrs=f"T: {FLOATS}",
        shape=_softmax_shape,
        flops=input_flops(5),
        doc=_doc,
    )
