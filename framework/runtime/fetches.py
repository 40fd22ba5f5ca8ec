"""The structure of what is fetched: one tensor, or lists, tuples and dictionaries of tensors, however nested."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

Rebuild = Callable[[Sequence[Any]], Any]


def flatten(fetches: Any) -> tuple[list[Any], Rebuild]:
    """The leaves of a structure from left to right, and a function that puts others in their places."""
    leaves: list[Any] = []
    return leaves, _visit(fetches, leaves)


def _visit(fetches: Any, leaves: list[Any]) -> Rebuild:
    if isinstance(fetches, Mapping):
        keys, values = list(fetches), _visit_all(fetches.values(), leaves)
        return lambda answers: dict(zip(keys, values(answers), strict=True))
    if _is_sequence(fetches):
        items = _visit_all(fetches, leaves)
        if hasattr(fetches, "_fields"):
            kind: Any = type(fetches)
            return lambda answers: kind(*items(answers))
        return (lambda answers: tuple(items(answers))) if isinstance(fetches, tuple) else items
    position = len(leaves)
    leaves.append(fetches)
    return lambda answers: answers[position]


def _visit_all(fetches: Any, leaves: list[Any]) -> Callable[[Sequence[Any]], list[Any]]:
    parts = [_visit(item, leaves) for item in fetches]
    return lambda answers: [part(answers) for part in parts]


def _is_sequence(fetches: Any) -> bool:
    return isinstance(fetches, Sequence) and not isinstance(fetches, (str, bytes))


def key_of(fetches: Any) -> Hashable:
    """What is equal for equal structures of equal fetches."""
    if isinstance(fetches, Mapping):
        return (dict, *((name, key_of(item)) for name, item in fetches.items()))
    if _is_sequence(fetches):
        return (type(fetches), *map(key_of, fetches))
    return fetches
