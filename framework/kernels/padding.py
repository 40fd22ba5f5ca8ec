"""Kernels that put more around a tensor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from framework.kernels.registry import register_kernel, static


@register_kernel("Pad")
def pad(attrs: Mapping[str, Any], x: jax.Array, paddings: np.ndarray) -> jax.Array:
    return _pad(x, paddings, 0)


@register_kernel("PadV2")
def pad_v2(attrs: Mapping[str, Any], x: jax.Array, paddings: np.ndarray, value: jax.Array) -> jax.Array:
    return _pad(x, paddings, value)


def _pad(x: jax.Array, paddings: np.ndarray, value: Any) -> jax.Array:
    x = jnp.asarray(x)
    amounts = [(int(before), int(behind), 0) for before, behind in static(paddings, "paddings")]
    return lax.pad(x, jnp.asarray(value, x.dtype), amounts)


@register_kernel("MirrorPad")
def mirror_pad(attrs: Mapping[str, Any], x: jax.Array, paddings: np.ndarray) -> jax.Array:
    x, spared = jnp.asarray(x), 1 if attrs["mode"] == "REFLECT" else 0
    for axis, (before, behind) in enumerate(static(paddings, "paddings").tolist()):
        size = x.shape[axis]
        first = lax.slice_in_dim(x, spared, spared + before, axis=axis)
        last = lax.slice_in_dim(x, size - spared - behind, size - spared, axis=axis)
        x = lax.concatenate([lax.rev(first, (axis,)), x, lax.rev(last, (axis,))], axis)
    return x
