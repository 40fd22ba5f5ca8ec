"""Kernels that deal rows out and put them together. Which rows go where is known before a program runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from framework.kernels.registry import register_kernel, static
from framework.ops.inference import require_shape
from framework.ops.partitioning import deal, stitch


@register_kernel("DynamicPartition")
def dynamic_partition(attrs: Mapping[str, Any], data: jax.Array, partitions: np.ndarray) -> tuple[jax.Array, ...]:
    numbers, data = static(partitions, "partitions"), jnp.asarray(data)
    require_shape("partitions", numbers, data.shape[: numbers.ndim])
    parts = data.reshape(numbers.size, *data.shape[numbers.ndim :])
    return tuple(parts[chosen] for chosen in deal(numbers, attrs["num_partitions"]))


@register_kernel("DynamicStitch")
@register_kernel("ParallelDynamicStitch")
def dynamic_stitch(attrs: Mapping[str, Any], *inputs: jax.Array) -> jax.Array:
    count = attrs["N"]
    indices, data = [static(part, "indices") for part in inputs[:count]], inputs[count:]
    for part, place in zip(data, indices, strict=True):
        require_shape("indices", place, np.shape(part)[: place.ndim])
    rest = np.shape(data[0])[indices[0].ndim :]
    parts = jnp.concatenate([jnp.reshape(part, (place.size, *rest)) for part, place in zip(data, indices, strict=True)])
    source = stitch(indices)
    taken = source[source >= 0]
    if len(taken) == len(source):
        return parts[source]
    return jnp.zeros((len(source), *rest), parts.dtype).at[np.flatnonzero(source >= 0)].set(parts[taken])
