"""Kernels of comparisons, logical operations and selection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from framework.kernels.arithmetic import elementwise
from framework.kernels.registry import Kernel, register_kernel
from framework.kernels.values import broadcast
from framework.ops.logic import broadcasts, rowwise

for _op, _function in {
    "Less": lax.lt,
    "LessEqual": lax.le,
    "Greater": lax.gt,
    "GreaterEqual": lax.ge,
    "LogicalAnd": lax.bitwise_and,
    "LogicalOr": lax.bitwise_or,
    "LogicalNot": lax.bitwise_not,
    "SelectV2": lax.select,
    "IsFinite": lax.is_finite,
    "IsInf": jnp.isinf,
    "IsNan": jnp.isnan,
}.items():
    elementwise(_op, _function)


def _equality(function: Callable[..., jax.Array], otherwise: bool) -> Kernel:
    def kernel(attrs: Mapping[str, Any], x: jax.Array, y: jax.Array) -> jax.Array:
        if not attrs["incompatible_shape_error"] and not broadcasts(np.shape(x), np.shape(y)):
            return jnp.bool_(otherwise)
        return function(*broadcast(x, y))

    return kernel


register_kernel("Equal")(_equality(lax.eq, otherwise=False))
register_kernel("NotEqual")(_equality(lax.ne, otherwise=True))


@register_kernel("Select")
def select(attrs: Mapping[str, Any], condition: jax.Array, t: jax.Array, e: jax.Array) -> jax.Array:
    return lax.select(*broadcast(rowwise(jnp.asarray(condition), np.ndim(t)), t, e))


@register_kernel("ApproximateEqual")
def approximate_equal(attrs: Mapping[str, Any], x: jax.Array, y: jax.Array) -> jax.Array:
    x, y = jnp.asarray(x), jnp.asarray(y)
    if jnp.issubdtype(x.dtype, jnp.inexact):
        distance = lax.abs(x - y)
        return distance <= jnp.asarray(attrs["tolerance"], distance.dtype)
    # The distance of integers may be beyond what their type holds, but not beyond the unsigned one of that width.
    unsigned = np.dtype(f"uint{8 * x.dtype.itemsize}")
    distance = lax.convert_element_type(lax.max(x, y), unsigned) - lax.convert_element_type(lax.min(x, y), unsigned)
    return distance <= jnp.asarray(min(int(attrs["tolerance"]), np.iinfo(unsigned).max), unsigned)
