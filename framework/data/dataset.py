"""A data set as a component: its options, its splits, and what is learned of its training split."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from framework.data.spec import Arrays, Data, DataSpec, Feature
from framework.errors import DataError
from framework.fields import Component, structural
from framework.registry import Registry


@dataclass(frozen=True)
class Contents:
    """What a source holds before it is split.

    examples: in all, without those of a test set of its own. test_examples: of that one, or None when it has none.
    """

    features: tuple[Feature, ...]
    targets: tuple[str, ...]
    examples: int
    test_examples: int | None
    dimensions: Mapping[str, int]
    class_names: tuple[str, ...] | None = None


class Dataset(Component):
    """A source of examples and how they are split into train, validation and test.

    Rows go to splits by `split_seed` alone, never by the seed of a run: a plain random permutation, or the first rows
    held out. A source with a test set of its own keeps it.
    """

    split: Literal["random", "head"] = structural("random", "random: rows are drawn; head: the first rows are held out")
    split_seed: int = structural(0, "decides which rows are drawn for which split", ge=0)
    validation_fraction: float = structural(0.1, "share of the examples held out for validation", ge=0, lt=1)
    validation_examples: int | None = structural(None, "their number, in place of the share", unit="examples", ge=0)
    test_fraction: float = structural(0.2, "share held out for the test, where the source brings no test set", ge=0, lt=1)
    normalize: Literal["none", "standardize", "min_max"] = structural(
        "none", "standardize: mean 0 and deviation 1; min_max: 0 to 1; as learned on the training split"
    )

    @abstractmethod
    def contents(self) -> Contents:
        """What the source holds, found without loading its arrays where its format allows. Raises DataError."""

    @abstractmethod
    def read(self) -> tuple[Arrays, Arrays | None]:
        """The arrays, and those of the source's own test set if it has one. Raises DataError."""

    def spec(self) -> DataSpec:
        """What building a graph needs to know. Raises DataError."""
        found = self.contents()
        sizes = {name: len(rows) for name, rows in self._rows(found.examples, found.test_examples is None).items()}
        if found.test_examples is not None:
            sizes["test"] = found.test_examples
        features = {feature.name: feature for feature in found.features}
        inputs = tuple(name for name in features if name not in found.targets)
        return DataSpec(features, inputs, found.targets, sizes, found.dimensions, found.class_names)

    def load(self) -> Data:
        """The arrays by split. Raises DataError for values that cannot be trained on."""
        found = self.contents()
        arrays, test = self.read()
        targets = {name: found.dimensions.get("num_classes") for name in found.targets}
        for part in (arrays, *([test] if test is not None else [])):
            _check(part, targets)
        splits = {
            name: {feature: array[rows] for feature, array in arrays.items()}
            for name, rows in self._rows(found.examples, test is None).items()
        }
        if test is not None:
            splits["test"] = test
        inputs = [feature for feature in found.features if feature.name not in found.targets]
        return Data(splits, {f.name: self._learn(splits["train"][f.name], f) for f in inputs if self.normalize != "none"})

    def _rows(self, examples: int, needs_test: bool) -> dict[str, np.ndarray]:
        """Split -> the rows that belong to it."""
        order = np.arange(examples)
        if self.split == "random":
            order = np.random.default_rng(self.split_seed).permutation(examples)
        test = round(examples * self.test_fraction) if needs_test else 0
        asked = self.validation_examples
        validation = round((examples - test) * self.validation_fraction) if asked is None else asked
        if validation + test >= examples:
            raise DataError(
                f"of {examples} examples, {validation} for validation and {test} for the test leave none to train on; "
                "lower dataset.validation_fraction or dataset.test_fraction"
            )
        held = {"validation": order[:validation], "test": order[validation : validation + test]}
        rows = {"train": np.sort(order[validation + test :])} | {name: np.sort(part) for name, part in held.items()}
        return {name: part for name, part in rows.items() if len(part) or name != "test"}

    def _learn(self, array: np.ndarray, feature: Feature) -> tuple[np.ndarray, np.ndarray]:
        """What is subtracted, and what is divided by, for each entry of the last dimension; no spread divides by 1."""
        width = feature.shape[-1] if feature.shape else 1
        columns = array.reshape(-1, width).astype(np.float64) * feature.scale
        if self.normalize == "standardize":
            offset, spread = columns.mean(0), columns.std(0)
        else:
            offset, spread = columns.min(0), columns.max(0) - columns.min(0)
        return offset.astype(np.float32), np.where(spread > 0, spread, 1.0).astype(np.float32)


DATASETS: Registry[type[Dataset]] = Registry("dataset")


def _check(arrays: Arrays, targets: Mapping[str, int | None]) -> None:
    """Raises DataError for lengths that disagree, numbers that are not finite and labels outside of the classes."""
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise DataError(f"the features have different numbers of examples: {listed}")
    for name, array in arrays.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            rows = np.flatnonzero(~np.isfinite(array.reshape(len(array), -1)).all(axis=1))
            raise DataError(
                f"feature '{name}' holds values that are not finite (NaN or infinite) in {len(rows)} of {len(array)} "
                f"examples, the first in example {rows[0]}; remove or fill them"
            )
        classes = targets.get(name)
        if classes is not None and array.dtype.kind in "iu" and len(array) and not 0 <= array.min() <= array.max() < classes:
            raise DataError(f"'{name}' must be 0 to {classes - 1}, found {array.min()} to {array.max()}")
