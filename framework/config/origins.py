"""Where each value of a configuration was written: file, line and column, or the override on the command line.

Files are only parsed: no tag of theirs constructs anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from framework.config.yaml_file import parse, shown
from framework.errors import ConfigError, Mistake

Keys = tuple[str, ...]
_REFERENCE = re.compile(r"\$\{(\.*)([^:{}]+)\}")


@dataclass(frozen=True)
class Place:
    """One place: `conf/model/cnn.yaml:9:3`, or an override on the command line.

    file, line, column: of what stands in a file; lines and columns count from 1. override: what was typed, else None.
    references: the keys that interpolations written here refer to.
    """

    file: str = ""
    line: int = 0
    column: int = 0
    override: str | None = None
    references: tuple[Keys, ...] = ()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.override is None else f"command line  {self.override}"


@dataclass
class Origins:
    """The last place that wrote each key, found by its path from the root.

    primary: the file that all begins with, which is where what is missing can be written.
    """

    places: dict[Keys, Place] = field(default_factory=dict)
    primary: Place | None = None

    def read_file(self, file: Path, package: Sequence[str] = (), *, is_resolved: bool = False) -> None:
        """Notes every key that a YAML file writes below `package`; what was noted before gives way.

        is_resolved: whether `${` in it is text.
        """
        root, name = parse(file, is_resolved=is_resolved), shown(file)
        if package:
            mark = (root.start_mark.line + 1, root.start_mark.column + 1) if root is not None else (1, 1)
            self.places[tuple(package)] = Place(name, *mark)
        for entry in _entries(root, tuple(package)):
            if entry.keys == (*package, "defaults") or entry.keys[: len(package) + 1] == (*package, "defaults"):
                continue  # the defaults list names files; it is no part of the configuration
            if not isinstance(entry.node, yaml.MappingNode):  # a mapping is merged with the one before, nothing else is
                self._forget_below(entry.keys)
            text = entry.node.value if isinstance(entry.node, yaml.ScalarNode) and not is_resolved else ""
            line, column = entry.mark.line + 1, entry.mark.column + 1
            self.places[entry.keys] = Place(name, line, column, references=_references(text, entry.keys))

    def read_override(self, key: str, value: Any, typed: str) -> None:
        """Notes an override: `key` is now `value`, because of `typed`."""
        self._write(_split(key), value, typed)

    def read_deletion(self, key: str, typed: str, *, leaves_nothing: bool = False) -> None:
        """Notes that `key` is gone, because of `typed`. leaves_nothing: whether what held it is empty now."""
        keys = _split(key)
        self._forget_below(keys)
        self.places[keys] = Place(override=typed)
        if leaves_nothing and len(keys) > 1:
            self.places[keys[:-1]] = Place(override=typed)

    def _write(self, keys: Keys, value: Any, typed: str) -> None:
        if not isinstance(value, Mapping):
            self._forget_below(keys)
        self.places[keys] = Place(override=typed, references=_references(value, keys) if isinstance(value, str) else ())
        for key, item in value.items() if isinstance(value, Mapping) else ():
            self._write((*keys, str(key)), item, typed)

    def _forget_below(self, keys: Keys) -> None:
        for other in [known for known in self.places if known[: len(keys)] == keys]:
            del self.places[other]

    def locate(self, path: Sequence[str]) -> Place | None:
        """Where the value at `path` was written, or the nearest thing around it that was, or the first within it.

        For what is written nowhere, the primary file; None where there is none.
        """
        keys = tuple(path)
        within = (place for other, place in self.places.items() if keys and other[: len(keys)] == keys)
        return self._nearest(keys)[1] or next(within, self.primary)

    def sources(self, path: Sequence[str]) -> list[tuple[Keys, Place]]:
        """The keys, with their places, that the value at `path` is taken from by interpolation, one after the other."""
        found: dict[Keys, Place] = {}
        waiting = [tuple(path)]
        while waiting:
            keys = waiting.pop(0)
            base, place = self._nearest(keys)
            for reference in place.references if place else ():
                target = (*reference, *keys[len(base) :])
                source = self.locate(target)
                if source is not None and target not in found:
                    found[target] = source
                    waiting.append(target)
        return list(found.items())

    def _nearest(self, keys: Keys) -> tuple[Keys, Place | None]:
        while keys and keys not in self.places:
            keys = keys[:-1]
        return keys, self.places.get(keys)


class PlacedError(ConfigError):
    """Mistakes, each with the origins of the configuration that it speaks of, so that its place can be shown."""

    def __init__(self, placed: Iterable[tuple[Mistake, Origins]]):
        self.placed = tuple(placed)
        super().__init__(mistake for mistake, _ in self.placed)


@dataclass(frozen=True)
class _Entry:
    """A key of a file, or a position of a list; mark: where it stands."""

    keys: Keys
    node: yaml.Node
    mark: yaml.Mark


def _entries(node: yaml.Node | None, prefix: Keys) -> Iterator[_Entry]:
    """Every entry at and below `node`, from the top down; `<<` brings those of another mapping."""
    if isinstance(node, yaml.MappingNode):
        pairs = list(node.value)
        brought = [item for key, value in pairs if key.value == "<<" for item in _listed(value)]
        for mapping in reversed(brought):
            yield from _entries(mapping, prefix)
        for key, value in pairs:
            if key.value != "<<":
                # What is wrong with a value is looked for where its key stands.
                yield _Entry((*prefix, str(key.value)), value, key.start_mark)
                yield from _entries(value, (*prefix, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            yield _Entry((*prefix, str(position)), item, item.start_mark)
            yield from _entries(item, (*prefix, str(position)))


def _listed(node: yaml.Node) -> list[yaml.Node]:
    return node.value if isinstance(node, yaml.SequenceNode) else [node]


def _references(text: str, keys: Keys) -> tuple[Keys, ...]:
    """The keys that the interpolations in a text refer to; leading dots climb from the mapping that holds the text."""
    found = []
    for dots, name in _REFERENCE.findall(text):
        base = keys[: len(keys) - len(dots)] if dots else ()
        found.append((*base, *_split(name)))
    return tuple(found)


def _split(key: str) -> Keys:
    """`a.b[0]` as its parts."""
    return tuple(part for part in re.split(r"[.\[\]]", key) if part)
