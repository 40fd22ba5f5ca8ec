"""Kernels of operations on bits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from framework.kernels.arithmetic import elementwise
from framework.kernels.registry import register_kernel
from framework.kernels.values import element_type


def _bounded_shift(x: jax.Array, y: jax.Array) -> jax.Array:
    return lax.clamp(jnp.zeros((), y.dtype), y, jnp.asarray(8 * x.dtype.itemsize - 1, y.dtype))


def _right_shift(x: jax.Array, y: jax.Array) -> jax.Array:
    shift = lax.shift_right_arithmetic if jnp.issubdtype(x.dtype, jnp.signedinteger) else lax.shift_right_logical
    return shift(x, _bounded_shift(x, y))


for _op, _function in {
    "BitwiseAnd": lax.bitwise_and,
    "BitwiseOr": lax.bitwise_or,
    "BitwiseXor": lax.bitwise_xor,
    "Invert": lax.bitwise_not,
    "LeftShift": lambda x, y: lax.shift_left(x, _bounded_shift(x, y)),
    "RightShift": _right_shift,
    "PopulationCount": lambda x: lax.convert_element_type(lax.population_count(x), np.uint8),
}.items():
    elementwise(_op, _function)


@register_kernel("Bitcast")
def bitcast(attrs: Mapping[str, Any], x: jax.Array) -> jax.Array:
    x, target = jnp.asarray(x), element_type(attrs["type"])
    if not jnp.iscomplexobj(x) and target.kind != "c":
        return lax.bitcast_convert_type(x, target)
    return _from_parts(_to_parts(x), x, target)


def _to_parts(x: jax.Array) -> jax.Array:
    """x with one more axis, of size 1, or 2 for the real numbers that a complex one is made of."""
    return jnp.stack([jnp.real(x), jnp.imag(x)], -1) if jnp.iscomplexobj(x) else x[..., None]


def _from_parts(parts: jax.Array, x: jax.Array, target: np.dtype[Any]) -> jax.Array:
    """The bits of x, given as `parts`, as `target`: complex numbers are taken from pairs of real ones."""
    part = np.dtype(f"float{4 * target.itemsize}") if target.kind == "c" else target
    leading = x.shape if x.dtype.itemsize >= target.itemsize else x.shape[:-1]
    count = max(x.dtype.itemsize, target.itemsize) // part.itemsize  # of parts that stand in each of these places
    if parts.dtype.itemsize < part.itemsize:
        parts = parts.reshape(*leading, count, part.itemsize // parts.dtype.itemsize)
    found = lax.bitcast_convert_type(parts, part).reshape(*leading, count)
    if target.kind == "c":
        found = lax.complex(found[..., 0::2], found[..., 1::2])
    return found if x.dtype.itemsize > target.itemsize else found[..., 0]
