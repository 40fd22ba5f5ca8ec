"""The order of the examples: any epoch's can be had directly, so a run goes on where it was stopped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np

from framework.errors import DataError


class Rows(NamedTuple):
    """The examples of each step of an epoch.

    rows: int32 `[steps, batch]`. weights: float32 `[steps, batch]`, 0 for a row that only pads the last batch; None
    when every batch is full.
    """

    rows: np.ndarray
    weights: np.ndarray | None


class Sampler:
    """Cuts the examples of an epoch into batches, in an order drawn from (seed, epoch) alone.

    batch_size: or `all`, for all examples at once. drop_last: leaves a smaller last batch out, rather than pad it.
    Raises DataError for a batch that is larger than the data.
    """

    def __init__(
        self, examples: int, batch_size: int | Literal["all"], seed: int, *, shuffle: bool = True, drop_last: bool = False
    ):
        self.examples, self.seed, self.shuffle = examples, seed, shuffle and batch_size != "all"
        self.batch = examples if batch_size == "all" else batch_size
        if self.batch > examples:
            raise DataError(
                f"a batch of {self.batch} is larger than the training split of {examples} examples; "
                f"set trainer.batch_size to at most {examples}, or to all"
            )
        self.padded = examples % self.batch != 0 and not drop_last
        self.steps_per_epoch = examples // self.batch + self.padded

    def epoch(self, epoch: int) -> Rows:
        """The batches of one epoch, counted from 0."""
        order = np.arange(self.examples, dtype=np.int32)
        if self.shuffle:
            order = np.random.Generator(np.random.Philox(np.random.SeedSequence((self.seed, epoch)))).permutation(order)
        slots = self.steps_per_epoch * self.batch
        rows = np.zeros(slots, np.int32)
        used = min(self.examples, slots)
        rows[:used] = order[:used]
        rows = rows.reshape(self.steps_per_epoch, self.batch)
        if not self.padded:
            return Rows(rows, None)
        weights = (np.arange(slots) < self.examples).astype(np.float32)
        return Rows(rows, weights.reshape(rows.shape))


def evaluation_batches(examples: int, batch: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(rows int32 `[batch]`, weights float32 `[batch]`) over all examples in order, the last batch padded."""
    for start in range(0, examples, batch):
        rows = np.arange(start, start + batch, dtype=np.int32)
        weights = (rows < examples).astype(np.float32)
        yield np.where(rows < examples, rows, 0), weights
