"""The native kernel of attention and its gradient: the weights of some queries at a time, which reach no memory.

Kept for the gradient is one number a query, the logarithm of the sum that its weights are divided by. Derivatives in a
direction, and those of the gradient itself, are XLA's. Source: Dao et al., FlashAttention, NeurIPS 2022.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.interpreters import ad, batching, mlir

from framework.graph.opdef import Call
from framework.kernels.native.batching import define, of_images
from framework.kernels.native.library import library
from framework.kernels.registry import register_kernel


def _lowering(name: str) -> Any:
    def lower(context: Any, *operands: Any, scale: float, causal: bool) -> Any:
        found = library()
        if found is None:
            raise RuntimeError("the native library is gone")  # it was there when the kernel was chosen
        return jax.ffi.ffi_lowering(found.target(name))(context, *operands, scale=np.float32(scale), causal=causal)

    return lower


# -- the same as products of XLA --------------------------------------------------------------------------------------


def _weights(q: jax.Array, k: jax.Array, *, scale: float, causal: bool) -> tuple[jax.Array, jax.Array]:
    """softmax(scale * q k'), `[batch, heads, time, other time]`, and the logarithm of what each row is divided by."""
    scores = jnp.einsum("bihd,bjhd->bhij", q, k) * scale
    if causal:
        is_past = jnp.arange(q.shape[1])[:, None] >= jnp.arange(k.shape[1])[None]
        scores = jnp.where(is_past[None, None], scores, -jnp.inf)
    sums = jax.scipy.special.logsumexp(scores, -1)
    return jnp.exp(scores - sums[..., None]), sums


def _attend(q: jax.Array, k: jax.Array, v: jax.Array, **options: Any) -> list[jax.Array]:
    weights, sums = _weights(q, k, **options)
    return [jnp.einsum("bhij,bjhd->bihd", weights, v), sums]


def _along(dq: Any, dk: Any, dv: Any, q: Any, k: Any, v: Any, y: Any, sums: Any, **options: Any) -> list[jax.Array]:
    """The derivative of y and the sums along a direction: linear in the first three."""
    del y, sums  # what the gradient reads
    weights, _ = _weights(q, k, **options)
    scores = (jnp.einsum("bihd,bjhd->bhij", dq, k) + jnp.einsum("bihd,bjhd->bhij", q, dk)) * options["scale"]
    of_sums = jnp.sum(weights * scores, -1)
    of_weights = weights * (scores - of_sums[..., None])
    return [jnp.einsum("bhij,bjhd->bihd", of_weights, v) + jnp.einsum("bhij,bjhd->bihd", weights, dv), of_sums]


def _back(q: Any, k: Any, v: Any, y: Any, sums: Any, gradient: Any, **options: Any) -> list[jax.Array]:
    """The gradients by q, k and v, of the gradient by y."""
    along = partial(_along, q=q, k=k, v=v, y=y, sums=sums, **options)
    return list(jax.linear_transpose(along, q, k, v)([gradient, jnp.zeros_like(sums)]))


# -- derivatives ------------------------------------------------------------------------------------------------------


def _results(q: Any, *others: Any, scale: float, causal: bool) -> list[Any]:
    batch, time, heads, _ = q.shape
    return [(q.shape, q.dtype), ((batch, heads, time), q.dtype)]


# q [batch, time, heads, depth], k and v [batch, other time, heads, depth] -> y like q; sums, [batch, heads, time]
attend_p = define("native_attention", _results, _lowering("attention"), several=True)
along_p = define("native_attention_along", _results, mlir.lower_fun(_along, multiple_results=True), several=True)
back_p = define(
    "native_attention_gradient",
    lambda q, k, v, *others, scale, causal: [(x.shape, x.dtype) for x in (q, k, v)],
    _lowering("attention_gradient"),
    several=True,
)


def _attend_jvp(primals: Any, tangents: Any, **options: Any) -> Any:
    y, sums = attend_p.bind(*primals, **options)
    along = map(ad.instantiate_zeros, tangents)
    return [y, sums], along_p.bind(*along, *primals, y, sums, **options)


def _transposed(cotangents: Any, *inputs: Any, **options: Any) -> list[Any]:
    """The gradients of the first three inputs; natively where nobody asks for that of the sums."""
    of_y, of_sums = cotangents
    q, k, v, y, sums = inputs[3:]
    if type(of_sums) is ad.Zero:
        found = back_p.bind(q, k, v, y, sums, ad.instantiate_zeros(of_y), **options)
    else:
        function = partial(_along, q=q, k=k, v=v, y=y, sums=sums, **options)
        found = jax.linear_transpose(function, q, k, v)([ad.instantiate_zeros(c) for c in cotangents])
    linear = [one if ad.is_undefined_primal(given) else None for one, given in zip(found, inputs, strict=False)]
    return [*linear, *[None] * 5]


def _by_xla(formula: Any) -> Any:
    """The derivative of a primitive that computes what a formula says."""

    def rule(primals: Any, tangents: Any, **options: Any) -> Any:
        return jax.jvp(partial(formula, **options), primals, tuple(map(ad.instantiate_zeros, tangents)))

    return rule


ad.primitive_jvps[attend_p] = _attend_jvp
ad.primitive_jvps[along_p] = _by_xla(_along)
ad.primitive_jvps[back_p] = _by_xla(_back)
ad.primitive_transposes[along_p] = _transposed
batching.primitive_batchers[attend_p] = of_images(attend_p, images=3)
batching.primitive_batchers[along_p] = of_images(along_p, images=8)
batching.primitive_batchers[back_p] = of_images(back_p, images=6)


# -- the kernel -------------------------------------------------------------------------------------------------------


def _takes(call: Call) -> bool:
    """Whether it is in float32, of known sizes, none of which is zero, without anything added to or made of weights."""
    if call.dtypes[0].name != "float32" or len(call.shapes) != 3 or library() is None:
        return False
    return all(shape is not None and None not in shape and 0 not in shape for shape in call.shapes)


@register_kernel("Attention", "cpu", name="native", accepts=_takes, preference=1)
def attention(attrs: Mapping[str, Any], query: jax.Array, key: jax.Array, value: jax.Array) -> jax.Array:
    inputs = (jnp.asarray(x) for x in (query, key, value))
    return attend_p.bind(*inputs, scale=float(attrs["scale"]), causal=bool(attrs["causal"]))[0]
