"""What kernels of several families need: element types as JAX runs them, and broadcasting."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from framework.graph import DType
from framework.graph.dtypes import int64


def element_type(dtype: DType) -> np.dtype[Any]:
    """The NumPy type in which JAX holds `dtype`: 64-bit types are 32-bit ones unless JAX was told otherwise."""
    return jax.dtypes.canonicalize_dtype(dtype.numpy)


def broadcast(*values: Any) -> list[jax.Array]:
    """The values as arrays of one shape. JAX is told to refuse to do this by itself."""
    shape = np.broadcast_shapes(*(np.shape(value) for value in values))
    return [jnp.broadcast_to(value, shape) for value in values]


def axes_of(reduction_indices: np.ndarray, rank: int) -> tuple[int, ...]:
    """The axes that a reduction names, as numbers in 0..rank-1."""
    return tuple(int(axis) % rank for axis in np.atleast_1d(reduction_indices))


def positions(indices: Any, size: int) -> jax.Array:
    """Positions along an axis of this size, as JAX takes them: it counts negative ones from the end, where here they
    are outside, like those that are too large."""
    indices = jnp.asarray(indices).astype(element_type(int64))  # the size may be more than a short type holds
    return jnp.where(indices < 0, jnp.full_like(indices, size), indices)
