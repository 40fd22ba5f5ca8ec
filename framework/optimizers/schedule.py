"""Schedules of optax: how the learning rate changes with the steps. They run outside the program.

The optimizer's `learning_rate` is the top of the schedule (its peak, or where it starts). A length is a whole number
of steps, or a fraction of the run such as 0.1.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field, create_model

from framework.fields import Component, loop
from framework.optimizers.signatures import REQUIRED, Argument, signature
from framework.registry import Registry

_FILE = "schedules/_schedule.py"
# Our short names -> optax's functions.
_FUNCTIONS = {
    "constant": "constant_schedule",
    "polynomial": "polynomial_schedule",
    "linear": "linear_schedule",
    "exponential_decay": "exponential_decay",
    "cosine_decay": "cosine_decay_schedule",
    "piecewise_constant": "piecewise_constant_schedule",
    "linear_onecycle": "linear_onecycle_schedule",
    "cosine_onecycle": "cosine_onecycle_schedule",
    "warmup_constant": "warmup_constant_schedule",
    "warmup_cosine_decay": "warmup_cosine_decay_schedule",
    "warmup_exponential_decay": "warmup_exponential_decay_schedule",
}
Length = Annotated[int, Field(ge=0)] | Annotated[float, Field(gt=0, le=1)]


class Schedule(Component):
    """A schedule of optax. Source: https://optax.readthedocs.io/en/latest/api/optimizer_schedules.html

    function: the name of optax's function. top: its argument that is the optimizer's learning rate.
    """

    function: ClassVar[str] = ""
    top: ClassVar[str] = ""

    def arguments(self, learning_rate: float, total_steps: int) -> dict[str, Any]:
        """What optax's function is called with, for a run of `total_steps`."""
        found: dict[str, Any] = {}
        for name in type(self).model_fields:
            given = getattr(self, name)
            if name == "boundaries_and_scales":
                found[name] = {_steps(length, total_steps): scale for length, scale in given.items()}
            elif given is not None:
                found[name] = _steps(given, total_steps) if _is_length(name) else given
        if self.top:
            found.setdefault(self.top, learning_rate)
        return found


def _steps(length: float, total_steps: int) -> int:
    """A length in steps: a whole number is one, a fraction is of the run."""
    return length if isinstance(length, int) else max(1, round(length * total_steps))


def _is_length(name: str) -> bool:
    return name.endswith("_steps") or name == "transition_begin"


SCHEDULES: Registry[type[Schedule]] = Registry("schedule")


def _make(name: str, function: str) -> type[Schedule]:
    found = signature(_FILE, function)
    names = [argument.name for argument in found.arguments]
    top = next(candidate for candidate in ("peak_value", "init_value", "value") if candidate in names)
    fields: dict[str, Any] = {a.name: _field(a, top) for a in found.arguments}
    made = create_model(name, __base__=Schedule, __doc__=found.doc, **fields)
    made.function, made.top = function, top
    return made


def _field(argument: Argument, top: str) -> tuple[Any, Any]:
    doc = argument.doc or argument.name.replace("_", " ")
    if argument.name == top:
        return float | None, loop(None, f"{doc}; the optimizer's learning rate when left out", ge=0)
    if argument.sort == "steps":
        defaults = {"warmup_steps": 0.1, "transition_begin": 0}
        default = defaults.get(argument.name, 1.0)
        return Length, loop(default, f"{doc}; a whole number of steps, or a fraction of the run", unit="steps")
    if argument.sort == "mapping":
        return dict[Length, float], loop(..., "at which steps (or fractions of the run) the rate is multiplied by what")
    default = {"init_value": 0.0, "end_value": 0.0}.get(argument.name, ...)
    if argument.default is not REQUIRED:
        default = argument.default
    kind: Any = bool if argument.sort == "flag" else float
    return (kind | None if argument.is_optional else kind), loop(default, doc)


for _name, _function in _FUNCTIONS.items():
    SCHEDULES.register(_name)(_make(_name, _function))
