"""The graph of an experiment that differs from another in values and the loop alone: that other's, with its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from framework.build.built import Built
from framework.config.experiment import Experiment
from framework.graph.hyper import SCOPE

_NOTHING = object()


def with_values(built: Built, old: Experiment, new: Experiment) -> Built | None:
    """What building `new` would give, where `built` was built of `old` and the two have one structure.

    A runtime value is named by the path of its option. One whose path says nothing is as it was when the component that
    it belongs to is; None where that is another, and only building can tell.
    """
    hyper: dict[str, float | int] = {}
    for name, number in built.hyper.items():
        found = _value(tuple(name.removeprefix(SCOPE).removesuffix(":0").split("/")), number, old, new)
        if found is None:
            return None
        hyper[name] = found
    return replace(built, hyper=hyper)


def _value(path: tuple[str, ...], number: float | int, before: Any, after: Any) -> float | int | None:
    for key in path:
        inner = _inner(before, key), _inner(after, key)
        if _NOTHING in inner:
            return number if before == after else None
        before, after = inner
        if before is after:
            return number
    is_its_own = isinstance(after, (int, float)) and before == number
    return type(number)(after) if is_its_own else None


def _inner(held: Any, key: str) -> Any:
    if isinstance(held, Mapping):
        return held.get(key, _NOTHING)
    if isinstance(held, (list, tuple)):
        return held[int(key)] if key.isdecimal() and int(key) < len(held) else _NOTHING
    return getattr(held, key, _NOTHING) if key in getattr(type(held), "model_fields", ()) else _NOTHING
