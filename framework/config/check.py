"""From a tree of plain values to an Experiment, with every mistake found at once.

Each component (a mapping with a `type`) is looked up in the registry of its place and checked by its own model, so
that a wrong value is one mistake however many components there are.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from framework.config.blocks import expand
from framework.config.contradictions import contradictions
from framework.config.experiment import Experiment, Model
from framework.config.flat import placed
from framework.config.sayings import Path, show, translate
from framework.data import DATASETS
from framework.errors import ConfigError, Mistake
from framework.fields import Component
from framework.layers import AUGMENTATIONS, LAYERS, LOSSES, METRICS
from framework.optimizers import OPTIMIZERS, SCHEDULES
from framework.registry import Registry

_BUILDS = ("_target_", "_partial_", "_convert_", "_recursive_", "_args_")
# Where the components stand: one at the key itself, one under each key below it, or a list of them in an option.
_SINGLE: dict[str, Registry[Any]] = {"dataset": DATASETS, "optimizer": OPTIMIZERS, "schedule": SCHEDULES}
_NAMED: dict[str, Registry[Any]] = {"loss": LOSSES, "metrics": METRICS}
_LISTED: dict[tuple[str, str], Registry[Any]] = {("dataset", "augment"): AUGMENTATIONS}


def check(tree: Mapping[str, Any]) -> Experiment:
    """The Experiment that a tree describes. Raises ConfigError with all that is wrong with it."""
    found = _Found([*_refused(tree, ()), *import_plugins(tree.get("plugins"))])
    prepared: dict[str, Any] = {
        str(key): dict(value) if isinstance(value, Mapping) else value for key, value in tree.items()
    }
    for (key, option), registry in _LISTED.items():
        holder = prepared.get(key)
        if isinstance(holder, dict) and isinstance(holder.get(option), (list, tuple)):
            holder[option] = [
                _parse_component(registry, raw, (key, option, str(position)), found)
                for position, raw in enumerate(holder[option])
            ]
    for key, registry in _SINGLE.items():
        if key in prepared:
            prepared[key] = _parse_component(registry, prepared[key], (key,), found)
    for key, registry in _NAMED.items():
        if isinstance(prepared.get(key), Mapping):
            prepared[key] = {
                str(name): _parse_component(registry, raw, (key, str(name)), found)
                for name, raw in prepared[key].items()
            }
    if isinstance(prepared.get("model"), dict):
        prepared["model"] = _parse_model(prepared["model"], found)
    experiment: Experiment | None = _validate(Experiment, prepared, (), "", found)
    if experiment is not None:
        found.extend(contradictions(experiment))
    if experiment is None or found.mistakes:
        raise ConfigError(found.mistakes)
    return experiment


class _Found:
    """The mistakes so far. What lies at, above or below one of them follows from it, and is passed over."""

    def __init__(self, mistakes: Iterable[Mistake]):
        self.mistakes = list(mistakes)

    def extend(self, mistakes: Iterable[Mistake]) -> None:
        for mistake in mistakes:
            if not any(_is_around(known.path, mistake.path) for known in self.mistakes):
                self.mistakes.append(mistake)


def _is_around(path: Path, other: Path) -> bool:
    return path == other[: len(path)] or other == path[: len(other)]


def _parse_model(raw: dict[str, Any], found: _Found) -> Any:
    """The model that `raw` declares, its blocks written out; what is wrong is noted where it was written."""
    if not isinstance(raw.get("layers"), Mapping):
        return raw
    expansion = expand(raw)
    found.extend(expansion.mistakes)
    blocks, inner = raw.get("blocks"), _Found([])
    blocks = blocks if isinstance(blocks, Mapping) else {}
    layers = {
        name: _parse_component(LAYERS, flat.options, ("model", "layers", name), inner, also=blocks)
        for name, flat in expansion.layers.items()
    }
    model: Model | None = _validate(Model, {**raw, "blocks": {}, "layers": layers}, ("model",), "model", inner)
    found.extend(placed(mistake, expansion.layers) for mistake in inner.mistakes)
    if model is not None:
        model._flat.update(expansion.layers)
    return model


def _parse_component(
    registry: Registry[Any], raw: Any, path: Path, found: _Found, also: Iterable[str] = ()
) -> Component | None:
    """The component that `raw` declares; None when there is something wrong with it. also: further known types."""
    kind = registry.kind
    if not isinstance(raw, Mapping):
        hint = f"such as {{type: {raw}}}" if isinstance(raw, str) and raw in registry else None
        message = f"{'an' if kind[0] in 'aeiou' else 'a'} {kind} is a mapping with a 'type', found {show(raw)}"
        found.extend([Mistake(path, message, hint)])
    elif "type" not in raw:
        message = f"this {kind} does not say its 'type'  known: {', '.join(sorted(registry))}"
        found.extend([Mistake(path, message)])
    elif not isinstance(raw["type"], str) or raw["type"] not in registry:
        found.extend([Mistake((*path, "type"), registry.unknown(raw["type"], also))])
    else:
        options = {str(key): value for key, value in raw.items() if key != "type"}
        return _validate(registry[raw["type"]], options, path, f"{kind} {raw['type']}", found)
    return None


def _validate(model: type[Any], options: Mapping[str, Any], path: Path, title: str, found: _Found) -> Any:
    """An instance of `model`; None when the options do not fit."""
    try:
        return model.model_validate(options)
    except ValidationError as error:
        found.extend([mistake.below(*path) for mistake in translate(error, model, options, title)])
        return None


def _refused(value: Any, path: Path) -> Iterator[Mistake]:
    """Keys by which Hydra would build Python objects, and values that were left open."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            below = (*path, str(key))
            if key in _BUILDS:
                yield Mistake(below, f"'{key}' is refused: a configuration names components by 'type' and runs nothing")
            yield from _refused(item, below)
    elif isinstance(value, (list, tuple)):
        for position, item in enumerate(value):
            yield from _refused(item, (*path, str(position)))
    elif value == "???":
        dotted = ".".join(path)
        yield Mistake(path, f"'{dotted}' has no value yet", f"give it one: {dotted}=...")


def import_plugins(names: Any) -> Iterator[Mistake]:
    """Imports the modules that the user listed: the one door by which code of theirs comes in.

    They are installed, stand beside `train.py`, or in the folder where the user is, which is looked through last.
    """
    if names and os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())
    for position, name in enumerate(names if isinstance(names, list) else []):
        if not isinstance(name, str) or name == "???":
            continue
        try:
            importlib.import_module(name)
        except Exception as error:  # whatever a module raises while it is imported is the user's to mend
            reason = f"{type(error).__name__}: {error}"
            yield Mistake(("plugins", str(position)), f"the plugin '{name}' cannot be imported: {reason}")
