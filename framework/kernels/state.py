"""Kernels that pass a value on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
from jax import lax

from framework.kernels.registry import register_kernel


@register_kernel("Identity")
def identity(attrs: Mapping[str, Any], x: jax.Array) -> jax.Array:
    return x


@register_kernel("StopGradient")
def stop_gradient(attrs: Mapping[str, Any], x: jax.Array) -> jax.Array:
    return lax.stop_gradient(x)
