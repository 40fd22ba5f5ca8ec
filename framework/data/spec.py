"""What a data set holds: known without loading it, and then the arrays themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from framework.data.columns import Column
from framework.graph import DType, as_dtype

Arrays = dict[str, np.ndarray]
SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class Feature:
    """One array of a data set.

    dtype: as it is stored and fed to the program. shape: of one example. scale: what the stored numbers are multiplied
    by before a model sees them (1/255 for pixels in bytes). categories: how many there are, where each number is that
    of a category, from 0; or None. one_hot: of each number of a row how many categories it has, 0 where it is none:
    a model reads as many numbers instead of it, of which one is 1; or None where there are no categories.
    """

    name: str
    dtype: DType
    shape: tuple[int, ...]
    scale: float = 1.0
    categories: int | None = None
    one_hot: tuple[int, ...] | None = None


@dataclass(frozen=True)
class DataSpec:
    """Everything about a data set that building a graph needs.

    features: by name. inputs: those a model reads. targets: those a loss compares with. sizes: split -> examples.
    dimensions: numbers that a configuration may name, such as num_classes. class_names: or None for no classes.
    columns: of a table, what its inputs and what is predicted are.
    """

    features: Mapping[str, Feature]
    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    sizes: Mapping[str, int]
    dimensions: Mapping[str, int]
    class_names: tuple[str, ...] | None = None
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True)
class Data:
    """The arrays of a data set.

    splits: split -> feature -> `[examples, ...]`. statistics: input -> (mean, scale), float32 of the feature's last
    dimension, learned on the training split; empty where nothing is normalised.
    """

    splits: Mapping[str, Arrays]
    statistics: Mapping[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)

    def examples(self, split: str) -> int:
        """Number of examples of a split; 0 when there is none."""
        arrays = self.splits.get(split)
        return len(next(iter(arrays.values()))) if arrays else 0


def label() -> Feature:
    """The feature of class numbers."""
    return Feature("label", as_dtype("int32"), ())
