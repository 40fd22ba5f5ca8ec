"""A YAML file of a configuration, parsed; refused, before anything else reads it, where it is more than plain values.

A tag that would construct an object, a mapping that holds itself, aliases that stand for millions of values, levels
without end: a file of a stranger's may hold any of them. Nothing is constructed here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from omegaconf._utils import get_yaml_loader

from framework.config.interpolations import wrong_with_text
from framework.errors import ConfigError, Mistake

LARGEST = 1 << 20  # bytes of a file
MOST = 100_000  # values, once every alias is written out
DEEPEST = 50  # levels
_LOADER: Any = get_yaml_loader()  # as Hydra reads: dates are text
_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")}
_NODES = {"tag:yaml.org,2002:map": yaml.MappingNode, "tag:yaml.org,2002:seq": yaml.SequenceNode}
_MERGE = "tag:yaml.org,2002:merge"
_NULL = "tag:yaml.org,2002:null"


def parse(file: Path, *, is_resolved: bool = False) -> yaml.Node | None:
    """The nodes of a file; None for an empty one. Raises ConfigError with all that is wrong with it, and OSError.

    is_resolved: whether it holds plain values alone, so that `${` in it is text.
    """
    facts = file.stat()
    return _parse(file, facts.st_mtime_ns, facts.st_size, is_resolved)


def plain(file: Path) -> Any:
    """The values of a file in which nothing is to be resolved; None for an empty one. Raises ConfigError, OSError."""
    root = parse(file, is_resolved=True)
    return None if root is None else _LOADER("").construct_document(root)


def shown(file: Path) -> str:
    """A path as users read it: relative to the current folder where it lies below it."""
    try:
        return os.fspath(file.resolve().relative_to(Path.cwd().resolve()))
    except ValueError:
        return os.fspath(file)


def place(file: Path, mark: yaml.Mark) -> str:
    """`conf/model/cnn.yaml:9:3`."""
    return f"{shown(file)}:{mark.line + 1}:{mark.column + 1}"


@lru_cache(maxsize=256)
def _parse(file: Path, changed: int, size: int, is_resolved: bool) -> yaml.Node | None:
    """The nodes of a file that was changed at a time; several readers of it share them."""
    if size > LARGEST:
        raise ConfigError([_at(file, 1, 1, f"a file of a configuration has at most {LARGEST:,} bytes, found {size:,}")])
    content = file.read_bytes()
    try:
        loader = _LOADER(content.decode("utf-8-sig"))
        loader.name = str(file)
        root = loader.get_single_node()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        message = f"this is not UTF-8: byte 0x{content[error.start]:02x}"
        raise ConfigError([_at(file, line, column, message, "save the file as UTF-8")]) from None
    except yaml.YAMLError as error:
        raise ConfigError([_not_yaml(error, file, content.decode("utf-8-sig"))]) from None
    except RecursionError:
        raise ConfigError([_at(file, 1, 1, f"this has more than {DEEPEST} levels")]) from None
    if root is None:
        return None
    found = list(_wrong(root, file, is_resolved))
    if found:
        raise ConfigError(found)
    return root


def _at(file: Path, line: int, column: int, message: str, hint: str | None = None) -> Mistake:
    return Mistake((), message, hint, place=f"{shown(file)}:{line}:{column}")


def _not_yaml(error: yaml.YAMLError, file: Path, text: str) -> Mistake:
    if isinstance(error, yaml.MarkedYAMLError):
        mark, context = error.problem_mark or error.context_mark, f" {error.context}" if error.context else ""
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        hint = "indent with spaces" if "'\\t'" in str(error.problem) else None
        return _at(file, line, column, f"this is not YAML: {error.problem}{context}", hint)
    before = text[: getattr(error, "position", 0)]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    character = getattr(error, "character", 0)
    code = character if isinstance(character, int) else ord(character)
    return _at(file, line, column, f"this is not YAML: the character #x{code:04x} cannot be in it")


def _wrong(root: yaml.Node, file: Path, is_resolved: bool) -> Iterator[Mistake]:
    if not isinstance(root, yaml.MappingNode):
        hint = "such as seed: 1"
        yield Mistake((), "this holds no mapping of options to values", hint, place=place(file, root.start_mark))
        return
    walk = _Walk(file, is_resolved)
    size = walk.size(root, 0)
    yield from walk.mistakes
    if size > MOST and not walk.mistakes:
        message = f"with every alias written out, this holds {size:,} values; at most {MOST:,} are read"
        yield Mistake((), message, place=place(file, root.start_mark))


class _Walk:
    """Counts what nodes hold, each as often as it is referred to, and notes what is wrong with them."""

    def __init__(self, file: Path, is_resolved: bool):
        self.file, self.is_resolved, self.mistakes = file, is_resolved, list[Mistake]()
        self._sizes: dict[int, int] = {}
        self._open: set[int] = set()
        self._constructor = _LOADER("")

    def size(self, node: yaml.Node, depth: int) -> int:
        """How many values there are at and below a node."""
        known = self._sizes.get(id(node))
        if known is not None:
            return known
        if id(node) in self._open:
            return self._note(node, "this holds itself")
        if depth > DEEPEST:
            return self._note(node, f"this has more than {DEEPEST} levels")
        if node.tag not in _TAGS or not isinstance(node, _NODES.get(node.tag, yaml.ScalarNode)):
            return self._note(node, *_wrong_tag(node))
        self._open.add(id(node))
        size = 1 + sum(self.size(child, depth + 1) for child in self._children(node))
        self._open.remove(id(node))
        self._sizes[id(node)] = size
        return size

    def _children(self, node: yaml.Node) -> list[yaml.Node]:
        if isinstance(node, yaml.ScalarNode):
            self._check_scalar(node)
            return []
        if isinstance(node, yaml.SequenceNode):
            return node.value
        self._check_keys(node)
        return [value for _, value in node.value]

    def _check_scalar(self, node: yaml.ScalarNode) -> None:
        try:
            value = self._constructor.construct_object(node)
        except (ValueError, KeyError, yaml.YAMLError):
            kind = {"int": "integer", "float": "number"}.get(node.tag.rpartition(":")[2], "true or false")
            self._note(node, f"this is no {kind} that can be read: {_short(node.value)}")
            return
        wrong = wrong_with_text(value) if isinstance(value, str) and not self.is_resolved else None
        if wrong is not None:
            self._note(node, *wrong)

    def _check_keys(self, node: yaml.Node) -> None:
        """Keys are text or numbers, and each is written once."""
        first: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if key.tag == _MERGE:
                items = value.value if isinstance(value, yaml.SequenceNode) else [value]
                if not all(isinstance(item, yaml.MappingNode) for item in items):
                    self._note(key, "'<<' takes over the options of a mapping, or of a list of mappings")
                continue
            if not isinstance(key, yaml.ScalarNode) or key.tag == _NULL:
                found = f"'{key.value}'" if isinstance(key, yaml.ScalarNode) and key.value else "none"
                self._note(key, f"a key is a name, found {found}", "quote a name that YAML takes for something else")
            elif key.tag not in _TAGS:
                self._note(key, *_wrong_tag(key))
            elif key.value in first:
                where = place(self.file, first[key.value].start_mark)
                self._note(key, f"'{_short(key.value)}' is written twice in this mapping; first at {where}")
            else:
                first[key.value] = key
                self._check_scalar(key)

    def _note(self, node: yaml.Node, message: str, hint: str | None = None) -> int:
        self.mistakes.append(Mistake((), message, hint, place=place(self.file, node.start_mark)))
        return 1


def _wrong_tag(node: yaml.Node) -> tuple[str, str | None]:
    if node.tag == "tag:yaml.org,2002:value":
        return "'=' alone has a meaning of its own in YAML", "quote it"
    shown_tag = node.tag.replace("tag:yaml.org,2002:", "!!")
    return (
        f"the tag '{_short(shown_tag)}' is refused: a configuration holds plain values, and constructs nothing",
        "leave the tag out",
    )


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}..."
