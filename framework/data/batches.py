"""The order of the examples: any epoch's can be had directly, so a run goes on where it was stopped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np

from framework.data.permutation import permutation
from framework.errors import DataError


class Rows(NamedTuple):
    """The examples of each step of an epoch.

    rows: int32 `[steps, batch]`. weights: float32 `[steps, batch]`, 0 for an entry that only pads the last batch (it
    repeats row 0); None when every batch is full.
    """

    rows: np.ndarray
    weights: np.ndarray | None


class Sampler:
    """Cuts the examples of an epoch into batches, in an order drawn from (seed, epoch) alone.

    batch_size: or `all`, for all examples at once, in their own order. drop_last: leaves a smaller last batch out,
    rather than pad it. padded: whether some batch is. Raises DataError for a batch that is larger than the data.
    """

    def __init__(
        self,
        examples: int,
        batch_size: int | Literal["all"],
        seed: int,
        *,
        shuffle: bool = True,
        drop_last: bool = False,
    ):
        self.examples, self.seed, self.shuffle = examples, seed, shuffle and batch_size != "all"
        self.batch = examples if batch_size == "all" else batch_size
        if self.batch > examples:
            raise DataError(
                f"a batch of {self.batch} is larger than the training split of {examples} examples",
                f"set trainer.batch_size to at most {examples}, or to all",
            )
        self.padded = examples % self.batch != 0 and not drop_last
        self.steps_per_epoch = examples // self.batch + self.padded

    def epoch(self, epoch: int) -> Rows:
        """The batches of one epoch, counted from 0."""
        order = permutation(self.examples, self.seed, epoch) if self.shuffle else np.arange(self.examples)
        rows, weights = _cut(order, self.steps_per_epoch, self.batch)
        return Rows(rows, weights if self.padded else None)


def evaluation_batches(examples: int, batch: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(rows int32 `[batch]`, weights float32 `[batch]`) over all examples in order, the last batch padded."""
    rows, weights = _cut(np.arange(examples), -(-examples // batch), batch)
    return zip(rows, weights, strict=True)


def _cut(order: np.ndarray, steps: int, batch: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and weights `[steps, batch]` of an order that is cut off, or padded with row 0, to fill them."""
    rows = np.zeros(steps * batch, np.int32)
    weights = np.zeros(steps * batch, np.float32)
    used = min(len(order), len(rows))
    rows[:used], weights[:used] = order[:used], 1
    return rows.reshape(steps, batch), weights.reshape(steps, batch)
