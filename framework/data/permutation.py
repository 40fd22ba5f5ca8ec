"""Random orders that are the same on every machine and with every version of NumPy."""

from __future__ import annotations

import numpy as np


def permutation(count: int, seed: int, *stream: int) -> np.ndarray:
    """The numbers 0 to `count - 1` in an order drawn by `seed`, another one for each `stream`; int64 `[count]`.

    seed: any integer from 0. The order is that of Philox's raw numbers, which NumPy promises never to change; what
    `Generator.permutation` makes of them it may change: https://numpy.org/neps/nep-0019-rng-policy.html
    """
    bits = np.random.Philox(np.random.SeedSequence(seed, spawn_key=stream))
    return np.argsort(bits.random_raw(count), kind="stable")
