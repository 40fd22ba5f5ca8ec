"""Kernels of linear equations, inverses, determinants and decompositions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import wraps
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from framework.kernels.registry import Kernel, register_kernel


def _widened(kernel: Kernel) -> Kernel:
    """The kernel in float32 for 16-bit types, for which there is no decomposition, and back."""

    @wraps(kernel)
    def run(attrs: Mapping[str, Any], *inputs: jax.Array) -> Any:
        arrays = [jnp.asarray(x) for x in inputs]
        dtype = arrays[0].dtype
        if dtype.itemsize > 2:
            return kernel(attrs, *arrays)
        return jax.tree.map(lambda x: x.astype(dtype), kernel(attrs, *(x.astype(np.float32) for x in arrays)))

    return run


def _adjoint(x: jax.Array) -> jax.Array:
    return jnp.conj(jnp.swapaxes(x, -1, -2))


@register_kernel("MatrixInverse")
@_widened
def matrix_inverse(attrs: Mapping[str, Any], x: jax.Array) -> jax.Array:
    return jnp.linalg.inv(_adjoint(x) if attrs["adjoint"] else x)


@register_kernel("MatrixDeterminant")
@_widened
def matrix_determinant(attrs: Mapping[str, Any], x: jax.Array) -> jax.Array:
    return jnp.linalg.det(x)


@register_kernel("LogMatrixDeterminant")
@_widened
def log_matrix_determinant(attrs: Mapping[str, Any], x: jax.Array) -> tuple[jax.Array, jax.Array]:
    sign, logarithm = jnp.linalg.slogdet(x)
    return sign, logarithm.astype(x.dtype)


@register_kernel("MatrixSolve")
@_widened
def matrix_solve(attrs: Mapping[str, Any], matrix: jax.Array, right: jax.Array) -> jax.Array:
    return jnp.linalg.solve(_adjoint(matrix) if attrs["adjoint"] else matrix, right)


@register_kernel("MatrixTriangularSolve")
@_widened
def matrix_triangular_solve(attrs: Mapping[str, Any], matrix: jax.Array, right: jax.Array) -> jax.Array:
    batch = np.broadcast_shapes(matrix.shape[:-2], right.shape[:-2])
    matrix, right = (jnp.broadcast_to(x, (*batch, *x.shape[-2:])) for x in (matrix, right))
    adjoint = attrs["adjoint"]
    return lax.linalg.triangular_solve(
        matrix, right, left_side=True, lower=attrs["lower"], transpose_a=adjoint, conjugate_a=adjoint
    )


@jax.custom_jvp
def _from_lower(x: jax.Array) -> jax.Array:
    """The self-adjoint matrices whose lower triangles are those of x."""
    return jnp.tril(x) + _adjoint(jnp.tril(x, -1))


@_from_lower.defjvp
def _from_lower_jvp(primals: tuple[jax.Array], tangents: tuple[jax.Array]) -> tuple[jax.Array, jax.Array]:
    """Both triangles share the gradient, as they do in TensorFlow."""
    (x,), (tangent,) = primals, tangents
    return _from_lower(x), (tangent + _adjoint(tangent)) / 2


@register_kernel("Cholesky")
@_widened
def cholesky(attrs: Mapping[str, Any], x: jax.Array) -> jax.Array:
    return lax.linalg.cholesky(_from_lower(x), symmetrize_input=False)


@register_kernel("Cross")
def cross(attrs: Mapping[str, Any], a: jax.Array, b: jax.Array) -> jax.Array:
    a, b = jnp.asarray(a), jnp.asarray(b)
    # Differences of unsigned numbers wrap around, as TensorFlow's do.
    return jnp.roll(a, -1, -1) * jnp.roll(b, -2, -1) - jnp.roll(a, -2, -1) * jnp.roll(b, -1, -1)


@register_kernel("Qr")
@_widened
def qr(attrs: Mapping[str, Any], x: jax.Array) -> tuple[jax.Array, jax.Array]:
    q, r = jnp.linalg.qr(x, mode="complete" if attrs["full_matrices"] else "reduced")
    return q, r


@register_kernel("SelfAdjointEigV2")
@_widened
def self_adjoint_eig(attrs: Mapping[str, Any], x: jax.Array) -> tuple[jax.Array, jax.Array]:
    whole = jnp.tril(x) + _adjoint(jnp.tril(x, -1))  # the lower triangle alone has the gradient, as in TensorFlow
    vectors, values = lax.linalg.eigh(whole, symmetrize_input=False)
    return values.astype(x.dtype), vectors if attrs["compute_v"] else jnp.zeros(0, x.dtype)


@register_kernel("Svd")
@_widened
def svd(attrs: Mapping[str, Any], x: jax.Array) -> tuple[jax.Array, ...]:
    if not attrs["compute_uv"]:
        empty = jnp.zeros(0, x.dtype)
        return jnp.linalg.svd(x, compute_uv=False).astype(x.dtype), empty, empty
    u, s, v = jnp.linalg.svd(x, full_matrices=attrs["full_matrices"])
    return s.astype(x.dtype), u, _adjoint(v)
