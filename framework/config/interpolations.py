"""Interpolations: what `${...}` may say, and the plain values that stand in its place.

Another option, a variable of the environment and the time can be named; nothing is run, and no option becomes larger
than a configuration can be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from framework.errors import Mistake
from framework.registry import did_you_mean

_LARGEST = 1_000_000  # values and characters of a configuration, its interpolations resolved
_LONGEST = 50  # references one behind the other
_ESCAPED = re.compile(r"(?<!\\)((?:\\\\)*)\\\$\{")
# What may stand in a value; of two, the name of another option is kept, after the dots that climb to it.
_KEY = r"[\w/-]+(?:\.[\w/-]+|\[[\w/-]+\])*"
_ENV = r"\$\{\s*oc\.env:[^${}]*\}"
_REFERENCE = re.compile(rf"\$\{{\s*(\.*)({_KEY})\s*\}}|\$\{{\s*oc\.select:\s*()({_KEY})\s*(?:,[^${{}}]*)?\}}")
_OTHERS = re.compile(rf"\$\{{\s*oc\.decode:\s*{_ENV}\s*\}}|{_ENV}|\$\{{\s*now:[^${{}}]*\}}|\$\{{\s*hydra:[\w.]*\s*\}}")
_ALLOWED = (
    "${another.option}, ${oc.select:another.option,default}, ${oc.env:NAME}, ${oc.env:NAME,default}, "
    "${oc.decode:${oc.env:NAME}} and ${now:%Y}"
)
_Path = tuple[str, ...]


def wrong_with_text(text: str) -> tuple[str, str] | None:
    """What is wrong with the interpolations in a value, and what may be written; None for nothing."""
    rest = _REFERENCE.sub("", _OTHERS.sub("", _ESCAPED.sub("", text)))
    if "${" not in rest:
        return None
    start = rest[rest.index("${") :]
    shown = start if len(start) <= 60 else f"{start[:60]}..."
    return f"the interpolation '{shown}' is not understood, or refused", f"allowed are {_ALLOWED}; \\${{ is plain text"


def wrong_with_value(value: Any) -> tuple[str, str] | None:
    """The same of a value that may hold others."""
    if isinstance(value, str):
        return wrong_with_text(value)
    items = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return next((wrong for item in items if (wrong := wrong_with_value(item)) is not None), None)


def as_plain_text(value: Any) -> Any:
    """The same value, with `${` as text and nothing to be resolved."""
    if isinstance(value, str):
        return re.sub(r"(\\*)\$\{", r"\1\1\\${", value)
    if isinstance(value, dict):
        return {key: as_plain_text(item) for key, item in value.items()}
    return [as_plain_text(item) for item in value] if isinstance(value, list) else value


def resolve(config: DictConfig, mistakes: list[Mistake]) -> dict[str, Any]:
    """Plain values, every interpolation resolved; what cannot be is noted in `mistakes`, and left as it is."""
    before = len(mistakes)
    raw: Any = OmegaConf.to_container(config, resolve=False)
    mistakes.extend(wrong_with_sizes(raw))
    if len(mistakes) > before:
        return raw
    for path, node, key in interpolations(config, ()):
        try:
            node[key]
        except (OmegaConfBaseException, RecursionError, ValueError) as error:
            plain: Any = OmegaConf.to_container(node, resolve=False)
            mistakes.append(Mistake(path, f"{plain[key]} has no value: {_why_unresolved(error, config)}"))
    tree: Any = OmegaConf.to_container(config, resolve=len(mistakes) == before)
    return tree


def wrong_with_sizes(tree: dict[str, Any], paths: Iterable[_Path] = ()) -> Iterator[Mistake]:
    """A mistake for the first option that becomes too large, once what it refers to is written out.

    paths: of the options that are looked at; by default all.
    """
    sizes = _Sizes(tree)
    total = 0
    for path in paths or [(str(key),) for key in tree]:
        total += sizes.of(path)
        if sizes.too_long is not None:
            message = f"more than {_LONGEST} interpolations refer to each other, one behind the other"
            yield Mistake(sizes.too_long, message)
            return
        if total > _LARGEST:
            message = f"with its interpolations written out, this has {total:,} values and characters"
            yield Mistake(path, message, f"at most {_LARGEST:,} are read")
            return


class _Sizes:
    """How many values and characters stand at a path, interpolations written out; what is not there counts nothing."""

    def __init__(self, tree: dict[str, Any]):
        self.tree = tree
        self.too_long: _Path | None = None
        self._known: dict[_Path, int] = {}
        self._open: set[_Path] = set()
        self._depth = 0

    def of(self, path: _Path) -> int:
        if path in self._known:
            return self._known[path]
        if path in self._open or self.too_long is not None:  # one that refers to itself is told of when it is resolved
            return 0
        self._open.add(path)
        found = self._size(path, self._at(path))
        self._open.remove(path)
        self._known[path] = found
        return found

    def _size(self, path: _Path, value: Any) -> int:
        if isinstance(value, dict):
            return 1 + sum(self.of((*path, str(key))) for key in value)
        if isinstance(value, list):
            return 1 + sum(self.of((*path, str(position))) for position in range(len(value)))
        if not isinstance(value, str) or "${" not in value:
            return len(value) if isinstance(value, str) else 1
        self._depth += 1
        if self._depth > _LONGEST:
            self.too_long = path
            return 0
        size = len(value) + sum(self.of(target) for target in _targets(value, path))
        self._depth -= 1
        return size

    def _at(self, path: _Path) -> Any:
        """The value at a path, which may lead through interpolations."""
        for _ in range(_LONGEST):
            value: Any = self.tree
            for depth, key in enumerate(path):
                value = _child(value, key)
                through = _targets(value, path[: depth + 1]) if isinstance(value, str) and depth + 1 < len(path) else []
                if through:
                    path = (*through[0], *path[depth + 1 :])
                    break
            else:
                return value
        return None


def _child(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        return value[key] if key in value else next((item for name, item in value.items() if str(name) == key), None)
    if isinstance(value, list) and key.lstrip("-").isdecimal():
        return value[int(key)] if -len(value) <= int(key) < len(value) else None
    return None


def _targets(text: str, path: _Path) -> list[_Path]:
    """The paths that the interpolations in the value at `path` refer to."""
    found = []
    for match in _REFERENCE.finditer(_ESCAPED.sub("", text)):
        dots, key = match[1] or "", match[2] or match[4]
        base = path[: len(path) - len(dots)] if dots else ()
        found.append((*base, *(part for part in re.split(r"[.\[\]]", key) if part)))
    return found


def _why_unresolved(error: Exception, config: DictConfig) -> str:
    if isinstance(error, RecursionError) or "ecursive" in str(error):
        return "it refers to itself"
    variable = re.search(r"Environment variable '(.+)' not found", str(error))
    if variable is not None:
        name = variable[1]
        return f"the environment has no variable '{name}'; with a default: ${{oc.env:{name},default}}"
    missing = re.search(r"Interpolation key '(.+)' not found", str(error))
    if missing is None:
        return first_line(error)
    known = [".".join(keys) for keys in _paths(OmegaConf.to_container(config, resolve=False), ())]
    return f"there is no option '{missing[1]}'{did_you_mean(missing[1], known)}"


def _paths(tree: Any, path: _Path) -> Iterator[_Path]:
    """Every path in a tree, from the top down."""
    for key, item in tree.items() if isinstance(tree, dict) else ():
        yield (*path, str(key))
        yield from _paths(item, (*path, str(key)))


def interpolations(node: Any, path: _Path) -> Iterator[tuple[_Path, Any, Any]]:
    """Every interpolation at and below a node: its path, what holds it, and its key there."""
    keys: list[Any] = list(node.keys()) if isinstance(node, DictConfig) else list(range(len(node)))
    for key in keys:
        if OmegaConf.is_interpolation(node, key):
            yield (*path, str(key)), node, key
        elif not OmegaConf.is_missing(node, key):
            child = node[key]
            if isinstance(child, (DictConfig, ListConfig)) and child._value() is not None:
                yield from interpolations(child, (*path, str(key)))


def first_line(error: BaseException) -> str:
    """What an error of Hydra's or OmegaConf's says, without the lines about their own types."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if len(lines) > 1 and lines[0].endswith(":"):
        return f"{lines[0]} {lines[1]}"
    return lines[0] if lines else type(error).__name__
