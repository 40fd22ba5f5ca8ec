"""Hydra's loader of configuration files, over the folders that an experiment is composed from.

It only finds and merges files. Nothing that they say is imported, built or run: the search path holds folders and
Hydra's own package, and `hydra.searchpath`, by which a file could bring in a Python package, has no effect.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from hydra import version
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.config_repository import ConfigRepository, IConfigRepository
from hydra._internal.utils import create_config_search_path
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.default_element import GroupDefault, ResultDefault
from hydra.core.object_type import ObjectType
from hydra.core.utils import setup_globals
from hydra.errors import HydraException
from hydra.plugins.config_source import ConfigResult
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from framework.config.yaml_file import parse

ROOT = Path(__file__).resolve().parents[2]
AUTO = Path("auto")
# What Hydra raises for a defaults list, or a file that it names, which is not as it should be.
OF_FILES = (HydraException, OmegaConfBaseException, OSError, ValueError, RecursionError)


@dataclass(frozen=True)
class Source:
    """Which configuration is composed.

    directory, name: of the primary file. extra: more folders that are searched. resume: a run folder whose
    `config.yaml` takes the place of the primary file; or AUTO, the newest unfinished run of this configuration.
    """

    directory: Path = ROOT / "conf"
    name: str = "config"
    extra: tuple[Path, ...] = ()
    resume: Path | None = None


@dataclass(frozen=True)
class Part:
    """A file of a composed configuration, and the keys below which it is merged."""

    file: Path
    package: tuple[str, ...]


class Loader(ConfigLoaderImpl):
    """Loads the files of `source`; recipes under `experiments/` are found from anywhere."""

    def __init__(self, source: Source):
        version.setbase("1.3")
        setup_globals()  # the resolvers `now` and `hydra`
        path = create_config_search_path(f"file://{source.directory}")
        schema = path.get_path().pop()  # Hydra wants its own last
        for folder in (*source.extra, ROOT):
            path.append("graphwright", f"file://{folder}")
        path.append(schema.provider, schema.path)
        super().__init__(path)
        read: dict[Path, None] = {}
        self.repository = _Files(path, lambda file: read.setdefault(file))  # of which Hydra makes copies
        self._read = read
        self.source = source
        self._parts: list[Part] = []
        self._loaded: dict[tuple[str, ...], tuple[DictConfig, list[Part]]] = {}

    def load(self, choices: Sequence[str]) -> tuple[DictConfig, list[Part]]:
        """The files of the defaults list merged, and which they were, in that order.

        choices: overrides that choose files. Most runs of a sweep choose the same, which are read once.
        """
        key = tuple(choices)
        if key not in self._loaded:
            with warnings.catch_warnings(action="ignore", category=UserWarning):  # of a defaults list without _self_
                config = self.load_configuration(self.source.name, list(choices), RunMode.RUN)
            OmegaConf.set_struct(config, False)
            self._loaded[key] = config, self._parts
        config, parts = self._loaded[key]
        return copy.deepcopy(config), parts

    @property
    def files_read(self) -> list[Path]:
        """The files that were read so far, the primary one first."""
        return list(self._read)

    def is_group(self, key: str) -> bool:
        """Whether `key` is a group of files, or stands as one in the defaults list of the primary file."""
        return self.repository.group_exists(key) or key in self.default_groups

    def choices(self, group: str) -> list[str]:
        """The files of a group; those of folders within it as `folder/file`."""
        if not self.repository.group_exists(group):
            return []
        folders = self.repository.get_group_options(group, ObjectType.GROUP)
        inner = [f"{folder}/{name}" for folder in folders for name in self.choices(f"{group}/{folder}")]
        return self.repository.get_group_options(group) + inner

    @cached_property
    def default_groups(self) -> dict[str, Any]:
        """The groups that the defaults list of the primary file names, and the files it chooses of them.

        None where the list cannot be read; what is wrong with it is told when the file is loaded.
        """
        try:
            primary = self.repository.load_config(self.source.name)
        except OF_FILES:
            return {}
        defaults = (primary.defaults_list if primary is not None else None) or []
        return {entry.group: entry.value for entry in defaults if isinstance(entry, GroupDefault) and entry.group}

    def _compose_config_from_defaults_list(self, defaults: list[ResultDefault], repo: IConfigRepository) -> DictConfig:
        self._parts = [part for default in defaults if (part := _part(default, repo)) is not None]
        return super()._compose_config_from_defaults_list(defaults, repo)

    def _process_config_searchpath(self, config_name: str | None, parsed_overrides: Sequence[Any], repo: Any) -> None:
        """Does nothing: `pkg://` in it would import a package. Folders are added by --config-dir."""


class _Files(ConfigRepository):
    """The files of the search path, each of which is noted, and checked before Hydra reads it."""

    def __init__(self, path: ConfigSearchPath, note: Callable[[Path], None]):
        super().__init__(path)
        self._note = note

    def load_config(self, config_path: str) -> ConfigResult | None:
        """What a file holds; None where it is not there. Raises ConfigError for one that says more than values."""
        source = self._find_object_source(config_path, ObjectType.CONFIG)
        if source is not None and source.scheme() == "file":
            file = _file(Path(source.path.removeprefix("file://"), config_path))
            self._note(file)
            parse(file)
        return super().load_config(config_path)


def _file(path: Path) -> Path:
    """The file that Hydra means by a path."""
    return path if path.suffix in (".yaml", ".yml") else path.with_name(f"{path.name}.yaml")


def _part(default: ResultDefault, repo: IConfigRepository) -> Part | None:
    """The file that an entry of the defaults list stands for; None for what Hydra brings itself."""
    loaded = repo.load_config(default.config_path) if default.config_path else None
    if loaded is None or default.config_path is None or not loaded.path.startswith("file://"):
        return None
    package = default.package if default.package is not None else loaded.header["package"]
    return Part(
        _file(Path(loaded.path.removeprefix("file://"), default.config_path)),
        tuple(package.split(".")) if package and package != "_global_" else (),
    )
