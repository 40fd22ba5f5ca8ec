"""How much an optimizer keeps beside the parameters: known from its options, without optax.

Held to what optax really allocates by a test over every alias.
"""

from __future__ import annotations

from framework.optimizers.optimizer import Optimizer

# Arrays of the size of the parameters that optax's function keeps. Scalars and single axes are not counted.
_KEPT = {
    "adabelief": 2, "adadelta": 2, "adafactor": 1, "adagrad": 1, "adam": 2, "adamax": 2, "adamaxw": 2, "adamw": 2,
    "adan": 4, "amsgrad": 3, "lamb": 2, "lars": 1, "lion": 1, "nadam": 2, "nadamw": 2, "novograd": 1,
    "optimistic_adam": 3, "optimistic_adam_v2": 3, "optimistic_gradient_descent": 1, "radam": 2, "rmsprop": 1,
    "rprop": 2, "signum": 1, "sm3": 1, "yogi": 2,
}  # fmt: skip


def slots(optimizer: Optimizer) -> int:
    """How many arrays of the size of the parameters an optimizer keeps from step to step."""
    kept = _KEPT.get(optimizer.function, 0)
    if optimizer.function in ("sgd", "rmsprop", "adafactor"):
        kept += getattr(optimizer, "momentum", None) is not None
    if getattr(optimizer, "centered", False):
        kept += 1
    if optimizer.function == "lbfgs":  # differences of parameters and gradients, and the last of each
        kept += 2 * getattr(optimizer, "memory_size", 10) + 3
    return kept
