"""Kernels of special functions: JAX's, with TensorFlow's values and gradients at the edges of their domains.

Eigen's SpecialFunctionsImpl.h says what TensorFlow computes.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import lax

from framework.kernels.arithmetic import elementwise, xlog1py, xlogy

_NAN, _INFINITY = float("nan"), float("inf")


def _choose(otherwise: jax.Array, *cases: tuple[jax.Array, float]) -> jax.Array:
    """The value of the first case whose condition holds, else `otherwise`, elementwise."""
    for condition, value in reversed(cases):
        otherwise = jnp.where(condition, jnp.full_like(otherwise, value), otherwise)
    return otherwise


# -- zeta and polygamma -------------------------------------------------------------------------------------------


@jax.custom_jvp
def zeta(x: jax.Array, q: jax.Array) -> jax.Array:
    """The Hurwitz zeta function of arrays of one shape; its gradient is one for q alone."""
    ends = _choose(jnp.ones_like(x), (q > 1, 0.0), (q < 1, _INFINITY), (q != q, _NAN))
    series = _choose(lax.zeta(x, q), (x < 1, _NAN), ((q == _INFINITY) & (x > 1), 0.0))
    return jnp.where(x == _INFINITY, ends, series)


zeta.defjvps(None, lambda tangent, _, x, q: -x * zeta(x + 1, q) * tangent)


@jax.custom_jvp
def digamma(x: jax.Array) -> jax.Array:
    """The derivative of the logarithm of the gamma function."""
    return lax.digamma(x)


digamma.defjvps(lambda tangent, _, x: polygamma(jnp.ones_like(x), x) * tangent)


@jax.custom_jvp
def polygamma(a: jax.Array, x: jax.Array) -> jax.Array:
    """The derivative of order a of digamma, of arrays of one shape; its gradient is one for x alone."""
    order = a + 1
    sign = jnp.where(lax.rem(order, jnp.full_like(a, 2)) == 1, -jnp.ones_like(a), jnp.ones_like(a))
    derivative = sign * lax.exp(lax.lgamma(order)) * zeta(order, x)
    return jnp.where(a == 0, digamma(x), _choose(derivative, (a != lax.floor(a), _NAN)))


polygamma.defjvps(None, lambda tangent, _, a, x: polygamma(a + 1, x) * tangent)


# -- incomplete gamma and beta functions --------------------------------------------------------------------------


@jax.custom_jvp
def igamma(a: jax.Array, x: jax.Array) -> jax.Array:
    """The lower regularized incomplete gamma function of arrays of one shape."""
    return _choose(lax.igamma(a, x), (x == 0, 0.0), (a <= 0, _NAN), ((a == _INFINITY) & (x > 0), 0.0))


@jax.custom_jvp
def igammac(a: jax.Array, x: jax.Array) -> jax.Array:
    """The upper regularized incomplete gamma function of arrays of one shape."""
    return _choose(lax.igammac(a, x), (a <= 0, _NAN), ((a == _INFINITY) & (x >= 0) & (x < _INFINITY), 1.0))


def _by_order(a: jax.Array, x: jax.Array) -> jax.Array:
    """The derivative of the lower incomplete gamma function by a."""
    is_end = (x == 0) | ((a > 0) & (x == _INFINITY)) | ((a == _INFINITY) & (x > 0))
    return _choose(lax.igamma_grad_a(a, x), (is_end, 0.0))


def _density(a: jax.Array, x: jax.Array) -> jax.Array:
    """The derivative of the lower incomplete gamma function by x."""
    return lax.exp(-x + (a - 1) * lax.log(x) - lax.lgamma(a))


igamma.defjvps(
    lambda tangent, _, a, x: _by_order(a, x) * tangent,
    lambda tangent, _, a, x: _density(a, x) * tangent,
)
igammac.defjvps(
    lambda tangent, _, a, x: -_by_order(a, x) * tangent,
    lambda tangent, _, a, x: -_density(a, x) * tangent,
)


@jax.custom_jvp
def betainc(a: jax.Array, b: jax.Array, x: jax.Array) -> jax.Array:
    """The regularized incomplete beta function of arrays of one shape; its gradient is one for x alone."""
    is_outside = (a <= 0) | (b <= 0)
    is_infinite = (a == _INFINITY) | (b == _INFINITY)
    return _choose(lax.betainc(a, b, x), (is_outside, _NAN), (x == 0, 0.0), (x == 1, 1.0), (is_infinite, _NAN))


def _beta_density(a: jax.Array, b: jax.Array, x: jax.Array) -> jax.Array:
    scale = lax.lgamma(a) + lax.lgamma(b) - lax.lgamma(a + b)
    return lax.exp(xlog1py(b - 1, -x) + xlogy(a - 1, x) - scale)


betainc.defjvps(None, None, lambda tangent, _, a, b, x: _beta_density(a, b, x) * tangent)


# -- Bessel functions ---------------------------------------------------------------------------------------------


@jax.custom_jvp
def bessel_i1e(x: jax.Array) -> jax.Array:
    """The exponentially scaled modified Bessel function of order 1."""
    return lax.bessel_i1e(x)


def _bessel_slope(y: jax.Array, x: jax.Array) -> jax.Array:
    slope = lax.bessel_i0e(x) - y * (lax.sign(x) + 1 / jnp.where(x == 0, jnp.ones_like(x), x))
    return _choose(slope, (x == 0, 0.5))


# JAX's own derivative is a number where x is none.
bessel_i1e.defjvps(lambda tangent, y, x: _bessel_slope(y, x) * tangent)


# -- quantiles ----------------------------------------------------------------------------------------------------


@jax.custom_jvp
def ndtri(x: jax.Array) -> jax.Array:
    """The quantile function of the normal distribution."""
    return jax.scipy.special.ndtri(x)


ndtri.defjvps(lambda tangent, y, x: tangent * math.sqrt(2 * math.pi) * lax.exp(lax.square(y) / 2))


def _in_single(function: Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    """`function` computed in single precision where its inputs have half of it, which is too little for its series."""

    def compute(*inputs: jax.Array) -> jax.Array:
        is_half = inputs[0].dtype.itemsize == 2
        wide = [x.astype(jnp.float32) for x in inputs] if is_half else inputs
        return function(*wide).astype(inputs[0].dtype)

    return compute


for _op, _function in {
    "Lgamma": lax.lgamma,
    "Digamma": digamma,
    "Polygamma": polygamma,
    "Zeta": zeta,
    "Igamma": igamma,
    "Igammac": igammac,
    "IgammaGradA": lambda a, x: _by_order(lax.stop_gradient(a), lax.stop_gradient(x)),
    "Betainc": betainc,
    "BesselI0e": lax.bessel_i0e,
    "BesselI1e": bessel_i1e,
    "Erfinv": lax.erf_inv,
    "Ndtri": ndtri,
}.items():
    elementwise(_op, _in_single(_function))
