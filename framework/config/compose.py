"""Composing a configuration: the files that the defaults list names, then the overrides of the command line.

Hydra's loader decides which files are merged in what order. Interpolations give text: another option, the time, and
`${oc.env:NAME}` a variable of the environment; none of them runs anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.types import Override
from hydra.core.utils import setup_globals
from hydra.errors import HydraException, MissingConfigException
from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from framework.config.loader import ROOT, Loader, Source
from framework.config.origins import Origins, PlacedError, duplicates, shown
from framework.config.overrides import (
    OF_HYDRA,
    allowed_of_hydra,
    check_choices,
    in_hydras_form,
    is_choice,
    parse,
)
from framework.errors import ConfigError, Mistake
from framework.registry import did_you_mean

__all__ = ["ROOT", "Composed", "Source", "compose", "to_yaml"]

# A run folder that nobody chose; ours adds the name of the run, which Hydra does not know.
_HYDRAS_RUN_DIR = "outputs/${now:%Y-%m-%d}/${now:%H-%M-%S}"


@dataclass
class Composed:
    """A composed configuration.

    tree: plain values, interpolations resolved. origins: where each was written. overrides: in the form that Hydra
    takes, `++` where it needs one. choices: the file chosen for each group. run_dir: the run folder, where one was
    chosen; else None.
    """

    tree: dict[str, Any]
    origins: Origins
    overrides: list[str] = field(default_factory=list)
    choices: dict[str, str | None] = field(default_factory=dict)
    run_dir: str | None = None


def compose(overrides: Sequence[str], source: Source = Source(), loader: Loader | None = None) -> Composed:  # noqa: B008
    """The configuration of one run. Raises ConfigError with all that is wrong with overrides and files.

    loader: of `source`, when it has read some of the files already.
    """
    parsed = parse(overrides)
    return _compose_resumed(parsed, source.resume) if source.resume else _compose(parsed, loader or Loader(source))


def _compose(parsed: Sequence[Override], loader: Loader) -> Composed:
    _check_folders(loader.source)
    chosen = [override for override in parsed if is_choice(override, loader)]
    mistakes = check_choices(chosen, loader)
    if mistakes:
        raise ConfigError(mistakes)
    config, origins = _load(chosen, loader)
    for override in chosen:
        if override.value() is None:
            origins.read_deletion(override.key_or_group, override.input_line or "")
    mistakes = [*_check_hydra(origins), *_apply((o for o in parsed if o not in chosen), config, origins)]

    setup_globals()  # the resolvers `now` and `hydra`
    HydraConfig.instance().set_config(config)
    run_dir = _run_dir(config, mistakes)
    choices = {group: choice for group, choice in config.hydra.runtime.choices.items() if "hydra" not in group}
    config.pop("hydra")
    tree = _resolve(config, mistakes)
    if mistakes:
        raise PlacedError((mistake, origins) for mistake in mistakes)
    return Composed(tree, origins, in_hydras_form(parsed, loader), choices, run_dir)


def _check_folders(source: Source) -> None:
    named = [("--config-path", source.directory), *(("--config-dir", folder) for folder in source.extra)]
    missing = [
        Mistake((), f"there is no folder '{folder}'", place=f"command line  {option}")
        for option, folder in named
        if not folder.is_dir()
    ]
    if missing:
        raise ConfigError(missing)


def _load(chosen: Sequence[Override], loader: Loader) -> tuple[DictConfig, Origins]:
    """The files of the defaults list, merged, and where they write what."""
    try:
        config, parts = loader.load(in_hydras_form(chosen, loader))
    except (HydraException, OmegaConfBaseException, yaml.YAMLError, OSError, ValueError) as error:
        raise ConfigError(_explain(error, loader)) from None
    origins = Origins()
    for part in parts:
        origins.read_file(part.file, part.package)
    return config, origins


def _apply(overrides: Iterable[Override], config: DictConfig, origins: Origins) -> list[Mistake]:
    """Sets and deletes values; returns what is wrong with the overrides."""
    mistakes = []
    for override in overrides:
        place = f"command line  {override.input_line}"
        try:
            if override.package is not None:
                message = f"there is no group '{override.key_or_group}', of which a file could be chosen"
                mistakes.append(Mistake((), message, place=place))
            elif not override.is_delete():
                key, value = override.key_or_group, override.value()
                OmegaConf.update(config, key, value, merge=True, force_add=True)
                origins.read_override(key, value, override.input_line or "")
            elif (message := _delete(override.key_or_group, config)) is None:
                origins.read_deletion(override.key_or_group, override.input_line or "")
            else:
                mistakes.append(Mistake((), message, place=place))
        except (OmegaConfBaseException, ValueError, IndexError, TypeError) as error:
            mistakes.append(Mistake((), f"this cannot be set: {first_line(error)}", place=place))
    return mistakes


def _delete(key: str, config: DictConfig) -> str | None:
    """Leaves out one option; returns what is wrong when there is none of that name."""
    parent, _, last = key.rpartition(".")
    holder = OmegaConf.select(config, parent) if parent else config
    if isinstance(holder, DictConfig) and last in holder:
        del holder[last]
        return None
    known = [str(name) for name in holder if name != "hydra"] if isinstance(holder, DictConfig) else []
    message = f"there is no '{key}' to leave out{did_you_mean(last, known)}"
    return message + (f"  known: {', '.join(known)}" if known else "")


def _check_hydra(origins: Origins) -> list[Mistake]:
    """A mistake for each option of Hydra that a file sets, and may not."""
    written = [keys for keys in origins.places if keys[0] == "hydra"]
    leaves = [keys for keys in written if not any(keys == other[: len(keys)] != other for other in written)]
    return [Mistake(keys, OF_HYDRA) for keys in leaves if not allowed_of_hydra(".".join(keys))]


def _run_dir(config: DictConfig, mistakes: list[Mistake]) -> str | None:
    if OmegaConf.to_container(config.hydra.run, resolve=False) == {"dir": _HYDRAS_RUN_DIR}:
        return None
    try:
        return str(config.hydra.run.dir)
    except (OmegaConfBaseException, RecursionError) as error:
        mistakes.append(Mistake(("hydra", "run", "dir"), first_line(error)))
        return None


def _compose_resumed(parsed: Sequence[Override], folder: Path) -> Composed:
    """The configuration of a run folder, with overrides on top."""
    file, place = folder / "config.yaml", f"command line  resume={folder}"
    if not file.is_file():
        message = f"'{folder}' is no run folder: it holds no config.yaml"
        raise ConfigError([Mistake((), message, place=place)])
    origins = Origins()
    try:
        origins.read_file(file)
        config = OmegaConf.create(yaml.safe_load(file.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise ConfigError([_not_yaml(error)]) from None
    if not isinstance(config, DictConfig):
        raise ConfigError([Mistake((), f"{shown(file)} holds no mapping", place=place)])
    mistakes = [
        Mistake((), "a run that goes on stays in its folder", place=f"command line  {override.input_line}")
        for override in parsed
        if override.is_hydra_override()
    ]
    mistakes += _apply(parsed, config, origins)
    tree = _resolve(config, mistakes)
    if mistakes:
        raise PlacedError((mistake, origins) for mistake in mistakes)
    return Composed(tree, origins, [override.input_line or "" for override in parsed])


# -- interpolations -----------------------------------------------------------------------------------------------


def _resolve(config: DictConfig, mistakes: list[Mistake]) -> dict[str, Any]:
    """Plain values, every interpolation resolved; what cannot be is noted in `mistakes`, and left as it is."""
    before = len(mistakes)
    for path, node, key in _interpolations(config, ()):
        try:
            node[key]
        except (OmegaConfBaseException, RecursionError) as error:
            plain: Any = OmegaConf.to_container(node, resolve=False)
            mistakes.append(Mistake(path, f"{plain[key]} has no value: {_why_unresolved(error, config)}"))
    tree: Any = OmegaConf.to_container(config, resolve=len(mistakes) == before)
    return tree


def _why_unresolved(error: Exception, config: DictConfig) -> str:
    if isinstance(error, RecursionError) or "ecursive" in str(error):
        return "it refers to itself"
    missing = re.search(r"Interpolation key '(.+)' not found", str(error))
    if missing is None:
        return first_line(error)
    known = [".".join(keys) for keys in _paths(OmegaConf.to_container(config, resolve=False), ())]
    return f"there is no option '{missing[1]}'{did_you_mean(missing[1], known)}"


def _paths(tree: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Every path in a tree, from the top down."""
    for key, item in tree.items() if isinstance(tree, dict) else ():
        yield (*path, str(key))
        yield from _paths(item, (*path, str(key)))


def _interpolations(node: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    keys: list[Any] = list(node.keys()) if isinstance(node, DictConfig) else list(range(len(node)))
    for key in keys:
        if OmegaConf.is_interpolation(node, key):
            yield (*path, str(key)), node, key
        elif not OmegaConf.is_missing(node, key):
            child = node[key]
            if isinstance(child, (DictConfig, ListConfig)) and child._value() is not None:
                yield from _interpolations(child, (*path, str(key)))


# -- what went wrong ----------------------------------------------------------------------------------------------


def _explain(error: Exception, loader: Loader) -> list[Mistake]:
    """A failure of Hydra's loader in the user's words."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        if "duplicate key" in str(error.problem):
            return [
                Mistake((), f"'{keys[-1]}' is written twice in this mapping; first at {first}", place=str(second))
                for keys, first, second in duplicates(Path(error.problem_mark.name))
            ]
        return [_not_yaml(error)]
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        return [_missing_file(str(error.missing_cfg_file), loader)]
    if isinstance(error, UnicodeDecodeError):
        return [Mistake((), f"a file is no UTF-8 text: {error}", place="configuration")]
    return [Mistake((), first_line(error.__cause__ or error), place="defaults list")]


def _not_yaml(error: yaml.YAMLError) -> Mistake:
    mark = getattr(error, "problem_mark", None)
    place = f"{shown(Path(mark.name))}:{mark.line + 1}:{mark.column + 1}" if mark else "configuration"
    problem = getattr(error, "problem", None) or first_line(error)
    context = getattr(error, "context", None)
    return Mistake((), f"this is not YAML: {problem}" + (f" {context}" if context else ""), place=place)


def _missing_file(name: str, loader: Loader) -> Mistake:
    """A file that a defaults list names, or the primary file, is not there."""
    if name == loader.source.name:
        names = _files(loader.source.directory)
        message = f"there is no '{name}.yaml' in {shown(loader.source.directory)}{did_you_mean(name, names)}"
        return Mistake((), f"{message}  known: {', '.join(names) or 'none'}", place="command line  --config-name")
    group, _, choice = name.rpartition("/")
    known = loader.choices(group) if group else _files(loader.source.directory)
    message = f"there is no '{choice}' in {group or shown(loader.source.directory)}{did_you_mean(choice, known)}"
    return Mistake((), f"{message}  known: {', '.join(known) or 'none'}", place="defaults list")


def _files(folder: Path) -> list[str]:
    return sorted(file.stem for file in folder.glob("*.yaml"))


def first_line(error: BaseException) -> str:
    """What an error of Hydra's or OmegaConf's says, without the lines about their own types."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if len(lines) > 1 and lines[0].endswith(":"):
        return f"{lines[0]} {lines[1]}"
    return lines[0] if lines else type(error).__name__


def to_yaml(tree: Mapping[str, Any]) -> str:
    """A resolved configuration as YAML, in the order it was composed in."""
    return yaml.safe_dump(dict(tree), sort_keys=False, allow_unicode=True, default_flow_style=None, width=120)
