"""Kernels of the gradients of activations and of roots."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from framework.kernels.activation import SELU_ALPHA, SELU_SCALE
from framework.kernels.registry import register_kernel


def _softsign(gradients: jax.Array, features: jax.Array) -> jax.Array:
    return gradients / jnp.square(1 + jnp.abs(features))


def _selu(gradients: jax.Array, outputs: jax.Array) -> jax.Array:
    return gradients * jnp.where(outputs < 0, outputs + SELU_SCALE * SELU_ALPHA, SELU_SCALE)


OF_INPUTS: dict[str, Callable[[Any, Any], jax.Array]] = {
    "ReluGrad": lambda g, x: jnp.where(x > 0, g, jnp.zeros_like(g)),
    "Relu6Grad": lambda g, x: jnp.where((x > 0) & (x < 6), g, jnp.zeros_like(g)),
    "EluGrad": lambda g, y: jnp.where(y < 0, (y + 1) * g, g),
    "SeluGrad": _selu,
    "SoftplusGrad": lambda g, x: g * lax.logistic(x),
    "SoftsignGrad": _softsign,
}
OF_OUTPUTS: dict[str, Callable[[Any, Any], jax.Array]] = {
    "SigmoidGrad": lambda y, dy: dy * y * (1 - y),
    "TanhGrad": lambda y, dy: dy * (1 - y * y),
    "RsqrtGrad": lambda y, dy: dy * (-0.5 * y * y * y),
    "SqrtGrad": lambda y, dy: 0.5 * dy / y,
    "ReciprocalGrad": lambda y, dy: -dy * y * y,
    "InvGrad": lambda y, dy: -dy * y * y,
}


def _gradient(op: str, function: Callable[[Any, Any], jax.Array]) -> None:
    def kernel(attrs: Mapping[str, Any], first: jax.Array, second: jax.Array) -> jax.Array:
        return function(jnp.asarray(first), jnp.asarray(second))

    kernel.__qualname__ = f"_gradient.{op}"
    register_kernel(op)(kernel)


def _of_conjugate(function: Callable[[Any, Any], jax.Array]) -> Callable[[Any, Any], jax.Array]:
    return lambda y, dy: function(jnp.conj(y), dy)


for _op, _function in OF_INPUTS.items():
    _gradient(_op, _function)
for _op, _function in OF_OUTPUTS.items():
    _gradient(_op, _function if _op in ("SigmoidGrad", "TanhGrad") else _of_conjugate(_function))


@register_kernel("LeakyReluGrad")
def leaky_relu_grad(attrs: Mapping[str, Any], gradients: jax.Array, features: jax.Array) -> jax.Array:
    gradients = jnp.asarray(gradients)
    return jnp.where(jnp.asarray(features) > 0, gradients, attrs["alpha"] * gradients)
