"""Kernels of recurrent networks: one loop over time, where a body has the nodes of every step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from framework.kernels.registry import register_kernel


@register_kernel("LSTM")
def lstm(
    attrs: Mapping[str, Any], x: jax.Array, kernel: jax.Array, recurrent_kernel: jax.Array, bias: jax.Array
) -> jax.Array:
    def step(state: Any, projected: jax.Array) -> tuple[Any, jax.Array]:
        hidden, cell = state
        i, f, g, o = jnp.split(projected + hidden @ recurrent_kernel, 4, -1)
        cell = lax.logistic(f) * cell + lax.logistic(i) * lax.tanh(g)
        hidden = lax.logistic(o) * lax.tanh(cell)
        return (hidden, cell), hidden

    zeros = jnp.zeros((x.shape[0], len(recurrent_kernel)), x.dtype)
    return _over_time(step, (zeros, zeros), _projected(x, kernel, bias), attrs["reverse"])


@register_kernel("GRU")
def gru(
    attrs: Mapping[str, Any], x: jax.Array, kernel: jax.Array, recurrent_kernel: jax.Array, bias: jax.Array
) -> jax.Array:
    def step(hidden: jax.Array, projected: jax.Array) -> tuple[jax.Array, jax.Array]:
        z, r, h = jnp.split(projected, 3, -1)
        hidden_z, hidden_r, hidden_h = jnp.split(hidden @ recurrent_kernel + bias[1][None], 3, -1)
        update, reset = lax.logistic(z + hidden_z), lax.logistic(r + hidden_r)
        hidden = update * hidden + (1 - update) * lax.tanh(h + reset * hidden_h)
        return hidden, hidden

    zeros = jnp.zeros((x.shape[0], len(recurrent_kernel)), x.dtype)
    return _over_time(step, zeros, _projected(x, kernel, bias[0]), attrs["reverse"])


def _projected(x: jax.Array, kernel: jax.Array, bias: jax.Array) -> jax.Array:
    """x kernel + bias of every element in one product of matrices, `[time, batch, width]`."""
    x = jnp.swapaxes(x, 0, 1)
    return (lax.collapse(x, 0, 2) @ kernel + bias[None]).reshape(*x.shape[:2], kernel.shape[1])


def _over_time(step: Callable[..., Any], state: Any, projected: jax.Array, reverse: bool) -> jax.Array:
    """`[batch, time, units]` of what `step` gives for each element."""
    # The gradient keeps the products of each step and computes the gates again: to keep them too takes longer.
    step = jax.checkpoint(step, policy=jax.checkpoint_policies.dots_saveable, prevent_cse=False)
    _, outputs = lax.scan(step, state, projected, reverse=reverse)
    return jnp.swapaxes(outputs, 0, 1)
