"""A step of training: the gradients of one batch or of some together, the optimizer, the averages of the parameters.

What it keeps from step to step are slots beside those of the optimizer: `Train/accumulate/count`, the batches since
the last update; `Train/accumulate/sum/<parameter>`, the sum of their gradients; `Train/ema/<parameter>`, the averages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from framework.kernels import update
from framework.kernels.update import PREFIX, Arrays

_COUNT, _SUM = f"{PREFIX}/accumulate/count", f"{PREFIX}/accumulate/sum"
_AVERAGE = f"{PREFIX}/ema"


def slot_specs(
    structure: Mapping[str, Any], names: Sequence[str], parameters: Mapping[str, jax.ShapeDtypeStruct]
) -> dict[str, jax.ShapeDtypeStruct]:
    """Slot name -> shape and type, for a step whose numbers are called `names`. Computes nothing."""
    hyper = {name: jax.ShapeDtypeStruct((), jnp.float32) for name in names}
    return jax.eval_shape(lambda h, p: initial_slots(structure, h, p), hyper, dict(parameters))


def initial_slots(
    structure: Mapping[str, Any], hyper: Arrays, parameters: Arrays, seed: jax.Array | None = None
) -> dict[str, jax.Array]:
    """The slots before the first step. seed: as there.

    Raises GraphError for a parameter that the optimizer cannot train.
    """
    slots = update.initial_slots(structure, _of_optimizer(hyper), parameters, seed)
    if structure.get("accumulate", 1) > 1:
        slots[_COUNT] = jnp.zeros((), jnp.int32)
        slots |= {f"{_SUM}/{name}": jnp.zeros_like(parameter) for name, parameter in parameters.items()}
    if "ema" in hyper:
        slots |= {f"{_AVERAGE}/{name}": parameter for name, parameter in parameters.items()}
    return slots


def step(
    structure: Mapping[str, Any],
    hyper: Arrays,
    parameters: Arrays,
    gradients: Arrays,
    slots: Arrays,
    value: jax.Array | None = None,
    value_fn: Callable[[Arrays], jax.Array] | None = None,
) -> tuple[dict[str, jax.Array], dict[str, jax.Array]]:
    """The parameters and the slots after one batch.

    structure: that of `framework.kernels.update`, and `accumulate`: how many batches make one update, by the mean of
    their gradients, at the learning rate of the last of them; what is left over when a run ends makes none.
    hyper: the numbers of the optimizer, and `ema`: the share of an average that stays at an update,
    `average = ema * average + (1 - ema) * parameter`, beginning with the first values of the parameters
    (https://www.tensorflow.org/api_docs/python/tf/train/ExponentialMovingAverage). value, value_fn: as there.
    """
    kept = {name: array for name, array in slots.items() if not name.startswith(f"{PREFIX}/accumulate/")}

    def change(mean: Arrays) -> tuple[dict[str, jax.Array], dict[str, jax.Array]]:
        averages = {name: array for name, array in kept.items() if name.startswith(f"{_AVERAGE}/")}
        own = {name: array for name, array in kept.items() if name not in averages}
        new, own = update.step(structure, _of_optimizer(hyper), parameters, mean, own, value, value_fn)
        if "ema" in hyper:
            averages = {f"{_AVERAGE}/{name}": _moved(averages, name, new[name], hyper["ema"]) for name in new}
        return new, {**own, **averages}

    batches = structure.get("accumulate", 1)
    if batches == 1:
        return change(gradients)
    sums = {name: slots[f"{_SUM}/{name}"] + gradient for name, gradient in gradients.items()}
    count = slots[_COUNT] + 1
    is_last = count == batches
    new, found = jax.lax.cond(
        is_last,
        lambda: change({name: array / batches for name, array in sums.items()}),
        lambda: (dict(parameters), dict(kept)),
    )
    found[_COUNT] = jnp.where(is_last, 0, count)
    found |= {f"{_SUM}/{name}": jnp.where(is_last, jnp.zeros_like(array), array) for name, array in sums.items()}
    return new, found


def _of_optimizer(hyper: Arrays) -> dict[str, jax.Array]:
    return {name: number for name, number in hyper.items() if name != "ema"}


def _moved(averages: Arrays, name: str, parameter: jax.Array, share: jax.Array) -> jax.Array:
    return share * averages[f"{_AVERAGE}/{name}"] + (1 - share) * parameter
