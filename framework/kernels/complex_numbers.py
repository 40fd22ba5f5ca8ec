"""Kernels of complex numbers and their parts."""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax

from framework.kernels.arithmetic import elementwise

for _op, _function in {
    "Complex": lax.complex,
    "Real": lax.real,
    "Imag": lax.imag,
    "Conj": lax.conj,
    "ComplexAbs": lax.abs,
    "Angle": jnp.angle,
}.items():
    elementwise(_op, _function)
