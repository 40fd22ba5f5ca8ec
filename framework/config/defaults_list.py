"""What may be wrong with a defaults list, in the user's words and at the entry that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml
from hydra.core.override_parser.types import Override
from hydra.errors import MissingConfigException

from framework.config.interpolations import first_line
from framework.config.loader import Loader
from framework.config.yaml_file import parse, place, shown
from framework.errors import Mistake
from framework.registry import did_you_mean

_NO_MATCH = re.compile(r"Could not override '([^']+)'")
_QUOTED = re.compile(r"'?([\w./@:-]+)'? appears more than once|Multiple values for ([\w./@:-]+)\.|Override '(\S+) :")


def explain(error: Exception, loader: Loader, chosen: Sequence[Override]) -> Mistake:
    """A failure of Hydra's loader. chosen: the overrides that choose files."""
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        return _missing_file(str(error.missing_cfg_file), loader)
    unmatched = _NO_MATCH.search(str(error))
    if unmatched is not None:
        return _unmatched(unmatched[1], loader, chosen)
    named = _QUOTED.search(str(error))
    word = next((group for group in named.groups() if group), "") if named else ""
    if "_self_" in str(error):
        word = "_self_"
    message = "this holds itself, by its defaults list" if isinstance(error, RecursionError) else _text(error)
    return Mistake((), message, place=_place(loader, word))


def _text(error: Exception) -> str:
    return " ".join(first_line(error.__cause__ or error).split())


def _missing_file(name: str, loader: Loader) -> Mistake:
    """A file that a defaults list names, or the primary file, is not there."""
    directory = loader.source.directory
    if name == loader.source.name:
        names = _files(directory)
        message = f"there is no '{name}.yaml' in {shown(directory)}{did_you_mean(name, names)}"
        return Mistake((), f"{message}  known: {', '.join(names) or 'none'}", place="command line  --config-name")
    group, _, choice = name.rpartition("/")
    known = loader.choices(group) if group else _files(directory)
    message = f"there is no '{choice}' in {group or shown(directory)}{did_you_mean(choice, known)}"
    return Mistake((), f"{message}  known: {', '.join(known) or 'none'}", place=_place(loader, choice))


def _unmatched(key: str, loader: Loader, chosen: Sequence[Override]) -> Mistake:
    """A file is chosen of a group that no defaults list names."""
    group, _, package = key.partition("@")
    if package:
        message = (
            f"this chooses a file of '{group}' within '{package.rpartition('.')[0]}', where there is none to choose"
        )
        hint = "begin the file with: # @package _global_"
        return Mistake((), message, hint, place=_place(loader, f"override /{group}", f"override {group}"))
    typed = next((override.input_line for override in chosen if override.key_or_group == key), None)
    where = f"command line  {typed}" if typed else _place(loader, f"override /{key}", f"override {key}")
    primary = shown(loader.source.directory / f"{loader.source.name}.yaml")
    message = f"no defaults list names the group '{key}', so no file of it can be chosen in place of another"
    return Mistake((), message, f"add '- {key}: null' to the defaults list of {primary}", place=where)


def _place(loader: Loader, *words: str) -> str:
    """Where one of these words stands in a defaults list; else the list of the primary file, or the file itself."""
    files = loader.files_read or [loader.source.directory / f"{loader.source.name}.yaml"]
    for file in files:
        for entry in _entries(file):
            if any(node.value in words for node in _scalars(entry)):
                return place(file, entry.start_mark)
    lists = [place(file, entry.start_mark) for file in files for entry in list(_entries(file))[:1]]
    return lists[0] if lists else f"{shown(files[0])}:1:1"


def _entries(file: Path) -> Iterator[yaml.Node]:
    """The entries of the defaults list of a file."""
    root = parse(file)
    for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
        if key.value == "defaults":
            yield from value.value if isinstance(value, yaml.SequenceNode) else [value]


def _scalars(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from (*_scalars(key), *_scalars(value))
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _scalars(item)


def _files(folder: Path) -> list[str]:
    return sorted(file.stem for file in folder.glob("*.yaml"))
