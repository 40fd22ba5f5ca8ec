"""Where each value of a configuration was written: file, line and column, or the override on the command line."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

Keys = tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """One place: `conf/model/cnn.yaml:9:3`, or `command line` with the override in `text`.

    text: what is written there, when it is a single value. is_override: whether it stands on the command line.
    """

    where: str
    text: str = ""
    is_override: bool = False


@dataclass
class Origins:
    """The last place that wrote each key, found by its path from the root."""

    places: dict[Keys, Place] = field(default_factory=dict)

    def read_file(self, file: Path, package: Sequence[str] = ()) -> None:
        """Notes every key that a YAML file writes, below `package`; places noted before give way."""
        name = shown(file)
        for keys, text, mark in _walk(_parse(file), tuple(package)):
            self._set(keys, Place(f"{name}:{mark.line + 1}:{mark.column + 1}", text))

    def read_override(self, key: str, override: str) -> None:
        """Notes an override such as `optimizer.learning_rate=0.1`."""
        self._set(tuple(key.split(".")), Place("command line", override, is_override=True))

    def _set(self, keys: Keys, place: Place) -> None:
        # Whoever writes a key writes all that is below it, unless it is a mapping, which is merged.
        if place.text:
            for other in [k for k in self.places if k[: len(keys)] == keys and k != keys]:
                del self.places[other]
        self.places[keys] = place

    def locate(self, path: Sequence[str]) -> Place | None:
        """Where the value at `path` was written, or the nearest thing around it that was; None for nothing."""
        keys = tuple(path)
        while keys:
            if keys in self.places:
                return self.places[keys]
            keys = keys[:-1]
        return None

    def behind(self, place: Place) -> Place | None:
        """Where the value comes from that an interpolation such as `${trainer.width}` at `place` refers to."""
        text = place.text.partition("=")[2] if place.is_override else place.text
        if not (text.startswith("${") and text.endswith("}")) or ":" in text or "{" in text[2:]:
            return None
        return self.places.get(tuple(text[2:-1].split(".")))


def shown(file: Path) -> str:
    """A path as users read it: relative to the current folder where it lies below it."""
    try:
        return os.fspath(file.resolve().relative_to(Path.cwd().resolve()))
    except ValueError:
        return os.fspath(file)


def _parse(file: Path) -> yaml.Node | None:
    with file.open(encoding="utf-8") as stream:
        return yaml.compose(stream, Loader=yaml.SafeLoader)  # only parsed: no tag constructs anything


def _walk(node: yaml.Node | None, prefix: Keys) -> Iterator[tuple[Keys, str, yaml.Mark]]:
    """Every key below `node`: its path, its text when it is a single value, and its place."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            keys = (*prefix, *str(key.value).split("."))
            # A mistake in a value is looked for where its key stands.
            is_scalar = isinstance(value, yaml.ScalarNode)
            yield keys, value.value if is_scalar else "", key.start_mark
            yield from _walk(value, keys)
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            is_scalar = isinstance(value, yaml.ScalarNode)
            yield (*prefix, str(position)), value.value if is_scalar else "", value.start_mark
            yield from _walk(value, (*prefix, str(position)))


def duplicates(file: Path) -> list[tuple[Keys, str]]:
    """Keys that a file writes twice in one mapping -> the place of the second."""
    found: list[tuple[Keys, str]] = []

    def search(node: yaml.Node | None, prefix: Keys) -> None:
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                keys = (*prefix, str(key.value))
                if key.value in seen:
                    found.append((keys, f"{shown(file)}:{key.start_mark.line + 1}:{key.start_mark.column + 1}"))
                seen.add(key.value)
                search(value, keys)
        elif isinstance(node, yaml.SequenceNode):
            for position, value in enumerate(node.value):
                search(value, (*prefix, str(position)))

    search(_parse(file), ())
    return found

