"""Whether the trials of a group run one after another, or several at once in one program; and why."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from framework.plan import magnitude, plan
from framework.runtime.compile_cache import compilations
from framework.runtime.devices import free_memory
from framework.runtime.program import current_platform
from framework.train.engine import Engine

Vectorize = Literal["auto", "off"] | int
_SHARE = 0.5  # of the memory that is free, which trials that run at once may take
# A batched product is no faster on a CPU, which only saves the time between small operations.
_AT_ONCE = {"cpu": 32}
_AT_ONCE_ELSEWHERE = 64
_WORTH = 5.0  # what is left to do must take so many times as long as finding out
_GAIN = 1.1  # how many times as fast several at once must be
_COMPILATION = 1.0  # seconds that are reckoned with at least, where a program was compiled before
_SECONDS = 0.05  # of a measurement, behind the compilation


class Choice(NamedTuple):
    """at_once: how many trials run at once. why: in a line. alone_seconds: of a step, where it was measured."""

    at_once: int
    why: str
    alone_seconds: float = 0.0


class Pace(NamedTuple):
    """seconds: what a step takes. compilation: what it took to compile it, now or when the cache got it."""

    seconds: float
    compilation: float


@dataclass(frozen=True)
class Costs:
    """What is measured of a group, each when it is asked for.

    obstacle: why trials cannot run at once; None where they can. alone: a step of one trial. together: a step of so
    many, in seconds, behind its compilation. fit: how many trials the memory holds at once, and what is said of it;
    None where nothing is known of it.
    """

    obstacle: Callable[[], str | None]
    alone: Callable[[], Pace]
    together: Callable[[int], float]
    fit: Callable[[], tuple[int, str] | None]


def choose(option: Vectorize, trials: int, steps: int, most: int, costs: Costs) -> Choice:
    """How the trials of a group run.

    trials, steps: that are left, of all trials. most: at once, unless the user says how many.
    """
    if option in ("off", 1):
        return Choice(1, f"sweep.vectorize={option}")
    if trials < 2:
        return Choice(1, "there is one")
    obstacle = costs.obstacle()
    if obstacle is not None:
        return Choice(1, obstacle)
    if option != "auto":
        width, limited = _fitting(option, trials, costs)
        return Choice(width, f"sweep.vectorize={option}{limited}")
    pace = costs.alone()
    left = pace.seconds * steps
    if left < _WORTH * pace.compilation:
        why = f"their steps take about {left:.1f} s, too little to compile anew ({pace.compilation:.1f} s)"
        return Choice(1, why, pace.seconds)
    width, limited = _fitting(most, trials, costs)
    if width == 1:
        return Choice(1, limited.removeprefix(", "), pace.seconds)
    seconds = costs.together(width)
    measured = f"a step of {width} takes {_short(seconds)}, of one {_short(pace.seconds)}{limited}"
    return Choice(width if pace.seconds * width > _GAIN * seconds else 1, measured, pace.seconds)


def _fitting(wanted: int, trials: int, costs: Costs) -> tuple[int, str]:
    """How many trials run at once, batches of equal size as far as that goes; and what limits them."""
    width, said = min(wanted, trials), ""
    fit = costs.fit()
    if fit is not None and fit[0] < width:
        width, said = max(1, fit[0]), f", split to fit: {fit[1]}"
    batches = -(-trials // width)
    return -(-trials // batches), said


def costs_of(engine: Callable[[], Engine], together: Callable[[int, float], float]) -> Costs:
    """The costs of a group on this device. engine: of one of its trials. together: measures so many, for so long."""
    return Costs(
        lambda: _obstacle(engine()),
        lambda: _alone(engine()),
        lambda width: together(width, _SECONDS),
        lambda: _fit(engine()),
    )


def _obstacle(engine: Engine) -> str | None:
    return "they report histograms" if engine.built.histograms else engine.program.why_one_by_one


def most_at_once() -> int:
    """How many trials are tried at once on this platform."""
    return _AT_ONCE.get(current_platform(), _AT_ONCE_ELSEWHERE)


def _alone(engine: Engine) -> Pace:
    """Measured on values that are drawn anew and forgotten."""
    before, began = compilations(), time.perf_counter()
    state, records = engine.advance(engine.initialize(), 0, engine.total_steps, lambda: False)
    spent = compilations() - before
    step, seconds, best = len(records), 0.0, (time.perf_counter() - began) / len(records)
    while step < engine.total_steps and seconds < _SECONDS:
        began = time.perf_counter()
        state, records = engine.advance(state, step, engine.total_steps, lambda: False)
        took = time.perf_counter() - began
        step, seconds, best = step + len(records), seconds + took, min(best, took / len(records))
    return Pace(best, max(_COMPILATION, spent.seconds + spent.saved))


def _fit(engine: Engine) -> tuple[int, str] | None:
    """How many trials the free memory holds at once by the plan's estimate."""
    free, memory = free_memory(), plan(engine.experiment, engine.built).memory
    if free is None or memory is None:
        return None
    # What a step makes of the variables is held beside what they were, and so are two checkpoints.
    each = memory.peak + 3 * (memory.parameters + memory.slots + memory.state)
    usable = int(free * _SHARE)
    said = f"a trial takes about {magnitude(each)}B, and half of what is free is {magnitude(usable)}B"
    return usable // max(each, 1), said


def _short(seconds: float) -> str:
    return f"{seconds * 1e3:.3g} ms"
