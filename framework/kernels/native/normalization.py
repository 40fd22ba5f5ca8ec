"""Native kernel of normalisation by the moments of a batch, and its gradient; further derivatives are XLA's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.interpreters import ad, batching, mlir

from framework.graph.opdef import Call
from framework.kernels.native.batching import define, of_each
from framework.kernels.native.library import library
from framework.kernels.normalization import moved
from framework.kernels.registry import register_kernel
from framework.ops.windows import channel_axis


class Geometry(NamedTuple):
    """Images of a shape, the axis of their channels, and what is added to their variance."""

    shape: tuple[int, ...]
    axis: int
    epsilon: float

    def spec(self, kind: int) -> np.ndarray:
        """All of it as the C++ reads it. kind: 0 forward, 1 backward."""
        sizes = [size for axis, size in enumerate(self.shape) if axis not in (0, self.axis)]
        bits = int(np.float32(self.epsilon).view(np.uint32))
        return np.array([kind, self.axis == 1, self.shape[0], self.shape[self.axis], bits, *sizes], np.int64)


def _lowering(name: str, kind: int) -> Any:
    def lower(context: Any, *operands: Any, geometry: Geometry) -> Any:
        found = library()
        if found is None:
            raise RuntimeError("the native library is gone")  # it was there when the kernel was chosen
        return jax.ffi.ffi_lowering(found.target(name))(context, *operands, spec=geometry.spec(kind))

    return lower


def _shapes(first: Any, *others: Any, geometry: Geometry) -> list[Any]:
    channels = (geometry.shape[geometry.axis],)
    return [(geometry.shape, first.dtype), (channels, first.dtype), (channels, first.dtype)]


def _along(vector: jax.Array, g: Geometry) -> jax.Array:
    return lax.broadcast_in_dim(vector, g.shape, (g.axis,))


def _tangents(dx: Any, dscale: Any, doffset: Any, x: Any, scale: Any, mean: Any, variance: Any, geometry: Geometry):
    """The derivative of (y, mean, variance) along a direction: linear in the first three."""
    along, others = partial(_along, g=geometry), tuple(k for k in range(x.ndim) if k != geometry.axis)
    centred, root = x - along(mean), lax.rsqrt(variance + geometry.epsilon)
    dmean = jnp.mean(dx, others)
    dvariance = 2 * jnp.mean(centred * dx, others)
    factor = -0.5 * root * root * root * dvariance * scale + root * dscale
    dy = (dx - along(dmean)) * along(root * scale) + centred * along(factor) + along(doffset)
    return [dy, dmean, dvariance]


def _gradients(x: Any, mean: Any, variance: Any, scale: Any, gradient: Any, geometry: Geometry):
    """The gradients of y for x, scale and offset."""
    tangents = partial(_tangents, x=x, scale=scale, mean=mean, variance=variance, geometry=geometry)
    zero = jnp.zeros_like(mean)
    return list(jax.linear_transpose(tangents, x, scale, scale)([gradient, zero, zero]))


normalize_p = define("native_normalization", _shapes, _lowering("normalization", 0), several=True)
gradients_p = define("native_normalization_gradient", _shapes, _lowering("normalization_gradient", 1), several=True)
tangents_p = define(
    "native_normalization_tangents",
    _shapes,
    mlir.lower_fun(_tangents, multiple_results=True),
    several=True,
)


def _jvp(primals: Any, tangents: Any, *, geometry: Geometry) -> Any:
    y, mean, variance = normalize_p.bind(*primals, geometry=geometry)
    x, scale, _ = primals
    along = [ad.instantiate_zeros(tangent) for tangent in tangents]
    return [y, mean, variance], tangents_p.bind(*along, x, scale, mean, variance, geometry=geometry)


def _transposed(cotangents: Any, *inputs: Any, geometry: Geometry) -> list[Any]:
    """The gradients of the first three inputs; natively where nobody asks for those of the moments."""
    of_y, of_mean, of_variance = cotangents
    x, scale, mean, variance = inputs[3:]
    if type(of_mean) is ad.Zero and type(of_variance) is ad.Zero:
        found = gradients_p.bind(x, mean, variance, scale, ad.instantiate_zeros(of_y), geometry=geometry)
    else:
        function = partial(_tangents, x=x, scale=scale, mean=mean, variance=variance, geometry=geometry)
        found = jax.linear_transpose(function, x, scale, scale)([ad.instantiate_zeros(c) for c in cotangents])
    linear = [one if ad.is_undefined_primal(given) else None for one, given in zip(found, inputs, strict=False)]
    return [*linear, None, None, None, None]


def _by_formula(formula: Any) -> Any:
    """The derivative of a primitive that computes what a formula says."""

    def rule(primals: Any, tangents: Any, *, geometry: Geometry) -> Any:
        return jax.jvp(partial(formula, geometry=geometry), primals, tuple(map(ad.instantiate_zeros, tangents)))

    return rule


def _tangents_jvp(primals: Any, tangents: Any, *, geometry: Geometry) -> Any:
    if all(type(tangent) is ad.Zero for tangent in tangents[3:]):
        along = map(ad.instantiate_zeros, tangents[:3])
        found = tangents_p.bind(*primals, geometry=geometry)
        return found, tangents_p.bind(*along, *primals[3:], geometry=geometry)
    return _by_formula(_tangents)(primals, tangents, geometry=geometry)


ad.primitive_jvps[normalize_p] = _jvp
ad.primitive_jvps[tangents_p] = _tangents_jvp
ad.primitive_jvps[gradients_p] = _by_formula(_gradients)
ad.primitive_transposes[tangents_p] = _transposed
for _primitive in (normalize_p, tangents_p, gradients_p):
    batching.primitive_batchers[_primitive] = of_each(_primitive)


@lru_cache(maxsize=1024)
def _is_fast(g: Geometry) -> bool:
    found = library()
    return found is not None and all(found.has("normalization", g.spec(kind)) for kind in range(2))


def _takes(call: Call) -> bool:
    image = call.shapes[0]
    if not call.attrs["is_training"] or any(dtype.name != "float32" for dtype in call.dtypes[:3]):
        return False
    if image is None or None in image or 0 in image:
        return False
    return _is_fast(_geometry(call.attrs, tuple(size or 0 for size in image)))


def _geometry(attrs: Mapping[str, Any], shape: tuple[int, ...]) -> Geometry:
    return Geometry(shape, channel_axis(attrs["data_format"]), float(attrs["epsilon"]))


@register_kernel("FusedBatchNormV3", "cpu", name="onednn", accepts=_takes, preference=1)
def fused_batch_norm(
    attrs: Mapping[str, Any], x: jax.Array, scale: jax.Array, offset: jax.Array, mean: jax.Array, variance: jax.Array
) -> tuple[jax.Array, ...]:
    x, scale, offset = (jnp.asarray(value) for value in (x, scale, offset))
    geometry = _geometry(attrs, x.shape)
    y, own_mean, own_variance = normalize_p.bind(x, scale, offset, geometry=geometry)
    old = (jnp.asarray(mean, jnp.float32), jnp.asarray(variance, jnp.float32))
    count = x.size // x.shape[geometry.axis]
    next_mean, next_variance = moved(attrs["exponential_avg_factor"], old, (own_mean, own_variance), count)
    return y, next_mean, next_variance, own_mean, own_variance, jnp.zeros((), jnp.float32)
