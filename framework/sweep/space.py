"""What a search ranges over: numbers between two ends, choices, and those that are there only when another is so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from framework.config.sweep import Search
from framework.errors import ConfigError, Mistake
from framework.registry import did_you_mean

_KNOWN = ("low", "high", "log", "step", "choices", "when")
_PATH = ("sweep", "search", "space")
Suggest = Callable[["Dimension"], Any]


@dataclass(frozen=True)
class Dimension:
    """One option. Either choices, or a range with both ends; `step` of a range of integers or of even numbers.

    when: another option -> the values of it with which this one is there.
    """

    key: str
    choices: tuple[Any, ...] = ()
    low: float | int = 0
    high: float | int = 0
    log: bool = False
    step: float | int | None = None
    when: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    @property
    def is_integer(self) -> bool:
        """Whether only whole numbers are in it."""
        return all(isinstance(end, int) for end in (self.low, self.high, self.step or 1))

    def is_there(self, chosen: Mapping[str, Any]) -> bool:
        """Whether it is to be chosen, beside what was chosen already."""
        return all(key in chosen and chosen[key] in values for key, values in self.when.items())

    def examples(self) -> tuple[Any, ...]:
        """Values that stand for all: every choice, or both ends."""
        return self.choices or (self.low, self.high)


@dataclass(frozen=True)
class Space:
    """Dimensions, each behind those that it depends on."""

    dimensions: tuple[Dimension, ...]

    @classmethod
    def of(cls, search: Search) -> Space:
        """The space that a configuration declares. Raises ConfigError with all that is wrong with it."""
        found, mistakes = [], []
        for key, raw in search.dimensions():
            wrong = _wrong_with(raw)
            mistakes += [Mistake((*_PATH, key), message) for message in wrong]
            if not wrong:
                found.append(_dimension(key, raw))
        if not found and not mistakes:
            hint = "such as 'sweep.search.space={optimizer.learning_rate: {low: 1e-4, high: 1.0, log: true}}'"
            mistakes.append(Mistake(_PATH, "a search needs options to range over", hint))
        if not mistakes:
            found, mistakes = _ordered(found)
        if mistakes:
            raise ConfigError(mistakes)
        return cls(tuple(found))

    def choose(self, suggest: Suggest) -> dict[str, Any]:
        """A value for every dimension that is there."""
        chosen: dict[str, Any] = {}
        for dimension in self.dimensions:
            if dimension.is_there(chosen):
                chosen[dimension.key] = suggest(dimension)
        return chosen

    def examples(self) -> Iterator[dict[str, Any]]:
        """Choices in which every example of every dimension stands at least once, where it can be there."""
        yield self.choose(lambda dimension: dimension.examples()[0])
        for wanted in self.dimensions:
            for value in wanted.examples()[1:]:
                yield self.choose(lambda d, w=wanted, v=value: v if d is w else _allowing(d, w))


def override(key: str, value: Any) -> str:
    """A choice as it would be typed."""
    if isinstance(value, str):
        is_word = value.replace("_", "").replace("-", "").replace("/", "").isalnum()
        return f"{key}={value}" if is_word else f"{key}={json.dumps(value)}"
    if value is None or isinstance(value, bool):
        return f"{key}={json.dumps(value)}"
    return f"{key}={value!r}" if isinstance(value, (int, float)) else f"{key}={json.dumps(value)}"


def _allowing(dimension: Dimension, wanted: Dimension) -> Any:
    """The first value of a dimension with which another is there."""
    return wanted.when.get(dimension.key, dimension.examples())[0]


def _dimension(key: str, raw: Mapping[str, Any]) -> Dimension:
    when = {k: tuple(v) if isinstance(v, (list, tuple)) else (v,) for k, v in (raw.get("when") or {}).items()}
    rest = {name: raw[name] for name in ("low", "high", "log", "step") if name in raw}
    return Dimension(key, tuple(raw.get("choices", ())), when=when, **rest)


def _wrong_with(raw: Any) -> list[str]:
    """What is wrong with one dimension by itself."""
    if not isinstance(raw, Mapping):
        return [f"an option to search over is {{low: ..., high: ...}} or {{choices: [...]}}, found {raw!r}"]
    unknown = [name for name in raw if name not in _KNOWN]
    found = [f"there is no '{n}'{did_you_mean(str(n), _KNOWN)}  known: {', '.join(_KNOWN)}" for n in unknown]
    if "when" in raw and not isinstance(raw["when"], Mapping):
        found.append("when is a mapping of other options to their values")
    if "choices" in raw:
        if {"low", "high", "log", "step"} & raw.keys():
            found.append("give choices, or low and high, not both")
        if not isinstance(raw["choices"], (list, tuple)) or not raw["choices"]:
            found.append("choices is a list of at least one value")
        return found
    ends = [raw.get("low"), raw.get("high")]
    if not all(isinstance(end, (int, float)) and not isinstance(end, bool) for end in ends):
        return [*found, f"low and high are numbers, found {ends[0]!r} and {ends[1]!r}"]
    low, high = (float(end) for end in ends)  # type: ignore[arg-type]
    if not low < high:
        found.append(f"the range from {ends[0]} to {ends[1]} is empty")
    if raw.get("log") and low <= 0:
        found.append(f"a range with log begins above 0, found low: {ends[0]}")
    step = raw.get("step")
    if step is not None and (isinstance(step, bool) or not isinstance(step, (int, float)) or step <= 0):
        found.append(f"step is a number above 0, found {step!r}")
    elif step is not None and raw.get("log"):
        found.append("a range has a step, or log, not both")
    return found


def _ordered(dimensions: Sequence[Dimension]) -> tuple[list[Dimension], list[Mistake]]:
    """Each behind those that its conditions name; and what is wrong with the conditions."""
    known = {dimension.key for dimension in dimensions}
    mistakes = [
        Mistake((*_PATH, d.key), f"when names '{key}', which is not searched over{did_you_mean(key, known)}")
        for d in dimensions
        for key in d.when
        if key not in known
    ]
    placed: list[Dimension] = []
    waiting = list(dimensions)
    while waiting and not mistakes:
        ready = [d for d in waiting if d.when.keys() <= {p.key for p in placed}]
        if not ready:
            names = ", ".join(d.key for d in waiting)
            mistakes.append(Mistake(_PATH, f"these depend on each other, so that none can be chosen first: {names}"))
        placed += ready
        waiting = [d for d in waiting if d not in ready]
    return placed, mistakes
