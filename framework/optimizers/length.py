"""A stretch of a run: a number of steps, a fraction of the run, or `2 epochs`."""

from __future__ import annotations

import re
from typing import Any, Literal, NamedTuple

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

_TEXT = re.compile(r"\s*(\d+\.?\d*|\.\d+)\s*(?:(epoch|step)s?)?\s*\Z")
_ALLOWED = "must be a number of steps such as 500, a fraction of the run such as 0.1, or epochs such as '2 epochs'"


class Length(NamedTuple):
    """How many steps, said in one of three units."""

    count: float
    unit: Literal["epoch", "step", "run"]

    def steps(self, steps_per_epoch: int, total_steps: int) -> int:
        """The length in whole steps, rounded down."""
        factor = {"epoch": steps_per_epoch, "step": 1, "run": total_steps}[self.unit]
        return int(self.count * factor + 1e-9)  # 0.29 of 100 steps is 28.999999999999996

    def __str__(self) -> str:
        return f"{self.count:g}" if self.unit == "run" else f"{self.count:g} {self.unit}{'s' * (self.count != 1)}"

    @classmethod
    def parse(cls, raw: Any) -> Length:
        """The length that `raw` names; a float is a fraction of the run. Raises PydanticCustomError."""
        if isinstance(raw, Length):
            return raw
        if isinstance(raw, str) and (match := _TEXT.match(raw)):
            number = float(match[1]) if "." in match[1] else int(match[1])
            if match[2] == "epoch":
                return cls(number, "epoch")
            if match[2] is None or isinstance(number, int):
                raw = number
        if isinstance(raw, int) and not isinstance(raw, bool) and raw >= 0:
            return cls(raw, "step")
        if isinstance(raw, float) and 0 <= raw <= 1:
            return cls(raw, "run")
        raise PydanticCustomError("length", _ALLOWED)

    @classmethod
    def parse_positive(cls, raw: Any) -> Length:
        """As `parse`, but 0 is refused."""
        parsed = cls.parse(raw)
        if not parsed.count:
            raise PydanticCustomError("length", f"{_ALLOWED}; more than 0")
        return parsed

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(cls.parse)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"type": "number", "minimum": 0, "maximum": 1},
                {"type": "string", "pattern": r"^\s*(\d+\.?\d*|\.\d+)\s*((epoch|step)s?)?\s*$"},
            ],
            "examples": [500, 0.1, "2 epochs"],
        }
