"""The learning rates of a stretch of steps: optax's own schedule, called outside the program."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import optax

from framework.optimizers import Schedule


def evaluate(schedule: Schedule, learning_rate: float, total_steps: int, start: int, stop: int) -> np.ndarray:
    """float32 `[stop - start]`: the rates of the steps `start` to `stop` of a run of `total_steps`."""
    function = getattr(optax, schedule.function)(**schedule.arguments(learning_rate, total_steps))
    rates = function(jnp.arange(start, stop))
    return np.broadcast_to(np.asarray(rates, np.float32), (stop - start,))
