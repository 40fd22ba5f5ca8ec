"""What an optimizer keeps, against what optax allocates for it."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import pytest

from framework.kernels import training_step
from framework.optimizers import OPTIMIZERS
from framework.optimizers.slots import slots

PARAMETERS = {
    "fc/kernel": jax.ShapeDtypeStruct((100, 64), jnp.float32),
    "fc/bias": jax.ShapeDtypeStruct((64,), jnp.float32),
}
CASES = [
    *((name, {}) for name in OPTIMIZERS),
    ("sgd", {"momentum": 0.9}),
    ("rmsprop", {"momentum": 0.9}),
    ("rmsprop", {"centered": True}),
    ("rmsprop", {"centered": True, "momentum": 0.5}),
    ("adafactor", {"momentum": 0.9}),
    ("lbfgs", {"memory_size": 3}),
]


@pytest.mark.parametrize(("name", "options"), CASES)
def test_slots_are_what_optax_keeps(name, options):
    optimizer = OPTIMIZERS[name](**options)
    specs = training_step.slot_specs(optimizer.structure(), list(optimizer.hyper()), PARAMETERS)
    kept = sum(math.prod(spec.shape) * spec.dtype.itemsize for spec in specs.values())
    size = sum(math.prod(spec.shape) * 4 for spec in PARAMETERS.values())
    assert slots(optimizer) == pytest.approx(kept / size, abs=0.05)  # scalars and single axes are left out
