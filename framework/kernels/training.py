"""Kernels of the training ops that need no knowledge of the graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from framework.kernels.registry import register_kernel


@register_kernel("HistogramBuckets")
def histogram_buckets(attrs: Mapping[str, Any], values: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    buckets = attrs["buckets"]
    flat = values.astype(jnp.float32).reshape(-1)
    finite = jnp.isfinite(flat)
    known = jnp.where(finite, flat, jnp.float32(0))
    least = jnp.min(flat, where=finite, initial=jnp.inf)
    greatest = jnp.max(flat, where=finite, initial=-jnp.inf)
    some = greatest >= least
    least, greatest = (jnp.where(some, x, jnp.float32(0)) for x in (least, greatest))
    width = jnp.where(greatest > least, greatest - least, jnp.float32(1))
    position = jnp.clip(jnp.floor((known - least) / width * buckets), 0, buckets - 1).astype(jnp.int32)
    position = jnp.where(finite, position, jnp.int32(-1))
    # A comparison with each bucket is a reduction that fuses and uses every core; a scatter does neither on a CPU.
    counts = jnp.stack([jnp.sum(position == b, dtype=jnp.float32) for b in range(buckets)])
    moments = jnp.stack([jnp.sum(known), jnp.sum(jnp.square(known))])
    return counts, jnp.stack([least, greatest]), moments
