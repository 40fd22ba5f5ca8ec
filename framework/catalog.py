"""All that a configuration can name: layers, losses, optimizers, ... by kind and name, each with one line about it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, get_args

from framework.config.experiment import Experiment
from framework.config.loader import ROOT
from framework.config.options import snake_case
from framework.config.schema import UNIONS
from framework.data import DATASETS
from framework.errors import ConfigError, Mistake
from framework.fields import Component
from framework.graph.opdef import OPS, OpDef
from framework.layers import AUGMENTATIONS, INITIALIZERS, LAYERS, LOSSES, METRICS
from framework.layers.activations import ACTIVATIONS
from framework.optimizers import OPTIMIZERS, SCHEDULES, Optimizer
from framework.registry import Registry, did_you_mean


@dataclass(frozen=True)
class Entry:
    """Something that has a name. thing: a component's class, an op, a function or the file of a configuration."""

    kind: str
    name: str
    thing: Any

    @property
    def doc(self) -> str:
        """All that is said about it, as plain text."""
        if isinstance(self.thing, Path):
            return _comment(self.thing)
        if isinstance(self.thing, OpDef):
            return self.thing.doc
        text = inspect.getdoc(self.thing) or ""
        return text if inspect.isclass(self.thing) or self.kind == "activation" else ""

    @property
    def line(self) -> str:
        """What it is, in one sentence."""
        paragraph = " ".join(self.doc.split("\n\n")[0].split())
        return re.split(r"\.\s(?=[A-Z])", paragraph)[0].removesuffix(".")


@dataclass(frozen=True)
class Shelf:
    """Everything of one kind. plural: the word of `list`. place: where in a configuration it is named."""

    kind: str
    plural: str
    place: str
    contents: Callable[[], Mapping[str, Any]]

    def entries(self) -> list[Entry]:
        """What stands on it, by name."""
        return [Entry(self.kind, name, thing) for name, thing in self.contents().items()]


def _sorted(registry: Registry[Any]) -> dict[str, Any]:
    return {name: registry[name] for name in sorted(registry, key=str.lower)}


def _files(folder: str) -> dict[str, Path]:
    return {file.stem: file for file in sorted((ROOT / folder).glob("*.yaml"))}


def _sections() -> dict[str, type[Component]]:
    """The parts of a configuration that have no `type`, by name: `trainer`, `early_stop`, `clip`, ..."""
    found: dict[str, type[Component]] = {}
    waiting: list[type[Component]] = [Experiment, *_held(Optimizer)]
    while waiting:
        component = waiting.pop(0)
        name = snake_case(component.__name__)
        if component not in UNIONS and name not in found:
            found[name] = component
            waiting += _held(component)
    return found


def _held(component: type[Component]) -> list[type[Component]]:
    """The components that the options of one take."""
    types = [found for field in component.model_fields.values() for found in _classes(field.annotation)]
    return [found for found in types if issubclass(found, Component)]


def _classes(annotation: Any) -> Iterator[type]:
    """Every class that an annotation speaks of."""
    if isinstance(annotation, type) and not get_args(annotation):
        yield annotation
    for part in get_args(annotation):
        yield from _classes(part)


SHELVES = (
    Shelf("layer", "layers", "model.layers.<name>", partial(_sorted, LAYERS)),
    Shelf("activation", "activations", "the option `activation` of layers", partial(_sorted, ACTIVATIONS)),
    Shelf("initializer", "initializers", "options such as `kernel_initializer`", partial(_sorted, INITIALIZERS)),
    Shelf("loss", "losses", "loss.<name>", partial(_sorted, LOSSES)),
    Shelf("metric", "metrics", "metrics.<name>", partial(_sorted, METRICS)),
    Shelf("optimizer", "optimizers", "optimizer", partial(_sorted, OPTIMIZERS)),
    Shelf("schedule", "schedules", "schedule", partial(_sorted, SCHEDULES)),
    Shelf("dataset", "datasets", "dataset", partial(_sorted, DATASETS)),
    Shelf("augmentation", "augmentations", "dataset.augment", partial(_sorted, AUGMENTATIONS)),
    Shelf("op", "ops", "layers of {type: op, op: <name>}", partial(_sorted, OPS)),
    Shelf("model", "models", "model=<name>", partial(_files, "conf/model")),
    Shelf("recipe", "recipes", "experiments=<name>", partial(_files, "experiments")),
    Shelf("section", "sections", "the configuration", _sections),
)


def shelf(word: str) -> Shelf:
    """The shelf of a word of `list`, such as `layers` or `layer`. Raises ConfigError with the nearest."""
    for found in SHELVES:
        if word in (found.kind, found.plural):
            return found
    known = [found.plural for found in SHELVES]
    message = f"there is nothing to list as '{word}'{did_you_mean(word, known)}  known: {', '.join(known)}"
    raise ConfigError([Mistake((), message, place=f"command line  {word}")])


def shelf_of(kind: str) -> Shelf:
    """The shelf of an entry's kind."""
    return next(found for found in SHELVES if found.kind == kind)


def find(name: str, kind: str | None = None) -> list[Entry]:
    """Everything of that name, of one kind or of any. Raises ConfigError with the nearest name when there is none."""
    shelves = SHELVES if kind is None else (shelf(kind),)
    entries = [entry for one in shelves for entry in one.entries()]
    found = [entry for entry in entries if entry.name == name]
    if found:
        return found
    what = "nothing" if kind is None else f"no {shelves[0].kind}"
    near = did_you_mean(name, [entry.name for entry in reversed(entries)])  # of conv2d and Conv2D, the layer
    hint = f"python -m framework list{'' if kind is None else f' {shelves[0].plural}'} shows all names"
    raise ConfigError([Mistake((), f"there is {what} called '{name}'{near}", hint, place=f"command line  {name}")])


def _comment(file: Path) -> str:
    """The lines of comment that a configuration file begins with."""
    return "\n".join(_leading(file.read_text(encoding="utf-8").splitlines()))


def _leading(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if not line.startswith("#"):
            return
        text = line.removeprefix("#").strip()
        if not text.startswith(("@package", "yaml-language-server")):
            yield text.replace(": python", ".\n\npython") if ": python" in text else text
