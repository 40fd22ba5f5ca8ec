"""Trees of values of which JAX can hold only some: those are taken out, and put back when they are known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import jax
from jax.core import Tracer


def is_traced(value: Any) -> bool:
    """Whether a leaf of a tree stands for an array that is only traced."""
    return isinstance(value, Tracer)


def divide(tree: Any, is_out: Callable[[Any], bool] = is_traced) -> tuple[list[Any], Callable[[Iterable[Any]], Any]]:
    """The leaves of a tree that `is_out`, and what puts the tree together again from the values that they come to have.

    What is known while JAX traces, or is no array at all, JAX can neither trace nor hand on.
    """
    leaves, structure = jax.tree.flatten(tree)
    known = [None if is_out(leaf) else leaf for leaf in leaves]

    def join(arrays: Iterable[Any]) -> Any:
        traced = iter(arrays)
        return jax.tree.unflatten(structure, [next(traced) if leaf is None else leaf for leaf in known])

    return [leaf for leaf in leaves if is_out(leaf)], join
