"""Schedules of optax: how the learning rate changes with the steps. They run outside the program.

The optimizer's `learning_rate` is the top of a schedule: its peak, or where it starts. A length that is left out is
the whole run; one that is given is a number of steps, a fraction of the run, or `2 epochs`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import BeforeValidator, Field, InstanceOf, create_model
from pydantic_core import PydanticCustomError

from framework.errors import ConfigError, Mistake
from framework.fields import Component, loop
from framework.optimizers.generated import GeneratedRegistry
from framework.optimizers.length import Length
from framework.optimizers.signatures import REQUIRED, Argument, exported, signature


class Span(NamedTuple):
    """The run, or the part of it that a schedule is for."""

    steps_per_epoch: int
    steps: int


@dataclass(frozen=True)
class Call:
    """A call of optax's `function`, as plain data: its arguments are numbers, and Calls where schedules are joined."""

    function: str
    arguments: Mapping[str, Any]

    def __hash__(self) -> int:
        return hash((self.function, repr(self.arguments)))


class Schedule(Component):
    """A schedule of optax. Source: https://optax.readthedocs.io/en/latest/api/optimizer_schedules.html

    function: the name of optax's function. top: its argument that is the optimizer's learning rate.
    """

    function: ClassVar[str] = ""
    top: ClassVar[str] = ""

    def call(self, learning_rate: float, span: Span) -> Call:
        """What optax is called with, for a run of `span.steps`.

        Raises ConfigError, with paths below `schedule`, when the lengths do not fit each other or the run.
        """
        try:
            return self._call(learning_rate, span)
        except ConfigError as error:
            raise ConfigError(mistake.below("schedule") for mistake in error.mistakes) from None

    def _call(self, learning_rate: float, span: Span) -> Call:
        given = {name: getattr(self, name) for name in type(self).model_fields}
        found = {name: _resolved(item, name in _POSITIVE, span) for name, item in given.items() if item is not None}
        found.setdefault(self.top, learning_rate)
        warmup, end = found.get("warmup_steps"), found.get("decay_steps")
        if warmup is not None and end is not None and warmup >= end:
            message = f"the warm-up takes {warmup} steps, but the schedule, of which it is a part, only {end}"
            hint = f"there are {span.steps} steps here; a fraction such as 0.1 fits a run of any length"
            raise ConfigError([Mistake(("warmup_steps",), message, hint)])
        if self.function == "warmup_constant_schedule" and not warmup:
            return Call("constant_schedule", {"value": found[self.top]})  # optax would stay at init_value
        return Call(self.function, found)


def _resolved(item: Any, is_positive: bool, span: Span) -> Any:
    """An option as optax takes it: lengths become whole steps."""
    if isinstance(item, Length):
        return max(int(is_positive), item.steps(*span))
    if not isinstance(item, dict):
        return item
    scales: dict[int, float] = {}
    for length, scale in item.items():
        step = length.steps(*span)
        scales[step] = scales.get(step, 1.0) * scale  # in a short run two boundaries may fall on one step
    return scales


def _parse(raw: Any) -> Schedule:
    """The schedule that a mapping with a `type` declares."""
    if isinstance(raw, Schedule):
        return raw
    if not isinstance(raw, Mapping) or "type" not in raw:
        raise PydanticCustomError("schedule", "must be a schedule: a mapping with a 'type'")
    kind = SCHEDULES.get(str(raw["type"]))
    if kind is None:
        raise PydanticCustomError("schedule", "{reason}", {"reason": SCHEDULES.unknown(raw["type"])})
    return kind.model_validate({key: value for key, value in raw.items() if key != "type"})


_Nested = Annotated[InstanceOf[Schedule], BeforeValidator(_parse)]


class Join(Schedule):
    """Schedules one after the other, each counting its steps from 0."""

    function = "join_schedules"

    schedules: list[_Nested] = loop(
        ..., "the schedules; the part of the run that is each one's is the run for its lengths", min_length=1
    )
    boundaries: list[Length] = loop(..., "where the second, third, ... begins", unit="steps")

    def _call(self, learning_rate: float, span: Span) -> Call:
        boundaries = [length.steps(*span) for length in self.boundaries]
        count = len(self.schedules)
        if len(boundaries) != count - 1:
            message = f"{count} schedules need {count - 1} boundaries between them, found {len(boundaries)}"
            raise ConfigError([Mistake(("boundaries",), message)])
        parts = [end - begin for begin, end in pairwise([0, *boundaries, span.steps])]
        if min(parts) < 1:
            message = f"the boundaries must increase from 0 to the {span.steps} steps of the run, found {boundaries}"
            raise ConfigError([Mistake(("boundaries",), message)])
        calls: list[Call] = []
        mistakes: list[Mistake] = []
        for position, (schedule, steps) in enumerate(zip(self.schedules, parts, strict=True)):
            try:
                calls.append(schedule._call(learning_rate, Span(span.steps_per_epoch, steps)))
            except ConfigError as error:
                mistakes += [mistake.below("schedules", str(position)) for mistake in error.mistakes]
        if mistakes:
            raise ConfigError(mistakes)
        return Call(self.function, {"schedules": calls, "boundaries": boundaries})


def _functions() -> Mapping[str, str]:
    """Our short names -> optax's functions. Warm restarts (`sgdr_schedule`) are a `join` of warmup_cosine_decay."""
    found = exported("schedules/__init__.py", "optax.schedules._schedule")
    named = {name.removesuffix("_schedule"): name for name in found if name != "sgdr_schedule"}
    return {**named, "join": Join.function}


def _make(name: str, function: str) -> type[Schedule]:
    if function == Join.function:
        return Join
    found = signature("schedules/_schedule.py", function)
    names = [argument.name for argument in found.arguments]
    top = next(candidate for candidate in ("peak_value", "init_value", "value") if candidate in names)
    made: dict[str, Any] = {argument.name: _field(argument, top) for argument in found.arguments}
    schedule = create_model(name, __base__=Schedule, __module__=__name__, __doc__=found.doc, **made)
    schedule.function, schedule.top = function, top
    return schedule


SCHEDULES = GeneratedRegistry[type[Schedule]]("schedule", _functions, _make)

_POSITIVE = ("decay_steps", "transition_steps")  # the others may be 0
_DEFAULTS: dict[str, Any] = {"init_value": 0.0, "end_value": 0.0, "warmup_steps": 0.1, "transition_begin": 0}
_LIMITED: tuple[tuple[dict[str, float], tuple[str, ...]], ...] = (
    ({"ge": 0}, ("init_value", "end_value", "peak_value", "value", "exponent", "power")),
    ({"gt": 0}, ("decay_rate", "div_factor", "final_div_factor")),
    ({"gt": 0, "lt": 1}, ("pct_start", "pct_final")),
    ({"ge": 0, "le": 1}, ("alpha",)),
)
_LIMITS = {name: limits for limits, names in _LIMITED for name in names}
# Where optax speaks of its own arguments only, or forbids what is allowed.
_DOCS = {
    "transition_steps": "the steps over which the rate changes, or is multiplied by decay_rate once",
    "transition_begin": "the steps before the rate begins to change",
    "warmup_steps": "the steps over which the rate rises from init_value to its peak",
    "decay_rate": "what the rate is multiplied by in transition_steps",
    "pct_start": "the fraction of the steps over which the rate rises",
    "pct_final": "the fraction of the steps after which the rate is back where it began",
}
_Positive = Annotated[Length, BeforeValidator(Length.parse_positive)]
_Scale = Annotated[float, Field(ge=0)]


def _field(argument: Argument, top: str) -> tuple[Any, Any]:
    """The type and the field of one option."""
    name = argument.name
    doc = _DOCS.get(name) or argument.doc or name.replace("_", " ")
    limits: dict[str, Any] = _LIMITS.get(name, {})
    if name == top:
        return float | None, loop(None, f"{doc}; the optimizer's learning rate when left out", **limits)
    if argument.sort == "steps":
        kind = _Positive if name in _POSITIVE else Length
        return kind, loop(_DEFAULTS.get(name, 1.0), doc, unit="steps", validate_default=True)
    if argument.sort == "step_scales":
        return dict[Length, _Scale], loop(..., "where the rate is multiplied, and by how much", unit="steps")
    default = _DEFAULTS.get(name, ...) if argument.default is REQUIRED else argument.default
    kind: Any = {"flag": bool, "number": float}.get(argument.sort) or Literal[argument.choices]
    return (kind | None if argument.is_optional else kind), loop(default, doc, **limits)
