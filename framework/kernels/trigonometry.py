"""Kernels of trigonometric and hyperbolic functions."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax

from framework.kernels.arithmetic import elementwise


@jax.custom_jvp
def _acosh(x: jax.Array) -> jax.Array:
    return lax.acosh(x)


# NaN outside of the domain, where JAX's own derivative is a number.
_acosh.defjvps(lambda tangent, y, x: tangent / jnp.sinh(y))

for _op, _function in {
    "Sin": lax.sin,
    "Cos": lax.cos,
    "Tan": lax.tan,
    "Asin": lax.asin,
    "Acos": lax.acos,
    "Atan": lax.atan,
    "Atan2": lax.atan2,
    "Sinh": lax.sinh,
    "Cosh": lax.cosh,
    "Asinh": lax.asinh,
    "Acosh": _acosh,
    "Atanh": lax.atanh,
}.items():
    elementwise(_op, _function)
