"""Every option of a configuration is one of three kinds.

*Structural* options change the compiled program: widths, batch size, the kind of an optimizer.
*Value* options enter it as runtime scalars, so that a sweep over them compiles once: rates, decay, seeds.
*Loop* options concern only the loop around it: epochs, patience, how often to save.

An optional value (`float | None`) is structural between None and a number, and a value between two numbers.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Kind(StrEnum):
    """What a change of an option costs: another program, nothing, or only another loop."""

    STRUCTURAL = "structural"
    VALUE = "value"
    LOOP = "loop"


def structural(default: Any, description: str, *, unit: str | None = None, **constraints: Any) -> Any:
    """A field that changes the compiled program. `default` may be `...` for a field that must be given."""
    return _field(Kind.STRUCTURAL, default, description, unit, constraints)


def value(default: Any, description: str, *, unit: str | None = None, **constraints: Any) -> Any:
    """A field that enters the compiled program as a runtime scalar."""
    return _field(Kind.VALUE, default, description, unit, constraints)


def loop(default: Any, description: str, *, unit: str | None = None, **constraints: Any) -> Any:
    """A field that only the training loop sees."""
    return _field(Kind.LOOP, default, description, unit, constraints)


def _field(kind: Kind, default: Any, description: str, unit: str | None, constraints: dict[str, Any]) -> Any:
    extra: dict[str, Any] = {"kind": kind.value}
    if unit:
        extra["unit"] = unit
    # A mapping or list is made anew for each instance, so that no two share one.
    source = {"default_factory": lambda: default.copy()} if isinstance(default, (dict, list)) else {"default": default}
    return Field(description=description, json_schema_extra=extra, **source, **constraints)


class Component(BaseModel):
    """Whatever a configuration declares: frozen, strict about unknown keys, every field of a stated kind."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        protected_namespaces=(),
        allow_inf_nan=False,
        strict=True,
        defer_build=True,  # an experiment uses few of all that there are
    )

    @classmethod
    def kind_of(cls, name: str) -> Kind:
        """The kind of the field `name`. Raises KeyError for a name that is no field."""
        extra = cls.model_fields[name].json_schema_extra
        if not isinstance(extra, dict) or "kind" not in extra:
            raise TypeError(f"{cls.__name__}.{name} does not say whether it is structural, a value or of the loop")
        return Kind(extra["kind"])
