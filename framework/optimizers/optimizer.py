"""Every optimizer of optax as a component: its options are the arguments of optax's function, checked by its types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from pydantic import create_model

from framework import fields
from framework.fields import Component, Kind, structural
from framework.optimizers.generated import GeneratedRegistry
from framework.optimizers.groups import Group
from framework.optimizers.signatures import REQUIRED, Argument, exported, signature

Precision = Literal["bfloat16", "float16", "float32"]


class Clip(Component):
    """Bounds on the gradients, applied in this order before the optimizer sees them: over all groups together."""

    global_norm: float | None = fields.value(None, "greatest norm of all gradients together", gt=0)
    value: float | None = fields.value(None, "greatest absolute value of any element of a gradient", gt=0)
    adaptive: float | None = fields.value(
        None, "greatest norm of a unit's gradient, as a factor of the norm of its parameters", gt=0
    )


class Optimizer(Component):
    """An optimizer of optax. Source: https://optax.readthedocs.io/en/latest/api/optimizers.html

    function: the name of optax's function; a class derived from another's keeps it, whatever it is registered as.
    """

    function: ClassVar[str] = ""

    clip: Clip | None = structural(None, "bounds on the gradients: {global_norm: 1.0}, {value: 0.5}, {adaptive: 0.01}")
    groups: list[Group] = structural(
        [], "parameters that are trained otherwise: {parameters: '*/bias', weight_decay: 0}, {..., freeze: true}"
    )

    def hyper(self) -> dict[str, float]:
        """Every number that enters the program at run time, by the path of its option: `b1`, `clip/global_norm`."""
        own = {name: number for name, number in _numbers(self) if number is not None}
        own |= {f"clip/{name}": number for name, number in _numbers(self.clip) if number is not None}
        groups = enumerate(self.groups)
        return own | {f"groups/{k}/{name}": number for k, group in groups for name, number in group.numbers().items()}

    def structure(self) -> dict[str, Any]:
        """What decides the program, as plain data; the same for two optimizers that differ only in `hyper`.

        `type`: the optax function. `arguments`: its structural ones, and None for each number that is left out.
        `clip`: which bounds there are. What `groups` change depends on the parameters: see `groups.parts`.
        """
        options = [name for name in type(self).model_fields if name not in ("clip", "groups")]
        fixed = {name: getattr(self, name) for name in options if self.kind_of(name) is Kind.STRUCTURAL}
        return {
            "type": self.function,
            "arguments": fixed | {name: None for name, number in _numbers(self) if number is None},
            "clip": [name for name, number in _numbers(self.clip) if number is not None],
        }


def _numbers(component: Component | None) -> Iterator[tuple[str, float | None]]:
    """The value fields of a component, with what they hold."""
    if component is not None:
        values = (name for name in type(component).model_fields if component.kind_of(name) is Kind.VALUE)
        yield from ((name, getattr(component, name)) for name in values)


def _functions() -> Mapping[str, str]:
    return {name: name for name in exported("__init__.py", "optax._src.alias")}


def _make(name: str, function: str) -> type[Optimizer]:
    found = signature("_src/alias.py", function)
    # `seed` is the old name of `key`.
    made: dict[str, Any] = {a.name: _field(a, name) for a in found.arguments if a.name != "seed"}
    optimizer = create_model(name, __base__=Optimizer, __module__=__name__, __doc__=found.doc, **made)
    optimizer.function = function
    return optimizer


OPTIMIZERS = GeneratedRegistry[type[Optimizer]]("optimizer", _functions, _make)

# Where optax asks for a learning rate, or cannot do without one.
_LEARNING_RATES = {
    "adadelta": 1.0,
    "fromage": 0.01,
    "lion": 1e-4,
    "noisy_sgd": 0.01,
    "optimistic_gradient_descent": 0.01,
    "sgd": 0.01,
}
_USUAL_LEARNING_RATE = 0.001
_LIMITED: tuple[tuple[dict[str, float], tuple[str, ...]], ...] = (
    ({"ge": 0, "lt": 1}, ("b1", "b2", "b3", "momentum", "decay", "rho")),
    ({"ge": 0, "le": 1}, ("decay_rate",)),  # an exponent
    ({"ge": 0}, ("learning_rate", "max_learning_rate", "eps", "eps_root", "min_norm", "weight_decay")),
    ({"ge": 0}, ("weight_decay_rate", "initial_accumulator_value", "eta", "key")),
    ({"gt": 0}, ("min_step_size", "max_step_size")),
    ({"gt": 0, "le": 1}, ("eta_minus",)),
    ({"ge": 1}, ("eta_plus", "memory_size", "min_dim_size_to_factor", "clipping_threshold")),
)
_LIMITS = {name: limits for limits, names in _LIMITED for name in names}
_TYPES: dict[str, Any] = {"integer": int, "flag": bool, "dtype": Precision}


def _field(argument: Argument, optimizer: str) -> tuple[Any, Any]:
    """The type and the field of one option."""
    name, default, optional = argument.name, argument.default, argument.is_optional
    doc = argument.doc or name.replace("_", " ")
    limits: dict[str, Any] = _LIMITS.get(name, {})
    if name == "key":  # an array for optax, or the number that one is made of
        return int, structural(0, "decides, beside the seed, the noise that is added", **limits)
    if name == "learning_rate":
        doc = "the size of a step; a schedule changes it from step to step"
        if default is REQUIRED or optimizer in _LEARNING_RATES:
            default, optional = _LEARNING_RATES.get(optimizer, _USUAL_LEARNING_RATE), False
    if argument.sort == "number":
        default = default if default is None else float(default)
        return (float | None if optional else float), fields.value(default, doc, **limits)
    kind: Any = Literal[argument.choices] if argument.choices else _TYPES.get(argument.sort, str)
    return (kind | None if optional else kind), structural(... if default is REQUIRED else default, doc, **limits)
