"""Every optimizer of optax as a component: its options are the arguments of optax's function, checked by its types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel, create_model

from framework.fields import Component, Kind, structural, value
from framework.optimizers.signatures import REQUIRED, Argument, exported, signature
from framework.registry import Registry

_FILE = "_src/alias.py"
Precision = Literal["bfloat16", "float16", "float32"]


class Clip(Component):
    """Bounds on the gradients, applied before the optimizer sees them."""

    global_norm: float | None = value(None, "greatest norm of all gradients together", gt=0)
    value: float | None = value(None, "greatest absolute value of any gradient", gt=0)


class Optimizer(Component):
    """An optimizer of optax. Source: https://optax.readthedocs.io/en/latest/api/optimizers.html"""

    clip: Clip | None = structural(None, "bounds on the gradients: {global_norm: 1.0}, {value: 0.5}")

    def hyper(self) -> dict[str, float]:
        """Every number that enters the program at run time, by the path of its option."""
        return {path: float(number) for path, number in _numbers(self, "")}

    def structure(self) -> dict[str, Any]:
        """What decides the program, as plain data: the optax function and its structural arguments."""
        fields = type(self).model_fields
        names = [name for name in fields if name != "clip" and self.kind_of(name) is Kind.STRUCTURAL]
        arguments = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        return {"type": OPTIMIZERS.name_of(self), "arguments": arguments}


def _numbers(component: BaseModel, prefix: str) -> Iterator[tuple[str, float]]:
    for name in type(component).model_fields:
        held = getattr(component, name)
        if isinstance(held, Component):
            yield from _numbers(held, f"{prefix}{name}/")
        elif held is not None and isinstance(component, Component) and component.kind_of(name) is Kind.VALUE:
            yield f"{prefix}{name}", held


class _Optimizers(Registry[type[Optimizer]]):
    """The optimizers that optax exports; the class of each is made when it is first asked for."""

    def __init__(self) -> None:
        super().__init__("optimizer")
        self._names = exported("_src.alias")

    def __iter__(self) -> Iterator[str]:
        yield from (*self._names, *(name for name in self._entries if name not in self._names))

    def __contains__(self, name: object) -> bool:
        return name in self._names or name in self._entries

    def __len__(self) -> int:
        return len(list(iter(self)))

    def get(self, name: str) -> type[Optimizer] | None:
        if name not in self._entries and name in self._names:
            self._entries[name] = _make(name)
        return self._entries.get(name)

    def __getitem__(self, name: str) -> type[Optimizer]:
        self.get(name)
        return super().__getitem__(name)


OPTIMIZERS: Registry[type[Optimizer]] = _Optimizers()


def _make(name: str) -> type[Optimizer]:
    found = signature(_FILE, name)
    fields: dict[str, Any] = {a.name: _field(a, name) for a in found.arguments if a.name != "seed"}
    return create_model(name, __base__=Optimizer, __doc__=found.doc, **fields)


def _field(argument: Argument, optimizer: str) -> tuple[Any, Any]:
    """The type and the field of one option."""
    doc = argument.doc or argument.name.replace("_", " ")
    if argument.name == "key":  # decides the noise that an optimizer adds
        return int, structural(0, "seed of the noise")
    if argument.sort == "number":
        default = argument.default
        if default is REQUIRED:
            default = 0.01 if "sgd" in optimizer else 0.001
        optional = argument.is_optional or default is None
        limits = {"ge": 0} if argument.name == "learning_rate" else {}
        return (float | None if optional else float), value(default, doc, **limits)
    default = ... if argument.default is REQUIRED else argument.default
    kinds: dict[str, Any] = {"integer": int, "flag": bool, "text": str, "dtype": Precision, "steps": int}
    kind = kinds[argument.sort]
    return (kind | None if argument.is_optional else kind), structural(default, doc)
