"""The learning rates of a stretch of steps: optax's own schedule, called outside the program."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import jax
import numpy as np
import optax
from jax.extend.core import ClosedJaxpr, Literal, Var, jaxpr_as_fun

from framework.optimizers import Call, Schedule, Span

# Steps are computed in blocks that begin at a multiple of this: one executable for stretches of any length, and the
# rate of a step has the same bits wherever a stretch is cut.
_BLOCK = 1024
# Without these rewritings a division by a length stays one, and a schedule that ends at 0 does so, not a little below.
_EXACT = {"xla_disable_hlo_passes": "algsimp"}


def evaluate(
    schedule: Schedule, learning_rate: float, steps_per_epoch: int, total_steps: int, start: int, stop: int
) -> np.ndarray:
    """float32 `[stop - start]`: the rates of the steps `start` to `stop` of a run of `total_steps`.

    learning_rate: the top of the schedule. Raises ConfigError when the schedule's lengths do not fit the run.
    """
    call = schedule.call(learning_rate, Span(steps_per_epoch, total_steps))
    first = start - start % _BLOCK
    blocks = [_block(call, begin) for begin in range(first, max(stop, first + 1), _BLOCK)]
    return np.concatenate(blocks)[start - first : stop - first]


@lru_cache(maxsize=64)
def _block(call: Call, begin: int) -> np.ndarray:
    """The rates of the block of steps that begins at a step, which must not be changed.

    optax's schedules are written for one step, so they are mapped over the steps; and for numbers that Python knows, so
    they are traced anew for others. What is compiled takes the numbers as arguments: schedules that differ in them
    alone share it.
    """
    steps = np.arange(begin, begin + _BLOCK, dtype=np.int32)
    with jax.default_device(_host()), jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        text, numbers, rates = _lifted(call)
        if text not in _compiled:
            _compiled[text] = jax.jit(rates, compiler_options=_EXACT if _host() else None)
        return np.asarray(_compiled[text](numbers, steps), np.float32)


_compiled: dict[str, Any] = {}  # the text of a schedule without its numbers -> what is compiled of it
_NUMBER = re.compile(r"(?<![\w.:])-?(?:\d[\w.+-]*|inf|nan):f32\[\]")


@lru_cache(maxsize=64)
def _lifted(call: Call) -> tuple[str, list[np.ndarray], Callable[[Any, Any], Any]]:
    """A schedule without its numbers as text, its numbers, and the function of numbers and steps."""
    with _without_a_log():
        closed = jax.make_jaxpr(jax.vmap(_made(call)))(np.zeros(_BLOCK, np.int32))
    lifted: dict[Var, np.ndarray] = {}

    def variable(atom: Any) -> Any:
        if not isinstance(atom, Literal):
            return atom
        made = Var(atom.aval)
        lifted[made] = np.asarray(atom.val, getattr(atom.aval, "dtype", None))
        return made

    jaxpr = closed.jaxpr
    eqns = [eqn.replace(invars=[variable(atom) for atom in eqn.invars]) for eqn in jaxpr.eqns]
    outvars = [variable(atom) for atom in jaxpr.outvars]
    open_jaxpr = jaxpr.replace(
        invars=[*lifted, *jaxpr.invars], eqns=eqns, outvars=outvars, debug_info=jaxpr.debug_info.with_unknown_names()
    )
    function = jaxpr_as_fun(ClosedJaxpr(open_jaxpr, closed.consts))

    def rates(numbers: list[np.ndarray], steps: Any) -> Any:
        return function(*numbers, steps)[0]

    return _NUMBER.sub("_", str(closed)), list(lifted.values()), rates


@contextmanager
def _without_a_log() -> Iterator[None]:
    """Keeps absl, by which optax tells of schedules without steps, from sending every log to the terminal for good."""
    root, handler = logging.getLogger(), logging.NullHandler()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)


def _host() -> Any:
    """The CPU, so that a device that trains is not waited for; None where JAX was told to see no CPU."""
    try:
        return jax.local_devices(backend="cpu")[0]
    except RuntimeError:
        return None


def _made(value: Any) -> Any:
    """A Call as optax's schedule; anything else as it is."""
    if isinstance(value, Call):
        return getattr(optax, value.function)(**{name: _made(argument) for name, argument in value.arguments.items()})
    return [_made(item) for item in value] if isinstance(value, list) else value
