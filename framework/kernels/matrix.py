"""Kernels of matrix products and of reductions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from framework.kernels.registry import register_kernel, static
from framework.kernels.values import axes_of, element_type


@register_kernel("MatMul")
def matmul(attrs: Mapping[str, Any], a: jax.Array, b: jax.Array) -> jax.Array:
    inner = ((0 if attrs["transpose_a"] else 1,), (1 if attrs["transpose_b"] else 0,))
    return lax.dot_general(a, b, (inner, ((), ())))


@register_kernel("BatchMatMulV2")
def batch_matmul(attrs: Mapping[str, Any], x: jax.Array, y: jax.Array) -> jax.Array:
    x, y = (jnp.conj(value) if adjoint else value for value, adjoint in ((x, attrs["adj_x"]), (y, attrs["adj_y"])))
    batch = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    x, y = (jnp.broadcast_to(value, (*batch, *value.shape[-2:])) for value in (x, y))
    rank = len(batch)
    axes = tuple(range(rank))
    inner = ((rank + (0 if attrs["adj_x"] else 1),), (rank + (1 if attrs["adj_y"] else 0),))
    return lax.dot_general(x, y, (inner, (axes, axes)))


def _sum(x: jax.Array, axes: tuple[int, ...]) -> jax.Array:
    return jnp.sum(x, axes, dtype=x.dtype)


def _mean(x: jax.Array, axes: tuple[int, ...]) -> jax.Array:
    count = np.prod([x.shape[axis] for axis in axes], dtype=np.int64)
    if jnp.issubdtype(x.dtype, jnp.inexact):
        return jnp.mean(x, axes, dtype=x.dtype)
    return lax.div(_sum(x, axes), jnp.full((), count, x.dtype))


REDUCTIONS: dict[str, Callable[[Any, tuple[int, ...]], jax.Array]] = {
    "Sum": _sum,
    "Prod": lax.reduce_prod,
    "Mean": _mean,
    "Max": lax.reduce_max,
    "Min": lax.reduce_min,
    "All": lax.reduce_and,
    "Any": lax.reduce_or,
}


def _reduction(op: str, function: Callable[[Any, tuple[int, ...]], jax.Array]) -> None:
    def kernel(attrs: Mapping[str, Any], x: jax.Array, reduction_indices: np.ndarray) -> jax.Array:
        x = jnp.asarray(x)
        axes = axes_of(static(reduction_indices, "reduction_indices"), x.ndim)
        result = function(x, axes)
        return lax.expand_dims(result, axes) if attrs["keep_dims"] else result

    kernel.__qualname__ = f"_reduction.{op}"
    register_kernel(op)(kernel)


for _op, _function in REDUCTIONS.items():
    _reduction(_op, _function)


@register_kernel("ArgMax")
def arg_max(attrs: Mapping[str, Any], x: jax.Array, dimension: np.ndarray) -> jax.Array:
    (axis,) = axes_of(static(dimension, "dimension"), np.ndim(x))
    return lax.argmax(jnp.asarray(x), axis, element_type(attrs["output_type"]))
