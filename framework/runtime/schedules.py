"""The learning rates of a stretch of steps: optax's own schedule, called outside the program."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jax
import numpy as np
import optax

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
    blocks = [_compiled(call)(begin) for begin in range(first, max(stop, first + 1), _BLOCK)]
    return np.concatenate(blocks)[start - first : stop - first]


@lru_cache(maxsize=64)
def _compiled(call: Call) -> Callable[[int], np.ndarray]:
    """The rates of the block of steps that begins at a step.

    optax's schedules are written for one step, so they are mapped over the steps.
    """
    host = _host()
    block = jax.jit(jax.vmap(_made(call)), compiler_options=_EXACT if host else None)

    def rates(begin: int) -> np.ndarray:
        with jax.default_device(host), jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
            return np.asarray(block(np.arange(begin, begin + _BLOCK, dtype=np.int32)), np.float32)

    return rates


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
