"""Kernels of activations. At a kink the gradient is TensorFlow's: 0 for relu."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from framework.kernels.registry import register_kernel

SELU_SCALE = 1.0507009873554804934193349852946
SELU_ALPHA = 1.6732632423543772848170429916717


def _relu(x: jax.Array) -> jax.Array:
    return jnp.where(x <= 0, jnp.zeros_like(x), x)


def _relu6(x: jax.Array) -> jax.Array:
    return jnp.where(x >= 6, jnp.full_like(x, 6), _relu(x))


def _exponential(x: jax.Array) -> jax.Array:
    """exp(x) - 1 where x < 0, and 0 elsewhere, so that no overflow reaches the gradient."""
    return jnp.expm1(jnp.where(x < 0, x, jnp.zeros_like(x)))


def _elu(x: jax.Array) -> jax.Array:
    return jnp.where(x < 0, _exponential(x), x)


def _selu(x: jax.Array) -> jax.Array:
    return jnp.where(x < 0, SELU_SCALE * SELU_ALPHA * _exponential(x), SELU_SCALE * x)


FUNCTIONS: dict[str, Callable[[Any], jax.Array]] = {
    "Relu": _relu,
    "Relu6": _relu6,
    "Elu": _elu,
    "Selu": _selu,
    "Softplus": jax.nn.softplus,
    "Softsign": jax.nn.soft_sign,
    "Sigmoid": lax.logistic,
    "Tanh": lax.tanh,
    "Softmax": jax.nn.softmax,
    "LogSoftmax": jax.nn.log_softmax,
}


def _activation(op: str, function: Callable[[Any], jax.Array]) -> None:
    def kernel(attrs: Mapping[str, Any], x: jax.Array) -> jax.Array:
        return function(jnp.asarray(x))

    kernel.__qualname__ = f"_activation.{op}"
    register_kernel(op)(kernel)


for _op, _function in FUNCTIONS.items():
    _activation(_op, _function)


@register_kernel("LeakyRelu")
def leaky_relu(attrs: Mapping[str, Any], x: jax.Array) -> jax.Array:
    x = jnp.asarray(x)
    return jnp.where(x > 0, x, attrs["alpha"] * x)
