"""Kernels of running sums and products."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from framework.kernels.registry import register_kernel, static
from framework.kernels.values import axes_of


def _cumulative(op: str, function: Callable[..., jax.Array], neutral: Callable[[np.dtype[Any]], Any]) -> None:
    def kernel(attrs: Mapping[str, Any], x: jax.Array, axis: np.ndarray) -> jax.Array:
        x, reverse = jnp.asarray(x), attrs["reverse"]
        (place,) = axes_of(static(axis, "axis"), x.ndim)
        if attrs["exclusive"]:  # shifted rather than taken out of the result, which loses digits
            shift = [(0, 0, 0)] * x.ndim
            shift[place] = (-1, 1, 0) if reverse else (1, -1, 0)
            x = lax.pad(x, jnp.asarray(neutral(x.dtype), x.dtype), shift)
        return function(x, place, reverse=reverse)

    kernel.__qualname__ = f"_cumulative.{op}"
    register_kernel(op)(kernel)


_cumulative("Cumsum", lax.cumsum, lambda dtype: 0)
_cumulative("Cumprod", lax.cumprod, lambda dtype: 1)
_cumulative("CumulativeLogsumexp", lax.cumlogsumexp, lambda dtype: -np.inf)
