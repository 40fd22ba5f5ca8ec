"""What pydantic finds wrong with the options of a component, in plain words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from framework.errors import Mistake
from framework.layers import INITIALIZERS, Initializer
from framework.optimizers import SCHEDULES, Schedule
from framework.registry import Registry, did_you_mean

Path = tuple[str, ...]
# Options that hold a component of their own, whose type is said by its name.
_INNER: dict[type, Registry[Any]] = {Initializer: INITIALIZERS, Schedule: SCHEDULES}

# What pydantic calls a mistake -> what we say of it; {name} are the values of its context.
_SAYINGS = {
    "int_type": "an integer",
    "int_parsing": "an integer",
    "int_from_float": "an integer",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "none_required": "null",
    "greater_than": "greater than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "literal_error": "{expected}",
    "enum": "{expected}",
    "string_pattern_mismatch": "letters, digits and _ . - alone",
}
_LENGTHS = {"too_short": "at least {min_length}", "too_long": "at most {max_length}"}


def translate(error: ValidationError, model: type[BaseModel], options: Mapping[str, Any], title: str) -> list[Mistake]:
    """One mistake for each wrong option, however many types it might have had; paths are those below `options`.

    title: what the model is called, such as `optimizer sgd`; empty for the whole configuration.
    """
    found: dict[Path, list[ErrorDetails]] = {}
    for details in error.errors():
        found.setdefault(_keys(details, options), []).append(details)
    # Of a union, what is wrong inside the member that fits best says more than that the others do not fit.
    deepest = [keys for keys in found if not any(keys == other[: len(keys)] != other for other in found)]
    return [Mistake(keys, *_say(found[keys], *_owner(model, title, options, keys), keys[-1])) for keys in deepest]


def _keys(details: ErrorDetails, options: Any) -> Path:
    """The keys of the wrong option: pydantic's location also names the members of a union that it tried."""
    keys: list[str] = []
    location = details["loc"]
    for position, part in enumerate(location):
        names_itself = details["type"] in ("missing", "extra_forbidden") and position == len(location) - 1
        if isinstance(options, Mapping) and (part in options or names_itself):
            options = options.get(part)
            keys.append(str(part))
        elif isinstance(options, (list, tuple)) and isinstance(part, int) and part < len(options):
            options = options[part]
            keys.append(str(part))
    return tuple(keys) or tuple(str(part) for part in location[:1])


def _owner(model: type[BaseModel], title: str, options: Any, keys: Path) -> tuple[type[BaseModel], str]:
    """The model that holds the option at `keys`, and what it is called."""
    is_component = bool(title)
    for depth, key in enumerate(keys[:-1]):
        options = options[int(key)] if isinstance(options, (list, tuple)) else options.get(key)
        field = model.model_fields.get(key)
        inner = [] if field is None else [c for c in _classes(field.annotation) if issubclass(c, BaseModel)]
        if not inner:
            continue
        registry = next((_INNER[base] for base in inner[0].__mro__ if base in _INNER), None)
        name = options.get("type") if isinstance(options, Mapping) else None
        if registry is not None and isinstance(name, str) and name in registry:
            model, title, is_component = registry[name], f"{registry.kind} {name}", True
        else:
            model = inner[0]
            title = f"{title}: {key}" if is_component else ".".join(keys[: depth + 1])
    return model, title or "the configuration"


def _classes(annotation: Any) -> list[type]:
    """Every class that an annotation speaks of."""
    own = [annotation] if isinstance(annotation, type) else []
    return [*own, *(found for part in get_args(annotation) for found in _classes(part))]


def _say(errors: list[ErrorDetails], model: type[BaseModel], title: str, key: str) -> tuple[str, str | None]:
    """What is wrong with one option, and what to do about it."""
    first = errors[0]
    if first["type"] == "extra_forbidden":
        known = list(model.model_fields)
        return f"{title} has no option '{key}'{did_you_mean(key, known)}  options: {', '.join(known)}", None
    if first["type"] == "missing":
        return f"{title} needs the option '{key}'", None
    allowed = list(dict.fromkeys(_allowed(details) for details in errors))
    if None in allowed:
        details = errors[allowed.index(None)]
        is_whole = details.get("ctx", {}).get("reason") is not None
        return details["msg"] + ("" if is_whole else f", found {show(details['input'])}"), None
    near = did_you_mean(str(first["input"]), _literals(errors))
    return f"must be {_either(allowed)}, found {show(first['input'])}{near}", _hint(first, model.model_fields.get(key))


def _literals(errors: list[ErrorDetails]) -> list[str]:
    """The words that might have been written."""
    return [
        word
        for details in errors
        if details["type"] == "literal_error"
        for word in re.findall(r"'([^']+)'", details.get("ctx", {}).get("expected", ""))
    ]


def _allowed(details: ErrorDetails) -> str | None:
    """What one member of a union would have taken; None where the message says it all."""
    context = details.get("ctx", {})
    if details["type"] in _LENGTHS:
        count = _LENGTHS[details["type"]].format(**context)
        return f"{'a list' if details['loc'][-1] != 0 else 'something'} of {count}"
    saying = _SAYINGS.get(details["type"])
    limits = {name: f"{limit:g}" if isinstance(limit, float) else limit for name, limit in context.items()}
    return None if saying is None else saying.format(**limits)


def _either(allowed: list[str | None]) -> str:
    return " or ".join(text for text in allowed if text is not None)


def _hint(details: ErrorDetails, field: FieldInfo | None) -> str | None:
    found = details["input"]
    if details["type"] == "string_type" and isinstance(found, (int, float)):
        return "quote it"
    if details["type"] == "list_type" and isinstance(found, (str, int, float)):
        return f"such as [{found}]"
    if details["type"] in ("model_type", "model_attributes_type", "dataclass_type") and field is not None:
        inner = [found for found in _classes(field.annotation) if issubclass(found, BaseModel)]
        return f"its options: {', '.join(inner[0].model_fields)}" if inner else None
    if not details["type"].startswith(("int", "float", "bool")) or not isinstance(found, str):
        return None
    if details["type"].startswith("bool"):
        return "write it without quotes" if found.lower() in ("true", "false") else None
    return "write it without quotes" if re.fullmatch(r"\s*[-+]?[\d._]+(e[-+]?\d+)?\s*", found, re.IGNORECASE) else None


def show(value: Any) -> str:
    """A value as it stands in YAML."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
