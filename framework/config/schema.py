"""The JSON Schema of the configuration, by which editors complete and check the YAML.

It is made of the models by which the check goes. A mapping with a `type` has the options of that type. In place of an
option may stand what is replaced before the check: an interpolation, or in a block the name of a parameter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel

from framework.config.block_declaration import CONTROLS
from framework.config.experiment import Experiment
from framework.data import DATASETS, Dataset
from framework.layers import (
    AUGMENTATIONS,
    INITIALIZERS,
    LAYERS,
    LOSSES,
    METRICS,
    Augmentation,
    Initializer,
    Layer,
    Loss,
    Metric,
)
from framework.optimizers import OPTIMIZERS, SCHEDULES, Optimizer, Schedule
from framework.registry import Registry

Schema = dict[str, Any]

UNIONS: dict[type[BaseModel], Registry[Any]] = {
    Layer: LAYERS,
    Loss: LOSSES,
    Metric: METRICS,
    Initializer: INITIALIZERS,
    Augmentation: AUGMENTATIONS,
    Dataset: DATASETS,
    Optimizer: OPTIMIZERS,
    Schedule: SCHEDULES,
}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXT: Schema = {"type": "string"}
_INTERPOLATION: Schema = {"type": "string", "pattern": r"\$\{.+\}|^\?\?\?$"}
# In a block: the name of a parameter, or a product such as `4 * width`.
_PARAMETER: Schema = {"type": "string", "pattern": r"^\s*\w+(\s*\*\s*\w+)*\s*$"}
_IN_BLOCK = "InBlock"
_CONTROLS: dict[str, Schema] = {
    "repeat": {"type": "integer", "minimum": 1},
    "first": {"type": "object"},
    "when": {"type": "boolean"},
}
_DEFAULTS: dict[str, Schema] = {
    "defaults": {"type": "array", "description": "the files that this one is put on top of, or chooses"},
}
_SINGLE = (DATASETS, OPTIMIZERS, SCHEDULES)  # one component is all that a file of theirs holds


def experiment_schema() -> Schema:
    """The schema of a whole configuration, such as the `config.yaml` of a run folder."""
    return _document("experiment", *_Writer().sections())


def recipe_schema() -> Schema:
    """The schema of a file that says parts of a configuration, such as those of `experiments/`: nothing is required."""
    writer = _Writer(is_part=True)
    sections, definitions = writer.sections()
    sections["properties"]["hydra"] = {"type": "object", "description": "where runs are kept, how sweeps are started"}
    return _document("recipe", sections, definitions)


def group_schema(group: str) -> Schema:
    """The schema of a file of `conf/<group>/`. Raises KeyError when the configuration has no such section."""
    sections, definitions = _Writer(is_part=True).sections()
    return _document(group, sections["properties"][group], definitions)


def groups() -> list[str]:
    """The sections of a configuration that can be files of their own."""
    properties = Experiment.model_json_schema()["properties"]
    return [name for name, schema in properties.items() if "$ref" in schema or schema.get("type") == "object"]


def _document(title: str, schema: Schema, definitions: Schema) -> Schema:
    return {"$schema": _DIALECT, "title": title, **schema, "$defs": _reached(schema, definitions)}


def _reached(schema: Schema, definitions: Schema) -> Schema:
    """The definitions that a schema refers to, and those that they refer to."""
    found: Schema = {}
    waiting = [schema]
    while waiting:
        for name in _references(waiting.pop()):
            if name not in found:
                found[name] = definitions[name]
                waiting.append(definitions[name])
    return dict(sorted(found.items()))


def _references(schema: Any) -> Iterator[str]:
    """The name of every definition that a schema refers to."""
    if isinstance(schema, Mapping):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"].rpartition("/")[2]
        schema = list(schema.values())
    for item in schema if isinstance(schema, list) else ():
        yield from _references(item)


class _Writer:
    """Writes the sections of a configuration and the definitions that they refer to.

    is_part: whether a file may leave out what another says, and begin with a defaults list.
    """

    def __init__(self, *, is_part: bool = False):
        self.is_part = is_part
        self.definitions: Schema = {}

    def sections(self) -> tuple[Schema, Schema]:
        """The object of all sections, and all definitions by name."""
        found = self._options(Experiment)
        self._write_model()
        for base, registry in UNIONS.items():
            self._write_union(base.__name__, registry)
        self._write_initializer()
        if self.is_part:
            for holder in (found, *(self.definitions[name] for name in ("Model", "Sweep", "Trainer"))):
                holder["properties"] |= _DEFAULTS
        return found, self.definitions

    def _options(self, component: type[BaseModel], instead: Schema = _INTERPOLATION, suffix: str = "") -> Schema:
        """The object of a component's options. instead: what may stand in place of any of them."""
        found = _raw(component)
        for name, definition in found.get("$defs", {}).items():
            if name not in self.definitions:
                self.definitions[name] = self._object(definition, _INTERPOLATION)
        return self._object(found, instead, suffix)

    def _object(self, schema: Schema, instead: Schema, suffix: str = "") -> Schema:
        properties = {name: _option(item, instead) for name, item in schema.get("properties", {}).items()}
        required = {} if self.is_part or "required" not in schema else {"required": schema["required"]}
        return {
            "type": "object",
            "description": _first_paragraph(schema.get("description", "")),
            "properties": properties,
            "additionalProperties": False,
            **required,
        }

    def _write_union(self, name: str, registry: Registry[Any], instead: Schema = _INTERPOLATION) -> None:
        """Defines a mapping with a `type`, and the options of each type."""
        types = sorted(registry)
        cases = []
        for kind in types:
            definition = f"{name}.{kind}"
            options = self._options(registry[kind], instead)
            options["properties"] = {"type": {"const": kind}, **options["properties"]}
            if self.is_part and registry in _SINGLE:
                options["properties"] |= _DEFAULTS
            self.definitions[definition] = _shareable(options, instead) if registry is LAYERS else options
            is_this = {"properties": {"type": {"const": kind}}, "required": ["type"]}
            cases.append({"if": is_this, "then": {"$ref": f"#/$defs/{definition}"}})
        known: Schema = {"enum": types, "description": f"which {registry.kind}"}
        if registry is LAYERS:  # of a block's own name, anything may be said
            known = {"anyOf": [known, _TEXT], "description": "which layer, or which block"}
        needs = {} if self.is_part or registry is LAYERS else {"required": ["type"]}
        self.definitions[name] = {"type": "object", "properties": {"type": known}, **needs, "allOf": cases}

    def _write_initializer(self) -> None:
        mapping = self.definitions["Initializer"]
        self.definitions["Initializer"] = {"anyOf": [{"enum": sorted(INITIALIZERS)}, mapping]}

    def _write_model(self) -> None:
        """Adds blocks to the model, and that without them a layer is of a known type."""
        self._write_union(f"Layer{_IN_BLOCK}", LAYERS, _PARAMETER)
        model = self.definitions["Model"]
        known = {"properties": {"type": {"enum": sorted(LAYERS)}}}
        layers = {"properties": {"layers": {"additionalProperties": known}}}
        model["properties"]["blocks"] = {**model["properties"]["blocks"], "additionalProperties": _block()}
        has_blocks = {"required": ["blocks"], "properties": {"blocks": {"minProperties": 1}}}
        if not self.is_part:  # a file on top of another may use the blocks of that one
            model |= {"if": has_blocks, "else": layers}


@cache
def _raw(component: type[BaseModel]) -> Schema:
    """What pydantic says of a component; of a layer it is asked twice. Must not be changed."""
    return component.model_json_schema()


def _option(schema: Schema, instead: Schema) -> Schema:
    """An option, with its unit and kind told, that may be given as something to be replaced."""
    about = {key: schema[key] for key in ("default", "kind", "unit", "examples") if key in schema}
    unit = f"in {about['unit']}; " if "unit" in about else ""
    said = f"{schema.get('description', '')} ({unit}{about['kind']})" if "kind" in about else schema.get("description")
    bare = {key: item for key, item in schema.items() if key not in (*about, "title", "description")}
    takes = bare.get("anyOf", [bare])
    is_text = any(member.get("type") == "string" and not {"pattern", "enum"} & member.keys() for member in takes)
    is_whole = instead is _INTERPOLATION and all(
        "$ref" in member or member.get("type") in ("object", "array") for member in takes
    )
    result = bare if is_text or is_whole or not bare else {"anyOf": [*takes, instead]}
    return {**({"description": said} if said else {}), **about, **result}


def _shareable(options: Schema, instead: Schema) -> Schema:
    """The options of a layer, with what may be said of every layer; one that shares takes the rest over."""
    controls = {name: _option({**_CONTROLS[name], "description": CONTROLS[name]}, instead) for name in _CONTROLS}
    options["properties"] |= controls
    inputs = options["properties"]["inputs"]
    options["properties"]["inputs"] = {**inputs, "anyOf": [*inputs["anyOf"], _TEXT]}
    needed = options.pop("required", None)
    return {**options, "anyOf": [{"required": needed}, {"required": ["share"]}]} if needed else options


def _block() -> Schema:
    return {
        "type": "object",
        "required": ["layers"],
        "additionalProperties": False,
        "properties": {
            "parameters": {"type": "object", "description": "name of a parameter -> its default"},
            "inputs": {"type": "array", "items": _TEXT, "description": "names of what it reads; by default input"},
            "layers": {"type": "object", "additionalProperties": {"$ref": f"#/$defs/Layer{_IN_BLOCK}"}},
            "output": {"type": "string", "description": "the layer whose output is its own; by default the last"},
        },
    }


def _first_paragraph(text: str) -> str:
    return " ".join(text.split("\n\n")[0].split())
