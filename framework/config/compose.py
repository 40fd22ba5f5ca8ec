"""Composing a configuration: the files that the defaults list names, then the overrides of the command line.

Hydra's loader decides which files are merged in what order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from framework.config.defaults_list import explain
from framework.config.interpolations import (
    as_plain_text,
    first_line,
    interpolations,
    resolve,
    wrong_with_sizes,
    wrong_with_value,
)
from framework.config.loader import OF_FILES, ROOT, Loader, Source
from framework.config.origins import Origins, Place, PlacedError
from framework.config.overrides import (
    OF_HYDRA,
    allowed_of_hydra,
    check_choices,
    in_hydras_form,
    is_choice,
    parse,
)
from framework.config.trust import untrusted_plugins
from framework.config.yaml_file import plain, shown
from framework.errors import ConfigError, Mistake
from framework.registry import did_you_mean

__all__ = ["ROOT", "Composed", "Source", "compose", "compose_parsed", "to_yaml"]

_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # the one written in C is six times as fast
# A run folder that nobody chose; ours adds the name of the run, which Hydra does not know.
_HYDRAS_RUN_DIR = "outputs/${now:%Y-%m-%d}/${now:%H-%M-%S}"


@dataclass
class Composed:
    """A composed configuration.

    tree: plain values, interpolations resolved. origins: where each was written. overrides: in the form that Hydra
    takes, `++` where it needs one. choices: the file chosen for each group. run_dir: the run folder, where one was
    chosen; else None. has_interpolations: whether values were taken from others.
    """

    tree: dict[str, Any]
    origins: Origins
    overrides: list[str] = field(default_factory=list)
    choices: dict[str, str | None] = field(default_factory=dict)
    run_dir: str | None = None
    has_interpolations: bool = False


def compose(overrides: Sequence[str], source: Source = Source(), loader: Loader | None = None) -> Composed:  # noqa: B008
    """The configuration of one run. Raises ConfigError with all that is wrong with overrides and files.

    loader: of `source`, when it has read some of the files already.
    """
    parsed = parse(overrides)
    if source.resume is not None:
        return _compose_resumed(parsed, source, source.resume)
    return compose_parsed(parsed, loader or Loader(source))


def compose_parsed(parsed: Sequence[Override], loader: Loader) -> Composed:
    """The configuration that parsed overrides describe, over the files of a loader. Raises ConfigError."""
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

    HydraConfig.instance().set_config(config)
    run_dir = _run_dir(config, mistakes)
    choices = {group: choice for group, choice in config.hydra.runtime.choices.items() if "hydra" not in group}
    config.pop("hydra")
    has_interpolations = any(interpolations(config, ()))
    tree = resolve(config, mistakes)
    if mistakes:
        raise PlacedError((mistake, origins) for mistake in mistakes)
    return Composed(tree, origins, in_hydras_form(parsed, loader), choices, run_dir, has_interpolations)


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
    except OF_FILES as error:
        raise ConfigError([explain(error, loader, chosen)]) from None
    origins = Origins(primary=Place(shown(loader.source.directory / f"{loader.source.name}.yaml"), 1, 1))
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
                wrong = wrong_with_value(value)
                if wrong is not None:
                    mistakes.append(Mistake((), *wrong, place=place))
                    continue
                if isinstance(value, list) and isinstance(OmegaConf.select(config, key), DictConfig):
                    mistakes.append(Mistake((), f"'{key}' must be a mapping, found {value}", place=place))
                    continue
                OmegaConf.update(config, key, value, merge=True, force_add=True)
                origins.read_override(key, value, override.input_line or "")
            elif (message := _delete(override.key_or_group, config)) is None:
                parent = override.key_or_group.rpartition(".")[0]
                is_empty = bool(parent) and not OmegaConf.select(config, parent)
                origins.read_deletion(override.key_or_group, override.input_line or "", leaves_nothing=is_empty)
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
    path, before = ("hydra", "run", "dir"), len(mistakes)
    mistakes.extend(wrong_with_sizes(OmegaConf.to_container(config, resolve=False), [path]))  # type: ignore[arg-type]
    if len(mistakes) > before:
        return None
    try:
        folder = config.hydra.run.dir
        if folder is None or not str(folder).strip():
            mistakes.append(Mistake(path, "must be the path of a folder, found nothing", "such as outputs/first"))
        return str(folder)
    except (OmegaConfBaseException, RecursionError) as error:
        mistakes.append(Mistake(path, first_line(error)))
        return None


def _compose_resumed(parsed: Sequence[Override], source: Source, folder: Path) -> Composed:
    """The configuration of a run folder, with overrides on top.

    It was resolved when it was written: whatever looks like an interpolation in it is text.
    """
    file, place = folder / "config.yaml", f"command line  resume={folder}"
    if not file.is_file():
        message = f"'{folder}' is no run folder: it holds no config.yaml"
        raise ConfigError([Mistake((), message, place=place)])
    origins = Origins(primary=Place(shown(file), 1, 1))
    try:
        saved = plain(file) or {}
        config = DictConfig(as_plain_text(saved))
        origins.read_file(file, is_resolved=True)
    except OSError as error:
        raise ConfigError([Mistake((), f"{shown(file)} cannot be read: {error.strerror}", place=place)]) from None
    mistakes = [
        Mistake((), "a run that goes on stays in its folder", place=f"command line  {override.input_line}")
        for override in parsed
        if override.is_hydra_override()
    ]
    mistakes += _apply(parsed, config, origins)
    mistakes += untrusted_plugins(saved, parsed, source)
    tree = resolve(config, mistakes)
    if mistakes:
        raise PlacedError((mistake, origins) for mistake in mistakes)
    return Composed(tree, origins, [override.input_line or "" for override in parsed])


def to_yaml(tree: Mapping[str, Any]) -> str:
    """A resolved configuration as YAML, in the order it was composed in."""
    options: dict[str, Any] = {"sort_keys": False, "allow_unicode": True, "default_flow_style": None, "width": 120}
    return yaml.dump(dict(tree), Dumper=_DUMPER, **options)
