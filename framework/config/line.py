"""A line of text with numbers of a run in it: `Epoch: {epoch:04d} cost= {train/loss:.9f}`."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from string import Formatter
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from framework.fields import Component, loop

# No width or precision of three digits: a line stays a line.
_SPEC = re.compile(r"([<>=^]?[-+ ]?0?\d{0,2},?(\.\d{1,2})?[dfeg%]?)\Z")
_EXAMPLE = "'Epoch: {epoch:04d} cost= {train/loss:.9f}'"
# What a line may name beside losses and metrics.
PLACE = ("epoch", "epochs", "step", "steps", "examples_per_second")


class Line(str):
    """Text with names of numbers in braces, each perhaps with a colon and how it is written, as Python writes it.

    Nothing but a number can be named: no attribute, no index, no conversion.
    """

    @property
    def names(self) -> list[str]:
        """The numbers that are named, in their order."""
        return [name for _, name, _, _ in Formatter().parse(self) if name is not None]

    def filled(self, numbers: Mapping[str, float]) -> str:
        """The text with the numbers in it; `nan` for those that are not known yet."""
        return "".join(
            text + ("" if name is None else _written(numbers.get(name, math.nan), spec or ""))
            for text, name, spec, _ in Formatter().parse(self)
        )

    @classmethod
    def parse(cls, raw: Any) -> Line:
        """The line that `raw` is. Raises PydanticCustomError."""
        if not isinstance(raw, str) or "\n" in raw:
            raise _wrong(f"must be one line of text, such as {_EXAMPLE}")
        try:
            parts = list(Formatter().parse(raw))
        except ValueError as error:
            raise _wrong(f"{str(error).lower()}, found {raw!r}; a brace itself is written twice") from None
        for _, name, spec, conversion in parts:
            if name is not None and (conversion or not _is_spec(spec or "")):
                found = name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
                raise _wrong(f"a number is written as {{name}}, or as {{name:04d}} or {{name:.9f}}, found {{{found}}}")
        return cls(raw)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(cls.parse)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "examples": ["Epoch: {epoch:04d} cost= {train/loss:.9f}"]}


class Lines(Component):
    """What a run prints in place of its table, as lines of one's own."""

    epoch: Line | None = loop(None, "the line of each epoch; train/loss, ... are means over it")
    end: Line | None = loop(None, "the line at the end of the run, which may name test/loss, ...")


def _wrong(message: str) -> PydanticCustomError:
    return PydanticCustomError("line", "{message}", {"message": message})


def _is_spec(spec: str) -> bool:
    """Whether numbers can be written so, and no longer than a line."""
    try:
        return _SPEC.match(spec) is not None and _written(1.0, spec) != ""
    except ValueError:
        return False


def _written(number: float, spec: str) -> str:
    """A number by a format of Python's; a whole one as an integer, where the format wants one or wants nothing."""
    if not math.isfinite(number):
        return str(number)
    is_whole = float(number).is_integer()
    if spec.endswith("d") and not is_whole:
        spec = spec[:-1]
    as_integer = spec.endswith("d") or (not spec and is_whole and abs(number) < 1e15)
    return format(int(number) if as_integer else number, spec)
