"""The options of a component in words: what each takes, its default, its kind, unit and limits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pydantic_core import PydanticUndefined

from framework.fields import Component
from framework.layers import INITIALIZERS, Initializer

_WORDS = {
    "integer": "integer",
    "number": "number",
    "boolean": "true | false",
    "string": "text",
    "null": "null",
    "object": "mapping",
    "array": "list",
}
_LEAST = {"minimum": "<=", "exclusiveMinimum": "<"}
_MOST = {"maximum": "<=", "exclusiveMaximum": "<"}
_OTHER_WAY = {"<=": ">=", "<": ">"}
_LONGEST = 44  # characters of a list of names; a longer one is only counted


@dataclass(frozen=True)
class Option:
    """One option of a component.

    takes: its type and limits in words. default: as it stands in YAML; None where it must be given. unit: or None.
    """

    name: str
    takes: str
    default: str | None
    kind: str
    unit: str | None
    description: str


def options(component: type[Component]) -> list[Option]:
    """The options of a component: those that must be given, its own, and then those that every one of its kind has."""
    schema = component.model_json_schema()
    found = []
    for name, field in component.model_fields.items():
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, Mapping) else {}
        default = field.get_default(call_default_factory=True)
        found.append(
            Option(
                name=name,
                takes=words(schema["properties"][name]),
                default=None if default is PydanticUndefined else in_yaml(default),
                kind=component.kind_of(name).value,
                unit=str(extra["unit"]) if "unit" in extra else None,
                description=field.description or "",
            )
        )
    shared = {name for base in component.__mro__[1:] for name in getattr(base, "model_fields", {})}
    return sorted(found, key=lambda option: (option.default is not None, option.name in shared))


def words(schema: Mapping[str, Any]) -> str:
    """What a JSON Schema allows, in words: `integer >= 1 or null`."""
    if "examples" in schema:
        return "such as " + ", ".join(in_yaml(example) for example in schema["examples"])
    if "$ref" in schema:
        return snake_case(schema["$ref"].rpartition("/")[2])
    if "const" in schema:
        return in_yaml(schema["const"])
    if "enum" in schema:
        names = " | ".join(in_yaml(item) for item in schema["enum"])
        return names if len(names) <= _LONGEST else f"one of {len(schema['enum'])} names"
    alternatives = schema.get("anyOf") or schema.get("oneOf")
    if alternatives:
        return _either([words(member) for member in alternatives])
    if "prefixItems" in schema:
        members = [words(item) for item in schema["prefixItems"]]
        return f"{len(members)} of {' and '.join(dict.fromkeys(members))}"
    kind = schema.get("type")
    if kind == "array" and schema.get("items"):
        return f"list of {words(schema['items'])}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"mapping to {words(schema['additionalProperties'])}"
    return _limited(_WORDS.get(str(kind), "anything"), schema)


def _either(members: list[str]) -> str:
    """Alternatives; `integer >= 1 or 2 of them` where one is a list of the one before."""
    short = members[:1]
    for before, member in pairwise(members):
        listed = re.fullmatch(rf"(\d+) of {re.escape(before)}", member)
        short.append(f"{listed[1]} of them" if listed else member)
    return " or ".join(dict.fromkeys(short))


def _limited(word: str, schema: Mapping[str, Any]) -> str:
    """A word between its limits: `0 <= number < 1`, `integer >= 1`."""
    least = next(((sign, in_yaml(schema[key])) for key, sign in _LEAST.items() if key in schema), None)
    most = next((f" {sign} {in_yaml(schema[key])}" for key, sign in _MOST.items() if key in schema), "")
    if least is None:
        return word + most
    return f"{least[1]} {least[0]} {word}{most}" if most else f"{word} {_OTHER_WAY[least[0]]} {least[1]}"


def snake_case(name: str) -> str:
    """EarlyStop -> early_stop."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).removeprefix("_")


def in_yaml(value: Any) -> str:
    """A value of an option as it stands in YAML, on one line."""
    if isinstance(value, Initializer):
        name = INITIALIZERS.name_of(value)
        given = {key: item for key, item in value if item != type(value).model_fields[key].default}
        return in_yaml({"type": name, **given}) if given else name
    if isinstance(value, Component):
        return in_yaml(dict(value))
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {in_yaml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return f"[{', '.join(map(in_yaml, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return f"{value:g}" if isinstance(value, float) else str(value)
