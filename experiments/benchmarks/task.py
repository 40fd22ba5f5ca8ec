"""What every program of a workload is given, and what it gives back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from framework.config.experiment import Experiment

Turn = Callable[[int], float]  # trains so many steps; returns the seconds they took
Programs = dict[str, Callable[[], Turn]]  # variant -> what prepares it


@dataclass(frozen=True)
class Task:
    """A network to be trained, by its name, and the data.

    inputs: float32 `[examples, height, width, channels]` from 0 to 1, or int32 `[examples, time]`. targets: int32
    `[examples]` or `[examples, time]`. batch: examples a step. rate: the learning rate. classes: that are told apart.
    experiment: the same as a recipe says it. stored: its arrays, as they are stored.
    """

    name: str
    inputs: np.ndarray
    targets: np.ndarray
    batch: int
    rate: float
    classes: int
    experiment: Experiment
    stored: dict[str, np.ndarray]

    def orders(self) -> Iterator[np.ndarray]:
        """The rows of one batch after another, int32 `[batch]`, epoch after epoch, each in an order of its own."""
        rng = np.random.default_rng(0)
        while True:
            order = rng.permutation(len(self.inputs)).astype(np.int32)
            for start in range(0, len(order) - self.batch + 1, self.batch):
                yield order[start : start + self.batch]


def timed(train: Callable[[int], None]) -> Turn:
    """A turn that is all of `train`, which must wait for its last value."""

    def turn(steps: int) -> float:
        began = time.perf_counter()
        train(steps)
        return time.perf_counter() - began

    return turn
