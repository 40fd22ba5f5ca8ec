"""Kernels: how an op is computed with JAX, for every platform or for one.

A kernel is `kernel(attrs, *inputs)` and returns an array, or a tuple of arrays when the op has several outputs
(or none). A kernel of a stateful op takes a context first: `kernel(context, attrs, *inputs)`. Inputs are JAX
values, except those that are known statically (shapes, axes): these arrive as NumPy arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import jax
import numpy as np
from jax.core import Tracer

from framework.errors import UntraceableError
from framework.graph import TensorSpec

Kernel = Callable[..., Any]
PLATFORMS = ("cpu", "cuda", "tpu")
_EVERY = "every platform"
KERNELS: dict[str, dict[str, Kernel]] = {}


class Context(Protocol):
    """What a kernel of a stateful op is given besides its inputs.

    name: of the node. outputs: what the graph says of the node's outputs.
    """

    name: str
    outputs: tuple[TensorSpec, ...]

    def random_key(self, seed: int = 0, seed2: int = 0) -> jax.Array:
        """A key made of the run's seed and step, the node's name and the op's own seeds."""
        ...


def register_kernel(op: str, platform: str | None = None) -> Callable[[Kernel], Kernel]:
    """A decorator that makes its target the kernel of `op`, on one platform (`cpu`, `cuda`, `tpu`) or on every.

    Raises ValueError for another platform, and when there is a kernel already.
    """
    if platform not in (None, *PLATFORMS):
        raise ValueError(f"there is no platform '{platform}'; a kernel is for {', '.join(PLATFORMS)} or for every one")

    def enter(kernel: Kernel) -> Kernel:
        places = KERNELS.setdefault(op, {})
        place = platform or _EVERY
        if place in places and places[place].__qualname__ != kernel.__qualname__:
            raise ValueError(f"op '{op}' has a kernel for {place} already: {places[place]!r}")
        places[place] = kernel
        return kernel

    return enter


def find_kernel(op: str, platform: str) -> Kernel | None:
    """The kernel of `op` made for this platform, else the one for every platform, else None."""
    places = KERNELS.get(op, {})
    return places.get(platform) or places.get(_EVERY)


def platforms_of(op: str) -> tuple[str, ...]:
    """The platforms for which `op` has a kernel of their own."""
    return tuple(platform for platform in PLATFORMS if platform in KERNELS.get(op, {}))


def static(value: Any, name: str) -> np.ndarray:
    """An input that must be known while the program is made. Raises UntraceableError when it is computed by it."""
    if isinstance(value, Tracer):
        raise UntraceableError(f"'{name}' must be known before the program runs, but it is computed by it")
    return np.asarray(value)
