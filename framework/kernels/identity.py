"""Kernels of the ops that hand their inputs on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NoReturn

import jax
import jax.numpy as jnp
import numpy as np

from framework.errors import GraphError
from framework.kernels.registry import register_kernel
from framework.ops.identity import require_shape


@register_kernel("IdentityN")
def identity_n(attrs: Mapping[str, Any], *inputs: jax.Array) -> tuple[jax.Array, ...]:
    return inputs


@register_kernel("Snapshot")
def snapshot(attrs: Mapping[str, Any], x: jax.Array) -> jax.Array:
    return x


@register_kernel("EnsureShape")
def ensure_shape(attrs: Mapping[str, Any], x: jax.Array) -> jax.Array:
    require_shape(attrs, np.shape(x))
    return x


@register_kernel("PreventGradient")
def prevent_gradient(attrs: Mapping[str, Any], x: jax.Array) -> jax.Array:
    return _without_gradient(attrs["message"], jnp.asarray(x))


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _without_gradient(message: str, x: jax.Array) -> jax.Array:
    return x


def _refuse(message: str, nothing: None, gradient: jax.Array) -> NoReturn:
    raise GraphError(f"PreventGradient: no gradient can be had through this node: {message or 'it gives no reason'}")


_without_gradient.defvjp(lambda message, x: (x, None), _refuse)
