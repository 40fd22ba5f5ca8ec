"""What is learned of the training split before the first step: normalisation, and the balance of classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from framework.data.spec import Feature
from framework.errors import DataError

Normalization = Literal["standardize", "min_max"]
_PIECE = 1 << 20  # numbers that are widened to float64 at a time, so that large data stays in its own type


def learn(array: np.ndarray, feature: Feature, kind: Normalization) -> tuple[np.ndarray, np.ndarray]:
    """What is subtracted from a feature and what it is divided by then, each float32 `[size of its last dimension]`.

    array: `[examples, ...]` as stored; what is learned is of the numbers times `feature.scale`, computed in float64.
    standardize: their mean and standard deviation. min_max: their least, and the greatest less the least. Where all
    numbers are equal the divisor is 1. Raises DataError for an extent that float32 cannot hold.
    """
    columns = array.reshape(-1, feature.shape[-1] if feature.shape else 1)
    low, high = (extreme(axis=0).astype(np.float64) for extreme in (columns.min, columns.max))
    if kind == "min_max":
        offset, spread = low, high - low
    else:
        offset = _sum(columns, lambda piece: piece) / len(columns)
        spread = np.sqrt(_sum(columns, lambda piece: np.square(piece - offset)) / len(columns))
    with np.errstate(over="ignore"):
        divisor = (spread * feature.scale).astype(np.float32)
    if np.isinf(divisor).any():
        column = int(np.isinf(divisor).argmax())
        raise DataError(
            f"'{feature.name}' spans {spread[column]:g} in column {column}, more than float32 holds",
            "store smaller numbers, or set dataset.normalize=standardize",
        )
    # Rounding may leave a column of one value with a tiny deviation: equality is what tells.
    is_constant = (low == high) | (divisor == 0)
    if feature.one_hot is not None:  # what numbers a category is no amount
        is_category = np.array(feature.one_hot) > 0
        offset, is_constant = np.where(is_category, 0.0, offset), is_constant | is_category
    return (offset * feature.scale).astype(np.float32), np.where(is_constant, np.float32(1), divisor)


def balance(numbers: np.ndarray, categories: int) -> np.ndarray:
    """Weights by which every category counts the same in sum, float32 `[categories]`, as scikit-learn balances classes.

    numbers: those of the categories, `[examples, ...]`. A category that does not occur weighs nothing.
    """
    counts = np.bincount(numbers.reshape(-1), minlength=categories)
    shares = counts * np.count_nonzero(counts) / numbers.size
    return np.divide(1, shares, out=np.zeros(categories), where=counts > 0).astype(np.float32)


def _sum(columns: np.ndarray, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """The sum of `function` over the rows, float64 `[columns]`."""
    step = max(1, _PIECE // columns.shape[1])
    pieces = (columns[start : start + step].astype(np.float64) for start in range(0, len(columns), step))
    return np.sum([function(piece).sum(axis=0) for piece in pieces], axis=0)
