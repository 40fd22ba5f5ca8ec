"""Nested structures: tuples, lists and dicts whose leaves are anything else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def flatten(structure: Any) -> list[Any]:
    """The leaves of a structure, from left to right; None is the structure of no leaves."""
    if structure is None:
        return []
    if isinstance(structure, Mapping):
        return [leaf for item in structure.values() for leaf in flatten(item)]
    if is_sequence(structure):
        return [leaf for item in structure for leaf in flatten(item)]
    return [structure]


def pack(structure: Any, leaves: Sequence[Any]) -> Any:
    """The structure with other leaves, as many as it has."""
    return _pack(structure, iter(leaves))


def outline(structure: Any) -> str:
    """A structure as text, its leaves as `.`: structures are alike where this is equal."""
    if structure is None:
        return "None"
    if isinstance(structure, Mapping):
        return "{" + ", ".join(f"{key!r}: {outline(item)}" for key, item in structure.items()) + "}"
    if is_sequence(structure):
        inner = ", ".join(outline(item) for item in structure)
        return f"[{inner}]" if isinstance(structure, list) else f"({inner})"
    return "."


def is_sequence(structure: Any) -> bool:
    """Whether a value is a tuple or a list, and so no leaf."""
    return isinstance(structure, (tuple, list))


def _pack(structure: Any, leaves: Iterator[Any]) -> Any:
    if structure is None:
        return None
    if isinstance(structure, Mapping):
        return {key: _pack(item, leaves) for key, item in structure.items()}
    if is_sequence(structure):
        packed = [_pack(item, leaves) for item in structure]
        return type(structure)(*packed) if hasattr(structure, "_fields") else type(structure)(packed)
    return next(leaves)
