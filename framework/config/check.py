"""From a tree of plain values to an Experiment, with every mistake found at once.

Each component (a mapping with a `type`) is looked up in the registry of its place and checked by its own model, so
that a wrong value is one mistake however many components there are.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from framework.config.experiment import Experiment
from framework.data import DATASETS
from framework.errors import ConfigError, Mistake
from framework.fields import Component
from framework.layers import LAYERS, LOSSES, METRICS
from framework.optimizers import OPTIMIZERS, SCHEDULES
from framework.registry import Registry, did_you_mean

Path = tuple[str, ...]
_FORBIDDEN = ("_target_", "_partial_", "_convert_", "_recursive_", "_args_")
# Where the components stand: one at the path itself, or one under each key below it.
_SINGLE: dict[Path, Registry[Any]] = {("dataset",): DATASETS, ("optimizer",): OPTIMIZERS, ("schedule",): SCHEDULES}
_NAMED: dict[Path, Registry[Any]] = {("model", "layers"): LAYERS, ("loss",): LOSSES, ("metrics",): METRICS}


def check(tree: Mapping[str, Any]) -> Experiment:
    """The Experiment that a tree describes. Raises ConfigError with all that is wrong with it."""
    mistakes = list(_forbidden(tree, ()))
    if not mistakes:
        mistakes = _import_plugins(tree.get("plugins"))
    if mistakes:
        raise ConfigError(mistakes)

    prepared = {key: dict(value) if isinstance(value, Mapping) else value for key, value in tree.items()}
    for path, registry in _SINGLE.items():
        if path[0] in prepared:
            prepared[path[0]] = parse_component(registry, prepared[path[0]], path, mistakes)
    for path, registry in _NAMED.items():
        parent, key = _parent(prepared, path)
        if parent is not None and isinstance(parent.get(key), Mapping):
            parent[key] = {
                name: parse_component(registry, raw, (*path, str(name)), mistakes)
                for name, raw in parent[key].items()
            }
    broken = {mistake.path for mistake in mistakes}
    experiment = _validate(Experiment, prepared, (), mistakes, lambda path: _lies_in(path, broken))
    if experiment is not None and not mistakes:
        mistakes.extend(_contradictions(experiment))
    if mistakes or experiment is None:
        raise ConfigError(mistakes)
    return experiment


def parse_component(registry: Registry[Any], raw: Any, path: Path, mistakes: list[Mistake]) -> Component | None:
    """The component that `raw` declares; None, and something in `mistakes`, when it cannot be."""
    if not isinstance(raw, Mapping):
        mistakes.append(Mistake(path, f"a {registry.kind} is a mapping with a 'type', found {raw!r}"))
        return None
    if "type" not in raw:
        known = ", ".join(sorted(registry))
        mistakes.append(Mistake(path, f"this {registry.kind} does not say its 'type'  known: {known}"))
        return None
    kind = registry.get(str(raw["type"]))
    if kind is None:
        mistakes.append(Mistake((*path, "type"), registry.unknown(raw["type"])))
        return None
    options = {str(key): value for key, value in raw.items() if key != "type"}
    return _validate(kind, options, path, mistakes, title=f"{registry.kind} {raw['type']}")


def _validate(
    model: type[Any],
    options: Mapping[str, Any],
    path: Path,
    mistakes: list[Mistake],
    passes: Callable[[Path], bool] = lambda path: False,
    title: str = "",
) -> Any:
    """An instance of `model`; None, and something in `mistakes`, when the options do not fit."""
    try:
        return model.model_validate(options)
    except ValidationError as error:
        found: dict[Path, Mistake] = {}
        for details in error.errors():
            keys = tuple(str(key) for key in _keys(details["loc"], options))
            if not passes((*path, *keys)):
                found.setdefault(keys, Mistake((*path, *keys), _say(details, model, keys, title)))
        mistakes.extend(found.values())
        return None


def _keys(location: tuple[Any, ...], options: Any) -> list[Any]:
    """The part of pydantic's location that names keys: it also names the members of a union that it tried."""
    keys: list[Any] = []
    for part in location:
        if isinstance(options, Mapping) and (part in options or not keys or part == location[-1]):
            options = options.get(part)
            keys.append(part)
        elif isinstance(options, (list, tuple)) and isinstance(part, int) and part < len(options):
            options = options[part]
            keys.append(part)
    return keys


# What pydantic calls a mistake -> what we say of it; {name} are the values of its context.
_SAYINGS = {
    "int_type": "must be an integer",
    "int_parsing": "must be an integer",
    "int_from_float": "must be an integer",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be text",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "model_attributes_type": "must be a mapping",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
    "string_pattern_mismatch": "must consist of letters, digits and _ . - alone",
}


def _say(details: ErrorDetails, model: type[BaseModel], keys: Path, title: str) -> str:
    kind, context, found = details["type"], details.get("ctx", {}), details["input"]
    owner = title or ("the configuration" if len(keys) < 2 else ".".join(keys[:-1]))
    if kind == "extra_forbidden":
        options = _options_at(model, keys[:-1])
        who = owner if not title or len(keys) < 2 else f"{title}: {'.'.join(keys[:-1])}"
        return f"{who} has no option '{keys[-1]}'{did_you_mean(keys[-1], options)}  options: {', '.join(options)}"
    if kind == "missing":
        return f"{owner} needs the option '{keys[-1]}'"
    if kind not in _SAYINGS:
        return f"{details['msg']}; found {_show(found)}" if context.get("reason") is None else str(context["reason"])
    saying = _SAYINGS[kind].format(**context)
    hint = ""
    if kind.startswith(("int", "float")) and isinstance(found, str):
        hint = "; write it without quotes" if _is_number(found) else ""
    return f"{saying}, found {_show(found)}{hint}"


def _options_at(model: type[BaseModel], keys: Path) -> list[str]:
    """The options of the model at `keys` below `model`."""
    for key in keys:
        field = model.model_fields.get(key)
        inner = [t for t in _members(field.annotation) if isinstance(t, type)] if field else []
        model = next((t for t in inner if issubclass(t, BaseModel)), model)
    return list(model.model_fields)


def _members(annotation: Any) -> list[Any]:
    return [annotation, *getattr(annotation, "__args__", ())]


def _show(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _lies_in(path: Path, broken: set[Path]) -> bool:
    """Whether a path is at, above or below a component that was found broken already."""
    return any(path == other[: len(path)] or other == path[: len(other)] for other in broken)


def _parent(tree: dict[str, Any], path: Path) -> tuple[dict[str, Any] | None, str]:
    node: Any = tree
    for key in path[:-1]:
        node = node.get(key) if isinstance(node, dict) else None
    return (node if isinstance(node, dict) else None), path[-1]


def _forbidden(value: Any, path: Path) -> list[Mistake]:
    """Keys by which Hydra would build Python objects: a configuration is inert."""
    if isinstance(value, Mapping):
        found = [
            Mistake((*path, str(key)), f"'{key}' is refused: a configuration names components by 'type' and runs nothing")
            for key in value
            if key in _FORBIDDEN
        ]
        return [*found, *(m for key, item in value.items() for m in _forbidden(item, (*path, str(key))))]
    if isinstance(value, (list, tuple)):
        return [m for k, item in enumerate(value) for m in _forbidden(item, (*path, str(k)))]
    return []


def _import_plugins(names: Any) -> list[Mistake]:
    """Imports the modules that the user listed: the one door by which code of theirs comes in."""
    mistakes = []
    for position, name in enumerate(names if isinstance(names, list) else []):
        try:
            importlib.import_module(str(name))
        except Exception as error:
            message = f"the plugin '{name}' cannot be imported: {type(error).__name__}: {error}"
            mistakes.append(Mistake(("plugins", str(position)), message))
    return mistakes


def _contradictions(experiment: Experiment) -> list[Mistake]:
    """What single fields cannot see: options that exclude each other, and names that nothing bears."""
    trainer, monitored = experiment.trainer, experiment.monitored
    found = []
    if trainer.epochs is None and trainer.steps is None:
        found.append(Mistake(("trainer",), "says neither epochs nor steps, so the run would have no end"))
    if trainer.epochs is not None and trainer.steps is not None:
        message = f"epochs ({trainer.epochs}) and steps ({trainer.steps}) are both given; set one of them to null"
        found.append(Mistake(("trainer", "steps"), message, related=("trainer", "epochs")))
    watched = {("trainer", "keep_best"): trainer.keep_best}
    if trainer.early_stop:
        watched["trainer", "early_stop", "monitor"] = trainer.early_stop.monitor
    for path, name in watched.items():
        if name is not None and name not in monitored:
            message = f"nothing is reported as '{name}'{did_you_mean(name, monitored)}  known: {', '.join(monitored)}"
            found.append(Mistake(path, message))
    return found
