"""What is typed on the command line: `key=value`, `group=choice`, `~key`.

An override of a key that no file holds needs no `+`: whether it may be set is for the check to say, which knows every
option.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException

from framework.config.loader import Loader
from framework.errors import ConfigError, Mistake
from framework.registry import did_you_mean

# What may be set of Hydra itself: where runs are kept, how the runs of a sweep are started, what it ranges over.
# The rest has no effect here, or names Python objects that would be built.
_OF_HYDRA = re.compile(r"hydra\.(run\.dir|sweep\.(dir|subdir)|sweeper\.params\.\S+|launcher\.\S+)|hydra/launcher")
_BUILDS = {"_target_", "_partial_", "_convert_", "_recursive_", "_args_", "class", "()"}
_PARAMETERS = "hydra.sweeper.params."


def parse(texts: Sequence[str], *, is_sweep: bool = False, loader: Loader | None = None) -> list[Override]:
    """The overrides. Raises ConfigError with every one that is malformed or not allowed.

    is_sweep: whether `a=1,2` may list several values, one for each run. loader: knows the files that `glob` matches.
    """
    parser, parsed, mistakes = OverridesParser.create(loader), [], []
    for text in texts:
        try:
            override = parser.parse_override(text.removeprefix(_PARAMETERS))
        except (HydraException, ValueError, RecursionError):  # the latter of numbers and of lists without end
            override = None
        if override is None or not override.key_or_group:
            mistakes.append(_malformed(text))
            continue
        key = override.key_or_group
        if key.split(".")[0].split("/")[0] == "hydra" and not allowed_of_hydra(key, override.value()):
            mistakes.append(Mistake((), OF_HYDRA, place=f"command line  {text}"))
        if override.is_sweep_override() and not is_sweep:
            mistakes.append(_lists_values(text))
        override.config_loader = loader
        parsed.append(override)
    if mistakes:
        raise ConfigError(mistakes)
    return parsed


OF_HYDRA = (
    "this option of Hydra cannot be set; these can: hydra.run.dir, hydra.sweep.dir, hydra.sweep.subdir, "
    "hydra/launcher, hydra.launcher.*, hydra.sweeper.params.*"
)


def allowed_of_hydra(key: str, value: Any = None) -> bool:
    """Whether an option of Hydra may be set: none that has it import or call something."""
    return bool(_OF_HYDRA.fullmatch(key)) and not _BUILDS & {*key.split("."), *_keys(value)}


def _keys(value: Any) -> set[str]:
    """Every key in a value, however deep."""
    if isinstance(value, Mapping):
        return {str(key) for key in value}.union(*map(_keys, value.values()))
    return set().union(*map(_keys, value)) if isinstance(value, (list, tuple)) else set()


def _malformed(text: str) -> Mistake:
    key, equals, value = text.partition("=")
    message, hint = "this is no override; write key=value, group=choice or ~key", None
    odd = re.search(r"[^\w.\-+~@:/\[\]]|(?<=\.)\w*/", key)
    if odd and equals:
        hint = f"the name '{key}' holds what no option's does: letters, digits and _ . - alone"
    elif not equals and not text.startswith("~"):
        hint = f"such as {key or 'key'}=value"
    elif re.search(r"[\s{}\[\](),=:#'\"]", value):
        hint = f"""quote what holds spaces or signs, once more inside the shell's quotes: '{key}="..."'"""
    return Mistake((), message, hint, place=f"command line  {text}")


def _lists_values(text: str) -> Mistake:
    key, _, value = text.partition("=")
    message = f"this lists several values for '{key}'"
    hint = f"""add -m to run once with each; write '{key}=[{value}]' for a list, '{key}="{value}"' for a text"""
    return Mistake((), message, hint, place=f"command line  {text}")


def is_choice(override: Override, loader: Loader) -> bool:
    """Whether an override chooses a file of a group, or leaves one out, rather than setting a value."""
    return loader.is_group(override.key_or_group) and not isinstance(override.value(), dict)


def check_choices(overrides: Sequence[Override], loader: Loader) -> list[Mistake]:
    """A mistake for each choice of a file that is not there."""
    mistakes = []
    for override in overrides:
        group, value = override.key_or_group, override.value()
        if value is None or override.is_delete():  # no file is chosen
            continue
        known = loader.choices(group)
        for choice in value if isinstance(value, list) else [value]:
            name = "null" if choice is None else str(choice)
            if choice is None or name not in known:
                message = f"there is no '{name}' in {group}{did_you_mean(name, known)}"
                message += f"  known: {', '.join(known) or 'none'}"
                mistakes.append(Mistake((group,), message, place=f"command line  {override.input_line}"))
    return mistakes


def in_hydras_form(overrides: Sequence[Override], loader: Loader) -> list[str]:
    """The overrides as Hydra takes them: `key=value` becomes `++key=value`, which may add; `group=null` is `~group`."""
    lines = []
    for override in overrides:
        line, is_choice_of_file = override.input_line or "", is_choice(override, loader)
        if is_choice_of_file and override.value() is None:
            if loader.default_groups.get(override.key_or_group) is not None:  # there is a file to leave out
                lines.append(f"~{override.get_key_element().removeprefix('~')}")
        elif override.is_add() or override.is_force_add() or override.is_delete() or override.is_hydra_override():
            lines.append(line)
        else:
            lines.append(line if is_choice_of_file else f"++{line}")
    return lines


def expand(overrides: Sequence[Override]) -> list[list[str]]:
    """The overrides of each run of a sweep, in the order of Hydra's basic sweeper. Raises ConfigError."""
    same = [o.input_line or "" for o in overrides if o.is_delete() or o.is_hydra_override()]
    ranged = [o for o in overrides if not (o.is_delete() or o.is_hydra_override())]
    try:
        return [[*same, *trial] for trial in BasicSweeper.split_arguments(ranged, None)[0]]
    except HydraException as error:
        raise ConfigError([Mistake((), str(error), place="command line  -m")]) from None
