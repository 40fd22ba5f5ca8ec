"""From a mistake of a whole component to the option in it that the mistake speaks of, where one was given."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from framework.config.origins import Origins
from framework.errors import Mistake

_Path = tuple[str, ...]


def pointed(mistake: Mistake, tree: Mapping[str, Any], origins: Origins) -> Mistake:
    """The same mistake at the one option that it names, or whose value it quotes; else as it is."""
    holder: Any = tree
    for key in mistake.path:
        holder = holder.get(key) if isinstance(holder, Mapping) else None
    if not isinstance(holder, Mapping) or mistake.place is not None or mistake.message.startswith("must be "):
        return mistake  # which speaks of the mapping itself
    options = [(path, value) for path, value in _options(holder, ()) if path != ("type",)]
    typed = [(path, value) for path, value in options if _is_typed((*mistake.path, *path), origins)]
    said = mistake.message.partition("; did you mean")[0].partition(", from '")[0]
    tests = (
        (options, lambda path, value: _names(f"{mistake.message} {mistake.hint}", (*mistake.path, *path))),
        (options, lambda path, value: isinstance(value, str) and f"'{value}'" in said),
        (options, lambda path, value: _begins_with(said, value)),
        (options, lambda path, value: "_" in path[-1] and _has_word(said, path[-1])),
        (typed, lambda path, value: _is_number(value) and _has_word(said, f"{value:,}")),
    )
    for among, is_meant in tests:
        for path, value in among:
            if is_meant(path, value):
                return replace(mistake, path=(*mistake.path, *path))
    return mistake


def _options(holder: Any, path: _Path) -> Iterator[tuple[_Path, Any]]:
    """The options of a component that are values, and the members of its lists of texts."""
    for key, value in holder.items() if isinstance(holder, Mapping) else enumerate(holder):
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            yield from _options(value, (*path, str(key)))
        if not isinstance(value, Mapping):
            yield (*path, str(key)), value


def _is_typed(path: _Path, origins: Origins) -> bool:
    place = origins.places.get(path)
    return place is not None and place.override is not None


def _names(said: str, path: _Path) -> bool:
    """Whether `dataset.validation_fraction` stands in a text."""
    return re.search(rf"(?<![\w.]){re.escape('.'.join(path))}(?!\w)", said) is not None


def _begins_with(said: str, value: Any) -> bool:
    """Whether a text begins to speak of the file that a value names."""
    if not isinstance(value, str) or len(value) < 2:
        return False
    begins = said[: len(value) + 40]
    return ("." in value and _has_word(begins, value)) or said.startswith((f"{value} ", f"{value}/"))


def _has_word(said: str, word: str) -> bool:
    return re.search(rf"(?<![\w./-]){re.escape(word)}(?![\w-])", said) is not None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
