"""Kernels of the training ops that need no knowledge of the graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from framework.kernels.registry import register_kernel


@register_kernel("HistogramBuckets")
def histogram_buckets(attrs: Mapping[str, Any], values: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Counts by a comparison with each bucket: a reduction that fuses, where an accelerator's scatter would wait."""
    position, extent, moments = _positions(values, attrs["buckets"])
    counts = jnp.stack([jnp.sum(position == b, dtype=jnp.float32) for b in range(attrs["buckets"])])
    return counts, extent, moments


@register_kernel("HistogramBuckets", "cpu")
def histogram_buckets_cpu(attrs: Mapping[str, Any], values: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Counts one by one: a tenth of the time that comparisons with all buckets take on a CPU, inside a loop too."""
    position, extent, moments = _positions(values, attrs["buckets"])
    counts = jnp.zeros(attrs["buckets"], jnp.int32).at[position].add(1, mode="drop", wrap_negative_indices=False)
    return counts.astype(jnp.float32), extent, moments


def _positions(values: jax.Array, buckets: int) -> tuple[jax.Array, jax.Array, jax.Array]:
    """The bucket of each value, -1 for one that is not finite; the range, and the moments."""
    flat = values.astype(jnp.float32).reshape(-1)
    finite = jnp.isfinite(flat)
    known = jnp.where(finite, flat, jnp.float32(0))
    least = jnp.min(flat, where=finite, initial=jnp.inf)
    greatest = jnp.max(flat, where=finite, initial=-jnp.inf)
    some = greatest >= least
    least, greatest = (jnp.where(some, x, jnp.float32(0)) for x in (least, greatest))
    width = jnp.where(greatest > least, greatest - least, jnp.float32(1))
    position = jnp.clip(jnp.floor((known - least) / width * buckets), 0, buckets - 1).astype(jnp.int32)
    moments = jnp.stack([jnp.sum(known), jnp.sum(jnp.square(known))])
    return jnp.where(finite, position, jnp.int32(-1)), jnp.stack([least, greatest]), moments
