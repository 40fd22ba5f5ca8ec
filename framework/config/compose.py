"""Composing a configuration: the files that the defaults list names, then the overrides of the command line.

Hydra's loader decides which files are merged in what order; nothing else of Hydra runs here, and nothing is built
from what is read. An override of a key that the files do not hold needs no `+`: whether it may be set is for the
check to say, which knows every option.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra._internal.utils import create_config_search_path
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import MissingConfigException, OverrideParseException
from hydra.types import RunMode
from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from framework.config.origins import Origins, duplicates, shown
from framework.errors import ConfigError, Mistake
from framework.registry import nearest

ROOT = Path(__file__).resolve().parents[2]
# What may be set of Hydra itself: where runs are kept, and what a sweep ranges over. Its other options name Python
# objects that Hydra's application would build; that application never starts here.
_HYDRA_ALLOWED = re.compile(r"hydra\.(run\.dir|sweep\.dir|searchpath|sweeper\.params\..+)\Z")


@dataclass(frozen=True)
class Source:
    """Which configuration is composed.

    directory, name: of the primary file. extra: more folders that are searched. resume: a run folder whose
    `config.yaml` takes the place of the primary file.
    """

    directory: Path = ROOT / "conf"
    name: str = "config"
    extra: tuple[Path, ...] = ()
    resume: Path | None = None


@dataclass
class Composed:
    """A composed configuration.

    tree: plain values, interpolations resolved. origins: where each was written. overrides: in the form that Hydra
    takes, `++` where it needs one. choices: the file chosen for each group. run_dir, sweep_dir: what `hydra.run.dir`
    and `hydra.sweep.dir` were set to, or None.
    """

    tree: dict[str, Any]
    origins: Origins
    overrides: list[str]
    choices: dict[str, str | None] = field(default_factory=dict)
    run_dir: str | None = None
    sweep_dir: str | None = None


def compose(overrides: Sequence[str], source: Source = Source()) -> Composed:  # noqa: B008
    """The configuration of one run. Raises ConfigError for overrides and files that cannot be composed."""
    parsed = _parse(overrides)
    if source.resume is not None:
        return _compose_resumed(parsed, source.resume)
    loader = make_loader(source)
    rewritten = _rewrite(parsed, loader)
    try:
        defaults = loader.compute_defaults_list(source.name, rewritten, RunMode.RUN)
        origins = _read_files(loader, defaults.defaults)
        config = loader.load_configuration(source.name, rewritten, RunMode.RUN)
    except Exception as error:
        raise ConfigError([_explain(error, overrides, loader)]) from None
    for override in defaults.config_overrides:
        origins.read_override(override.key_or_group, _as_typed(override))
    OmegaConf.set_struct(config, False)
    hydra = config.pop("hydra")
    choices = {group: choice for group, choice in hydra.runtime.choices.items() if "hydra" not in group}
    kept = {o.key_or_group: str(o.value()) for o in parsed if o.key_or_group.startswith("hydra.")}
    return Composed(
        _resolve(config), origins, rewritten, choices, kept.get("hydra.run.dir"), kept.get("hydra.sweep.dir")
    )


def expand(overrides: Sequence[str], source: Source = Source()) -> list[list[str]]:  # noqa: B008
    """The overrides of each run of a sweep, in the order in which Hydra's basic sweeper runs them."""
    loader = make_loader(source)
    prefix = "hydra.sweeper.params."
    texts = [text.removeprefix(prefix) for text in overrides]
    parsed = OverridesParser.create(loader).parse_overrides(_rewrite(_parse(texts), loader))
    fixed = [o.input_line or "" for o in parsed if o.is_delete() or o.is_hydra_override()]
    ranged = [o for o in parsed if not (o.is_delete() or o.is_hydra_override())]
    try:
        return [[*fixed, *trial] for trial in BasicSweeper.split_arguments(ranged, None)[0]]
    except Exception as error:
        raise ConfigError([_explain(error, overrides, loader)]) from None


def make_loader(source: Source) -> ConfigLoaderImpl:
    """Hydra's loader over the folders of `source`; recipes under `experiments/` are found from anywhere."""
    path = create_config_search_path(f"file://{source.directory}")
    schema = path.get_path().pop()
    for folder in (*source.extra, ROOT):
        path.append("graphwright", f"file://{folder}")
    path.append(schema.provider, schema.path)
    return ConfigLoaderImpl(config_search_path=path)


# -- overrides ----------------------------------------------------------------------------------------------------


def _parse(overrides: Sequence[str]) -> list[Override]:
    """The overrides, parsed. Raises ConfigError with every one that is malformed or not allowed."""
    parser, parsed, mistakes = OverridesParser.create(), [], []
    for text in overrides:
        try:
            override = parser.parse_override(text)
        except OverrideParseException:
            message = "this is no override; write key=value, group=choice or ~key, and quote what holds , = or spaces"
            mistakes.append(Mistake((), message, place=f"command line  {text}"))
            continue
        key = override.key_or_group
        if key.startswith("hydra") and not _HYDRA_ALLOWED.match(key):
            message = "this option of Hydra may not be set; hydra.run.dir, hydra.sweep.dir and hydra.sweeper.params may"
            mistakes.append(Mistake((), message, place=f"command line  {text}"))
        parsed.append(override)
    if mistakes:
        raise ConfigError(mistakes)
    return parsed


def _rewrite(parsed: Sequence[Override], loader: ConfigLoaderImpl) -> list[str]:
    """The overrides in Hydra's form: `key=value` becomes `++key=value`, which may add; a choice stays as it is."""
    return [_rewritten(o, loader) for o in parsed]


def _rewritten(override: Override, loader: ConfigLoaderImpl) -> str:
    is_choice = loader.repository.group_exists(override.key_or_group) and not isinstance(override.value(), dict)
    plain = not (override.is_add() or override.is_force_add() or override.is_delete())
    return f"++{override.input_line}" if plain and not is_choice else override.input_line or ""


def _as_typed(override: Override) -> str:
    return (override.input_line or "").removeprefix("++")


# -- files --------------------------------------------------------------------------------------------------------


def _read_files(loader: ConfigLoaderImpl, defaults: Sequence[Any]) -> Origins:
    """Where the files of a defaults list, in their order, write what."""
    origins, mistakes = Origins(), []
    for default in defaults:
        file = _file_of(loader, default.config_path)
        if file is None:
            continue
        package = default.package.split(".") if default.package not in (None, "", "_global_") else []
        mistakes.extend(
            Mistake((*package, *keys), f"'{keys[-1]}' is written twice in this mapping", place=f"{place}  {'.'.join(keys)}")
            for keys, place in duplicates(file)
        )
        origins.read_file(file, package)
    if mistakes:
        raise ConfigError(mistakes)
    return origins


def _file_of(loader: ConfigLoaderImpl, config_path: str | None) -> Path | None:
    """The file on disk that a name of the defaults list stands for; None for what Hydra brings itself."""
    for source in loader.get_sources():
        if source.scheme() == "file" and config_path is not None:
            file = Path(source.path, config_path if config_path.endswith(".yaml") else f"{config_path}.yaml")
            if file.is_file():
                return file
    return None


def _compose_resumed(parsed: Sequence[Override], folder: Path) -> Composed:
    """The configuration of a run folder, with overrides on top."""
    file = folder / "config.yaml"
    if not file.is_file():
        message = f"'{folder}' is no run folder: it holds no config.yaml"
        raise ConfigError([Mistake(("resume",), message, place=f"command line  resume={folder}")])
    origins = Origins()
    origins.read_file(file)
    config = OmegaConf.create(yaml.safe_load(file.read_text(encoding="utf-8")))
    for override in parsed:
        if override.is_delete():
            message = "an option can be changed when a run goes on, but not deleted"
            raise ConfigError([Mistake((), message, place=f"command line  {override.input_line}")])
        OmegaConf.update(config, override.key_or_group, override.value(), merge=True, force_add=True)
        origins.read_override(override.key_or_group, _as_typed(override))
    lines = [f"++{_as_typed(o)}" for o in parsed]
    return Composed(_resolve(config), origins, lines)


# -- interpolations -----------------------------------------------------------------------------------------------


def _resolve(config: DictConfig | ListConfig) -> dict[str, Any]:
    """Plain values, every interpolation resolved. Raises ConfigError with all that cannot be."""
    mistakes = []
    for path, node, key in _interpolations(config, ()):
        try:
            node[key]
        except (OmegaConfBaseException, RecursionError) as error:
            text = OmegaConf.to_container(node, resolve=False)[key]  # type: ignore[index]
            reason = "refers to itself" if isinstance(error, RecursionError) else _first_line(error)
            mistakes.append(Mistake(path, f"the interpolation {text} cannot be resolved: {reason}"))
    if mistakes:
        raise ConfigError(mistakes)
    tree: Any = OmegaConf.to_container(config, resolve=True)
    return tree


def _interpolations(node: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    keys = list(node.keys()) if isinstance(node, DictConfig) else range(len(node))
    for key in keys:
        if OmegaConf.is_interpolation(node, key):
            yield (*path, str(key)), node, key
        elif not OmegaConf.is_missing(node, key):
            child = node[key]
            if isinstance(child, (DictConfig, ListConfig)) and child._value() is not None:
                yield from _interpolations(child, (*path, str(key)))


# -- what went wrong ----------------------------------------------------------------------------------------------


def _explain(error: Exception, overrides: Sequence[str], loader: ConfigLoaderImpl) -> Mistake:
    """A mistake of composing in the user's words."""
    if isinstance(error, ConfigError):
        return error.mistakes[0]
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        place = f"{shown(Path(mark.name))}:{mark.line + 1}:{mark.column + 1}"
        return Mistake((), f"this is not YAML: {error.problem}", place=place)
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        return _missing_file(str(error.missing_cfg_file), overrides, loader)
    message = _first_line(error.__cause__ or error)
    for text in overrides:
        key = text.lstrip("+~").partition("=")[0]
        if key and key in message:
            return Mistake((), message, place=f"command line  {text}")
    return Mistake((), message, place="configuration")


def _missing_file(name: str, overrides: Sequence[str], loader: ConfigLoaderImpl) -> Mistake:
    group, _, choice = name.rpartition("/")
    options = loader.get_group_options(group) if group else []
    near = nearest(choice, options)
    typed = next((t for t in overrides if t.lstrip("+").partition("=")[0].partition("@")[0] == group), None)
    message = f"there is no {group or 'configuration'} '{choice}'" + (f"; did you mean '{near}'?" if near else "")
    if options:
        message += f"  known: {', '.join(options)}"
    return Mistake((group,), message, place=f"command line  {typed}" if typed else "defaults list")


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def to_yaml(tree: Mapping[str, Any]) -> str:
    """A resolved configuration as YAML, in the order it was composed in."""
    return yaml.safe_dump(dict(tree), sort_keys=False, allow_unicode=True, default_flow_style=None, width=120)

