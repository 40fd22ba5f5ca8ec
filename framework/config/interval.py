"""An interval of training: `1 epoch`, `3 epochs`, `50 steps`."""

from __future__ import annotations

import re
from typing import Any, Literal, NamedTuple

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

_TEXT = re.compile(r"\s*(\d+)\s*(epoch|step)s?\s*\Z")
_ALLOWED = "must be a number of steps or epochs, such as '50 steps' or '1 epoch'"


class Interval(NamedTuple):
    """How often something is done."""

    count: int
    unit: Literal["epoch", "step"]

    def steps(self, steps_per_epoch: int) -> int:
        """The interval in steps."""
        return self.count * (steps_per_epoch if self.unit == "epoch" else 1)

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'s' * (self.count != 1)}"

    @classmethod
    def parse(cls, raw: Any) -> Interval:
        """The interval that `raw` names; a bare integer counts steps. Raises PydanticCustomError."""
        if isinstance(raw, Interval):
            return raw
        if isinstance(raw, int) and not isinstance(raw, bool):
            raw = f"{raw} steps"
        match = _TEXT.match(raw) if isinstance(raw, str) else None
        if match is None or int(match[1]) < 1:
            raise PydanticCustomError(
                "interval", "must be a number of steps or epochs, such as '50 steps' or '1 epoch'"
            )
        return cls(int(match[1]), "epoch" if match[2] == "epoch" else "step")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(cls.parse)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        text = {"type": "string", "pattern": r"^\s*\d+\s*(epoch|step)s?\s*$"}
        return {"anyOf": [text, {"type": "integer", "minimum": 1}], "examples": ["1 epoch", "50 steps"]}
