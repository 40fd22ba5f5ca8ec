"""A data set as a component: its options, its splits, and what is learned of its training split."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import numpy as np
from pydantic import InstanceOf, PrivateAttr

from framework.data.archive import read_array, read_headers
from framework.data.columns import Column
from framework.data.examine import check_values
from framework.data.permutation import permutation
from framework.data.recorded import differences
from framework.data.spec import Arrays, Data, DataSpec, Feature
from framework.data.statistics import learn
from framework.errors import DataError
from framework.fields import Component, structural
from framework.layers import Augmentation
from framework.registry import Registry


@dataclass(frozen=True)
class Contents:
    """What a source holds before it is split.

    examples: in all, without those of a validation or test set of its own. validation_examples, test_examples: of
    those, or None when it has none.
    source, test_source: the file or folder they come from, for messages. gap: how many examples are left out between
    two splits, where neighbours share a part of what they hold. columns: of a table, what they are.
    """

    features: tuple[Feature, ...]
    targets: tuple[str, ...]
    examples: int
    dimensions: Mapping[str, int]
    source: str
    class_names: tuple[str, ...] | None = None
    validation_examples: int | None = None
    test_examples: int | None = None
    test_source: str | None = None
    gap: int = 0
    columns: tuple[Column, ...] = ()

    @property
    def inputs(self) -> tuple[Feature, ...]:
        """The features that a model may read."""
        return tuple(feature for feature in self.features if feature.name not in self.targets)


class Dataset(Component):
    """A source of examples and how they are split into train, validation and test.

    Rows go to splits by `split_seed` alone, never by the seed of a run: by a plain random permutation (the shares of
    the classes are not evened out), or in the order of the file. The validation split is the first rows of that order,
    the test split the last, so that neither depends on the size of the other.
    """

    split: Literal["random", "head"] = structural("random", "random: rows are drawn; head: the first rows are held out")
    split_seed: int = structural(0, "decides which rows are drawn for which split", ge=0)
    validation_fraction: float = structural(
        0.1, "share held out for validation of the examples that are not for the test", ge=0, lt=1
    )
    validation_examples: int | None = structural(None, "their number, in place of the share", unit="examples", ge=0)
    limit: int | None = structural(None, "at most this many examples are trained on", unit="examples", ge=1)
    normalize: Literal["none", "standardize", "min_max"] = structural(
        "none", "standardize: mean 0 and deviation 1; min_max: 0 to 1; as learned on the training split"
    )
    augment: list[InstanceOf[Augmentation]] = structural([], "how training examples are changed, one after the other")

    _recorded: DataSpec | None = PrivateAttr(None)

    @property
    def test_share(self) -> float:
        """The share of the examples that is held out for the test; none where the source brings a test set."""
        return 0.0

    @abstractmethod
    def contents(self) -> Contents:
        """What the source holds, found without loading its arrays where its format allows. Raises DataError."""

    @abstractmethod
    def read(self) -> tuple[Arrays, Arrays | None]:
        """The arrays, and those of the source's own test set if it has one. Raises DataError."""

    def read_validation(self) -> Arrays | None:
        """The arrays of the source's own validation set, if it has one. Raises DataError."""
        return None

    def read_file(self, path: Path) -> Arrays:
        """The examples that a model is asked about, of a file of the user's: feature -> `[examples, ...]`.

        Here the arrays of an `.npz` file. Raises DataError.
        """
        return {name: read_array(path, name) for name in read_headers(path)}

    def row_names(self, path: Path) -> list[str] | None:
        """What the examples that `read_file` reads are called; None where their order is all they have."""
        return None

    def columns_of(self, path: Path) -> Mapping[str, Sequence[object]]:
        """What a table of answers says of each example of a file before the answers: column -> cells."""
        names = self.row_names(path)
        return {} if names is None else {"file": names}

    def recorded(self, spec: DataSpec) -> Self:
        """This data set as a past run knew it, so that it can be used where the files have gone."""
        copy = self.model_copy()
        copy._recorded = spec
        return copy

    def spec(self) -> DataSpec:
        """What building a graph needs to know. Raises DataError."""
        return self._recorded or self.describe()

    def describe(self) -> DataSpec:
        """What building a graph needs to know, as it is now. Raises DataError."""
        found = self.contents()
        sizes = {name: part.stop - part.start for name, part in self._ranges(found).items()}
        own = {"validation": found.validation_examples, "test": found.test_examples}
        sizes |= {name: size for name, size in own.items() if size is not None}
        return DataSpec(
            features={feature.name: feature for feature in found.features},
            inputs=tuple(feature.name for feature in found.inputs),
            targets=found.targets,
            sizes=sizes,
            dimensions=found.dimensions,
            class_names=found.class_names,
            columns=found.columns,
        )

    def load(self) -> Data:
        """The arrays by split. Raises DataError for values that cannot be trained on, or are not those of the run."""
        changes = differences(self.describe(), self._recorded) if self._recorded else ""
        if changes:
            raise DataError(f"the data are no longer those of the run: {changes}", _CHANGED)
        found = self.contents()
        ranges = self._ranges(found)
        arrays, test = self.read()
        own = {"validation": (self.read_validation(), found.source), "test": (test, found.test_source or found.source)}
        classes = found.dimensions.get("num_classes")
        check_values(arrays, classes, found.source)
        order = self._order(found)
        splits = {
            name: {feature: array[order[part]] for feature, array in arrays.items()} for name, part in ranges.items()
        }
        for name, (given, source) in own.items():
            if given is not None:
                check_values(given, classes, source)
                splits[name] = given
        if self.normalize == "none":
            return Data(splits)
        return Data(splits, {f.name: learn(splits["train"][f.name], f, self.normalize) for f in found.inputs})

    def _order(self, found: Contents) -> np.ndarray:
        """The order of the rows in which the splits are ranges."""
        return permutation(found.examples, self.split_seed) if self.split == "random" else np.arange(found.examples)

    def _ranges(self, found: Contents) -> dict[str, slice]:
        """Split -> its range in the order of the rows; empty where the source brings a set of its own."""
        first_of_test = found.examples - _share(found.examples, self.test_share, "test_fraction")
        validation = 0 if found.validation_examples is not None else self.validation_examples
        if validation is None:
            validation = _share(first_of_test, self.validation_fraction, "validation_fraction")
        first = validation + (found.gap if validation else 0)
        end = first_of_test - (found.gap if first_of_test < found.examples else 0)
        if first >= end:
            option = "validation_fraction" if self.validation_examples is None else "validation_examples"
            raise DataError(
                f"of the {found.examples:,} examples of {found.source}, {validation:,} for validation and "
                f"{found.examples - first_of_test:,} for the test"
                + (f", and {found.gap:,} left out between two splits," if found.gap else "")
                + " leave none to train on",
                f"lower dataset.{option}" + (" or dataset.test_fraction" if self.test_share else ""),
            )
        last = end if self.limit is None else min(end, first + self.limit)
        return {
            "train": slice(first, last),
            "validation": slice(0, validation),
            "test": slice(first_of_test, found.examples),
        }


class UndividedDataset(Dataset):
    """A source that brings no test set of its own."""

    test_fraction: float = structural(0.2, "share of the examples held out for the test", ge=0, lt=1)

    @property
    def test_share(self) -> float:
        return self.test_fraction


_CHANGED = "bring them back, or evaluate a file of other data: data=..."
DATASETS: Registry[type[Dataset]] = Registry("dataset")


def _share(examples: int, fraction: float, option: str) -> int:
    """How many examples a fraction is. Raises DataError when it was to be some and is none."""
    count = round(examples * fraction)
    if fraction > 0 and count == 0:
        raise DataError(
            f"dataset.{option} {fraction:g} of {examples:,} examples is not one example",
            f"raise it to {1 / max(examples, 1):.2g} or more, or set it to 0 to do without that split",
        )
    return count
