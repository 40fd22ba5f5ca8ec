"""Kernels: how an op is computed with JAX, for every platform or for one.

A kernel is `kernel(attrs, *inputs)` and returns an array, or a tuple of arrays when the op has several outputs
(or none). A kernel of a stateful op takes a context first: `kernel(context, attrs, *inputs)`. Inputs are JAX
values, except those that are known statically (shapes, axes): these arrive as NumPy arrays.

An op may have several kernels. `find_kernel` chooses, by platform and by what an op is asked to compute (attributes,
types, shapes); a model never does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import jax
import numpy as np
from jax.core import Tracer

from framework.errors import UntraceableError
from framework.graph import TensorSpec
from framework.graph.opdef import Call

Kernel = Callable[..., Any]
PLATFORMS = ("cpu", "cuda", "tpu")


@dataclass(frozen=True)
class Registered:
    """A kernel of an op, which can be called like the function itself.

    name: tells it from the other kernels of the op. platform: `cpu`, `cuda` or `tpu`, or None for every one.
    accepts: whether it can compute a call; None for one that computes all.
    preference: of several that can, the one with the greatest is chosen.
    slow_in_loop: platforms on which it takes many times longer within a loop of the program.
    """

    function: Kernel
    name: str
    platform: str | None
    accepts: Callable[[Call], bool] | None
    preference: int
    slow_in_loop: Collection[str]

    def __call__(self, *arguments: Any) -> Any:
        """What the function gives."""
        return self.function(*arguments)

    @property
    def rank(self) -> tuple[int, bool, bool]:
        """The greater, the sooner it is chosen: then those for one platform, then those for some calls alone."""
        return self.preference, self.platform is not None, self.accepts is not None


# op -> its kernels, in the order in which they are tried.
KERNELS: dict[str, list[Registered]] = {}


class Context(Protocol):
    """What a kernel of a stateful op is given besides its inputs.

    name: of the node. outputs: what the graph says of the node's outputs.
    """

    name: str
    outputs: tuple[TensorSpec, ...]

    def random_key(self, seed: int = 0, seed2: int = 0) -> jax.Array:
        """A key made of the run's seed and step, the node's name and the op's own seeds."""
        ...


def register_kernel(
    op: str,
    platform: str | None = None,
    *,
    name: str = "xla",
    accepts: Callable[[Call], bool] | None = None,
    preference: int = 0,
    slow_in_loop: Collection[str] = (),
) -> Callable[[Kernel], Kernel]:
    """A decorator that makes its target a kernel of `op`, on one platform (`cpu`, `cuda`, `tpu`) or on every.

    The other arguments are those of `Registered`. `accepts` is given what a shape function is given: attributes, and
    the shapes and types of the inputs; a size of None is one that nobody knows yet.
    Raises ValueError for another platform, and when the op has a kernel of that name there already.
    """
    if platform not in (None, *PLATFORMS):
        raise ValueError(f"there is no platform '{platform}'; a kernel is for {', '.join(PLATFORMS)} or for every one")

    def enter(kernel: Kernel) -> Kernel:
        entry = Registered(kernel, name, platform, accepts, preference, tuple(slow_in_loop))
        kernels = KERNELS.setdefault(op, [])
        for known in kernels:
            if (known.name, known.platform) != (name, platform):
                continue
            if getattr(known.function, "__qualname__", None) != getattr(kernel, "__qualname__", None):
                place = platform or "every platform"
                raise ValueError(f"op '{op}' has a kernel '{name}' for {place} already: {known.function!r}")
            kernels.remove(known)
            break
        kernels.append(entry)
        kernels.sort(key=lambda entry: entry.rank, reverse=True)
        return kernel

    return enter


def find_kernel(
    op: str, platform: str, call: Call | None = None, kept: Mapping[str, Collection[str]] | None = None
) -> Registered | None:
    """The kernel that computes `call` on a platform, or None where there is none.

    call: what is asked for; without it, the kernel that computes every call. kept: op -> names of the kernels that are
    chosen among, as long as one of them is there: those that a run began with.
    """
    found = [entry for entry in KERNELS.get(op, ()) if entry.platform in (platform, None)]
    chosen = (kept or {}).get(op)
    if chosen is not None:
        found.sort(key=lambda entry: entry.name not in chosen)
    return next((entry for entry in found if _takes(entry, call)), None)


def _takes(entry: Registered, call: Call | None) -> bool:
    return entry.accepts is None or (call is not None and entry.accepts(call))


def has_choice(op: str, platform: str) -> bool:
    """Whether an op has more than one kernel on a platform, or one that computes some calls and a body for the rest."""
    found = [entry for entry in KERNELS.get(op, ()) if entry.platform in (platform, None)]
    return len(found) > 1 or any(entry.accepts is not None for entry in found)


def platforms_of(op: str) -> tuple[str, ...]:
    """The platforms for which `op` has a kernel of their own."""
    own = {entry.platform for entry in KERNELS.get(op, ())}
    return tuple(platform for platform in PLATFORMS if platform in own)


def static(value: Any, name: str) -> np.ndarray:
    """An input that must be known while the program is made. Raises UntraceableError when it is computed by it."""
    if isinstance(value, Tracer):
        raise UntraceableError(f"'{name}' must be known before the program runs, but it is computed by it")
    return np.asarray(value)
