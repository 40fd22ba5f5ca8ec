"""An example of a component as it stands in YAML: the one in its text, or one made of the options that it needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from framework.fields import Component

_IN_DOC = re.compile(r"Example: `(\{.*?\})`", re.DOTALL)
# What usually stands for options that must be given.
_TYPICAL: dict[str, Any] = {
    "cropping": 1,
    "boundaries": ["2 epochs"],
    "boundaries_and_scales": {"10 epochs": 0.1},
    "decay_rate": 0.5,
    "filters": 32,
    "function": "relu",
    "kernel_size": 3,
    "op": "Tanh",
    "order": [2, 1],
    "path": "data.npz",
    "pattern": "*/kernel",
    "rate": 0.5,
    "schedules": [{"type": "constant"}, {"type": "cosine_decay"}],
    "shape": [-1],
    "units": 10,
}


def example(name: str, component: type[Component]) -> dict[str, Any]:
    """The mapping that declares a component: its `type` and whatever it cannot be without."""
    written = _IN_DOC.search(component.__doc__ or "")
    if written:
        return yaml.safe_load(written[1])
    schema = component.model_json_schema()
    needed = schema.get("required", [])
    return {"type": name, **{option: _value(option, schema["properties"][option]) for option in needed}}


def _value(option: str, schema: Mapping[str, Any]) -> Any:
    """Something that an option takes."""
    if option in _TYPICAL:
        return _TYPICAL[option]
    if "examples" in schema:
        return schema["examples"][0]
    if "anyOf" in schema:
        return _value("", schema["anyOf"][0])
    if "enum" in schema:
        return schema["enum"][0]
    least, most = schema.get("minimum", schema.get("exclusiveMinimum", 0)), schema.get("maximum")
    simple = {"integer": max(least, 4 if most is None else min(4, most)), "number": least + 0.1, "boolean": True}
    if schema.get("type") == "array":
        return [_value("", item) for item in schema.get("prefixItems", [schema.get("items", {})])]
    return simple.get(schema.get("type", ""), "name")
