"""Kernels of elementwise arithmetic, roots, powers and logarithms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from framework.kernels.registry import register_kernel
from framework.kernels.values import broadcast, element_type


def maximum(x: jax.Array, y: jax.Array) -> jax.Array:
    """The greater of two arrays of one shape, NaN where either is; x has the gradient where both are equal."""
    return jnp.where((x >= y) | _is_nan(x), x, y)


def minimum(x: jax.Array, y: jax.Array) -> jax.Array:
    """The lesser of two arrays of one shape, NaN where either is; x has the gradient where both are equal."""
    return jnp.where((x <= y) | _is_nan(x), x, y)


def _is_nan(x: jax.Array) -> jax.Array:
    return x != x


def _abs(x: jax.Array) -> jax.Array:
    # JAX's own has the gradient 1 at 0; TensorFlow's is 0, as the sign.
    return x * lax.stop_gradient(lax.sign(x))


def _floor_div(x: jax.Array, y: jax.Array) -> jax.Array:
    if jnp.issubdtype(x.dtype, jnp.floating):
        return lax.floor(lax.div(x, y))
    return jnp.floor_divide(x, y)


@jax.custom_jvp
def _power(x: jax.Array, y: jax.Array) -> jax.Array:
    return jnp.power(x, y)


@_power.defjvp
def _power_jvp(primals: tuple[Any, Any], tangents: tuple[Any, Any]) -> tuple[jax.Array, jax.Array]:
    x, y = primals
    z = _power(x, y)
    one = jnp.ones_like(y)
    # The product with y is left out where y is 0, as 0 to the power of -1 is infinite.
    by_x = jnp.where(y == 0, jnp.zeros_like(z), y * _power(x, jnp.where(y == 0, one, y - one)))
    has_logarithm = x != 0 if jnp.iscomplexobj(x) else x > 0
    by_y = z * jnp.where(has_logarithm, jnp.log(jnp.where(has_logarithm, x, jnp.ones_like(x))), jnp.zeros_like(x))
    return z, by_x * tangents[0] + by_y * tangents[1]


def _pow(x: jax.Array, y: jax.Array) -> jax.Array:
    return _power(x, y) if jnp.issubdtype(x.dtype, jnp.inexact) else jnp.power(x, y)


def _div_no_nan(x: jax.Array, y: jax.Array) -> jax.Array:
    is_zero = y == 0
    # Nothing is divided by zero, as its gradient would be NaN even where it is not chosen.
    return jnp.where(is_zero, jnp.zeros_like(x), x / jnp.where(is_zero, jnp.ones_like(y), y))


@jax.custom_vjp
def _mul_no_nan(x: jax.Array, y: jax.Array) -> jax.Array:
    return jnp.where(y == 0, jnp.zeros_like(x), x * y)


def _mul_no_nan_pull_back(inputs: tuple[jax.Array, jax.Array], gradient: jax.Array) -> tuple[jax.Array, jax.Array]:
    x, y = inputs
    return _mul_no_nan(gradient, y), _mul_no_nan(x, gradient)  # a gradient of 0 stays one, whatever x is


_mul_no_nan.defvjp(lambda x, y: (_mul_no_nan(x, y), (x, y)), _mul_no_nan_pull_back)


def _unless_zero(function: Callable[[jax.Array, jax.Array], jax.Array]) -> Callable[[Any, Any], jax.Array]:
    """function(x, y), and 0 where x is 0, where the gradients are 0 too."""

    def compute(x: jax.Array, y: jax.Array) -> jax.Array:
        is_zero = x == 0
        return jnp.where(is_zero, lax.stop_gradient(x), function(x, jnp.where(is_zero, jnp.ones_like(y), y)))

    return compute


xlogy = _unless_zero(lambda x, y: x * jnp.log(y))
xlog1py = _unless_zero(lambda x, y: x * jnp.log1p(y))
_xdivy = _unless_zero(lax.div)


def _truncate_div(x: jax.Array, y: jax.Array) -> jax.Array:
    quotient = lax.div(x, y)
    return jnp.trunc(quotient) if jnp.issubdtype(x.dtype, jnp.floating) else quotient


@jax.custom_jvp
def _next_after(x: jax.Array, y: jax.Array) -> jax.Array:
    return lax.nextafter(x, y)


_next_after.defjvps(lambda tangent, _, x, y: tangent, None)


def _reciprocal(x: jax.Array) -> jax.Array:
    return lax.div(jnp.ones_like(x), x)


def _round(x: jax.Array) -> jax.Array:
    return jnp.round(x) if jnp.issubdtype(x.dtype, jnp.inexact) else x


def _clip(x: jax.Array, least: jax.Array, greatest: jax.Array) -> jax.Array:
    return jnp.where(x < least, least, jnp.where(x > greatest, greatest, x))


def _squared_difference(x: jax.Array, y: jax.Array) -> jax.Array:
    difference = x - y
    return difference * jnp.conj(difference)


BINARY: dict[str, Callable[[Any, Any], jax.Array]] = {
    "Add": lax.add,
    "AddV2": lax.add,
    "Sub": lax.sub,
    "Mul": lax.mul,
    "Div": lax.div,
    "RealDiv": lax.div,
    "FloorDiv": _floor_div,
    "FloorMod": jnp.remainder,
    "Maximum": maximum,
    "Minimum": minimum,
    "Pow": _pow,
    "SquaredDifference": _squared_difference,
    "DivNoNan": _div_no_nan,
    "Xlogy": xlogy,
    "TruncateDiv": _truncate_div,
    "Mod": lax.rem,
    "TruncateMod": lax.rem,
    "MulNoNan": _mul_no_nan,
    "Xdivy": _xdivy,
    "Xlog1py": xlog1py,
    "NextAfter": _next_after,
}
UNARY: dict[str, Callable[[Any], jax.Array]] = {
    "Neg": lax.neg,
    "Abs": _abs,
    "Sign": lax.sign,
    "Reciprocal": _reciprocal,
    "Inv": _reciprocal,
    "Square": lax.square,
    "Sqrt": lax.sqrt,
    "Rsqrt": lax.rsqrt,
    "Exp": lax.exp,
    "Expm1": lax.expm1,
    "Log": lax.log,
    "Log1p": lax.log1p,
    "Erf": lax.erf,
    "Erfc": lax.erfc,
    "Floor": lax.floor,
    "Ceil": lax.ceil,
    "Round": _round,
    "Rint": _round,
}


def elementwise(op: str, function: Callable[..., jax.Array]) -> None:
    """Makes a function of arrays of one shape the kernel of an op whose inputs broadcast."""

    def kernel(attrs: Mapping[str, Any], *inputs: jax.Array) -> jax.Array:
        return function(*broadcast(*inputs))

    kernel.__qualname__ = f"elementwise.{op}"
    register_kernel(op)(kernel)


for _op, _function in (BINARY | UNARY | {"ClipByValue": _clip}).items():
    elementwise(_op, _function)


@register_kernel("AddN")
def add_n(attrs: Mapping[str, Any], *inputs: jax.Array) -> jax.Array:
    return reduce(lax.add, (jnp.asarray(x) for x in inputs))


@register_kernel("Cast")
def cast(attrs: Mapping[str, Any], x: jax.Array) -> jax.Array:
    target = element_type(attrs["DstT"])
    if attrs["DstT"].name == "bool":
        return lax.ne(x, jnp.zeros_like(x))
    if attrs["SrcT"].is_complex and not attrs["DstT"].is_complex:
        x = jnp.real(x)
    return lax.convert_element_type(x, target)
