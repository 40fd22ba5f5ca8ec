"""The schema as text and as files, and how an editor is told of them."""

from __future__ import annotations

import json
import os
from pathlib import Path

from framework.config.loader import ROOT
from framework.config.schema import Schema, experiment_schema, group_schema, groups, recipe_schema
from framework.errors import ConfigError, Mistake
from framework.registry import did_you_mean

_RECIPES = "experiments"


def text(group: str | None = None) -> str:
    """The schema of a whole configuration, or of a file of one group. Raises ConfigError for no group."""
    return json.dumps(_schema(group), indent=1) + "\n"


def write(output: str, group: str | None = None) -> list[str]:
    """Writes one schema into a file, or all into a folder; returns what to tell the editor. Raises ConfigError."""
    path = Path(output)
    is_folder = output.endswith(("/", os.sep)) or path.is_dir()
    if is_folder and group is not None:
        message = f"'{output}' is a folder, into which the schemas of all groups are written"
        raise ConfigError([Mistake((), message, f"output={path / group}.json", place=f"command line  output={output}")])
    names = [None, _RECIPES, *groups()] if is_folder else [group]
    files = {name: path / f"{name or 'experiment'}.json" if is_folder else path for name in names}
    try:
        for name, file in files.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text(name), encoding="utf-8")
    except OSError as error:
        message = f"cannot write '{error.filename}': {error.strerror}"
        raise ConfigError([Mistake((), message, place=f"command line  output={output}")]) from None
    return _settings(files) if is_folder else [f"written to {path}", "", _header(path)]


def _schema(group: str | None) -> Schema:
    if group is None:
        return experiment_schema()
    if group == _RECIPES:
        return recipe_schema()
    known = [*groups(), _RECIPES]
    if group not in known:
        message = f"there is no group '{group}'{did_you_mean(group, known)}  known: {', '.join(known)}"
        raise ConfigError([Mistake((), message, place=f"command line  group={group}")])
    return group_schema(group)


def _header(file: Path) -> str:
    return f"a YAML file is checked by it that begins with\n# yaml-language-server: $schema={file.resolve()}"


def _settings(files: dict[str | None, Path]) -> list[str]:
    """What goes into `.vscode/settings.json`: which files each schema is for."""
    conf = ROOT / "conf"
    patterns: dict[str, str | list[str]] = {}
    for name, file in files.items():
        if name is None:
            patterns[_relative(file)] = ["outputs/**/config.yaml", "multirun/**/config.yaml"]
        elif name == _RECIPES:
            patterns[_relative(file)] = [f"{_relative(ROOT / _RECIPES)}/*.yaml", f"{_relative(conf)}/config.yaml"]
        else:
            patterns[_relative(file)] = f"{_relative(conf)}/{name}/*.yaml"
    settings = json.dumps({"yaml.schemas": patterns}, indent=2)
    return [f"{len(files)} schemas written; in .vscode/settings.json (extension redhat.vscode-yaml):", "", settings]


def _relative(path: Path) -> str:
    """A path as an editor takes it: relative to the folder that is open, where it lies below it."""
    return os.path.relpath(path) if path.resolve().is_relative_to(Path.cwd()) else os.fspath(path.resolve())
