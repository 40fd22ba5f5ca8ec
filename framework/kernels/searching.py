"""Kernels that find positions in sorted rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from framework.kernels.registry import register_kernel
from framework.kernels.values import element_type


def _bound(op: str, side: str) -> None:
    def kernel(attrs: Mapping[str, Any], rows: jax.Array, values: jax.Array) -> jax.Array:
        found = jax.vmap(lambda row, wanted: jnp.searchsorted(row, wanted, side))(
            jnp.asarray(rows), jnp.asarray(values)
        )
        return found.astype(element_type(attrs["out_type"]))

    kernel.__qualname__ = f"_bound.{op}"
    register_kernel(op)(kernel)


_bound("LowerBound", "left")
_bound("UpperBound", "right")


@register_kernel("Bucketize")
def bucketize(attrs: Mapping[str, Any], x: jax.Array) -> jax.Array:
    x = jnp.asarray(x)
    if not jnp.issubdtype(x.dtype, jnp.floating):
        x = x.astype(jnp.float32)  # whole numbers are compared with boundaries as such
    boundaries = np.asarray(attrs["boundaries"], np.float32).astype(x.dtype)
    return jnp.searchsorted(boundaries, x, "right").astype(jnp.int32)
