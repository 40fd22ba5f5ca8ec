"""The kernel of products written as equations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from framework.kernels.registry import register_kernel
from framework.ops.einsum import Labels, parse, spelled_out


@register_kernel("Einsum")
def einsum(attrs: Mapping[str, Any], *inputs: jax.Array) -> jax.Array:
    terms, output = parse(attrs["equation"])
    distinct = tuple(dict.fromkeys(output))
    result = jnp.einsum(f"{','.join(map(''.join, terms))}->{''.join(distinct)}", *map(jnp.asarray, inputs))
    return result if distinct == output else _on_diagonals(result, distinct, output)


def _on_diagonals(x: jax.Array, labels: Labels, output: Labels) -> jax.Array:
    """`x` along the diagonals of the axes whose label comes twice in `output`, and zeros elsewhere."""
    unnamed = x.ndim - len(labels) + 1
    labels = spelled_out(labels, x.ndim)
    output = spelled_out(output, len(output) + (unnamed - 1 if "..." in output else 0))
    rest = labels.index("...") if "..." in labels else 0
    place = {label: output.index(label) for label in labels}
    places = [place[label] + (axis - rest if label == "..." else 0) for axis, label in enumerate(labels)]
    shape = [x.shape[labels.index(label)] for label in output]
    for axis, k in enumerate(places):
        shape[k] = x.shape[axis]
    x = lax.broadcast_in_dim(x, shape, places)
    for axis, label in enumerate(output):
        if label != "..." and axis != place[label]:
            first, again = (lax.broadcasted_iota("int32", shape, k) for k in (place[label], axis))
            x = jnp.where(first == again, x, jnp.zeros_like(x))
    return x
