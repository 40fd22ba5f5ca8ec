"""Kernels of random numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax
import numpy as np

from framework.kernels.registry import Context, register_kernel, static
from framework.kernels.threefry import uniform
from framework.kernels.values import element_type


def _sampler(op: str, draw: Callable[..., jax.Array]) -> None:
    def kernel(context: Context, attrs: Mapping[str, Any], shape: np.ndarray) -> jax.Array:
        key = context.random_key(attrs["seed"], attrs["seed2"])
        dims = tuple(int(d) for d in static(shape, "shape"))
        return draw(key, shape=dims, dtype=element_type(attrs["dtype"]))

    kernel.__qualname__ = f"_sampler.{op}"
    register_kernel(op)(kernel)


_sampler("RandomUniform", uniform)
_sampler("RandomStandardNormal", jax.random.normal)
_sampler("TruncatedNormal", partial(jax.random.truncated_normal, lower=-2.0, upper=2.0))
