"""Splits: disjoint, complete, decided by split_seed alone, and known before anything is loaded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from framework.data.dataset import DATASETS, Contents, Dataset, UndividedDataset
from framework.data.spec import Arrays, Feature, label
from framework.errors import DataError
from framework.fields import Kind
from framework.graph import as_dtype


class Numbered(UndividedDataset):
    """Examples that are their own row numbers."""

    rows: int = 100

    def contents(self) -> Contents:
        features = (Feature("x", as_dtype("float32"), (1,)), label())
        return Contents(features, ("label",), self.rows, {"num_classes": 2}, "numbers")

    def read(self) -> tuple[Arrays, None]:
        rows = np.arange(self.rows)
        return {"x": rows[:, None].astype(np.float32), "label": (rows % 2).astype(np.int32)}, None


class Divided(Dataset):
    """A hundred examples, and a test set of ten."""

    label_of_test: int = 0

    def contents(self) -> Contents:
        features = (Feature("x", as_dtype("float32"), (1,)), label())
        return Contents(
            features, ("label",), 100, {"num_classes": 2}, "train.bin", test_examples=10, test_source="test.bin"
        )

    def read(self) -> tuple[Arrays, Arrays]:
        train = {"x": np.arange(100, dtype=np.float32)[:, None], "label": np.zeros(100, np.int32)}
        test = {"x": -np.ones((10, 1), np.float32), "label": np.full(10, self.label_of_test, np.int32)}
        return train, test


def rows_of(dataset: Dataset) -> dict[str, list[int]]:
    return {name: arrays["x"].ravel().astype(int).tolist() for name, arrays in dataset.load().splits.items()}


@given(
    rows=st.integers(1, 300),
    split=st.sampled_from(["random", "head"]),
    seed=st.integers(0, 2**70),
    validation=st.sampled_from([0, 0.1, 0.33]),
    test=st.sampled_from([0, 0.2, 0.5]),
)
def test_splits_are_disjoint_complete_and_as_large_as_promised(
    rows: int, split: Any, seed: int, validation: float, test: float
):
    dataset = Numbered(rows=rows, split=split, split_seed=seed, validation_fraction=validation, test_fraction=test)
    try:
        spec = dataset.spec()
    except DataError:
        assume(False)
    found = rows_of(dataset)
    assert list(found) == list(spec.sizes) == ["train", "validation", "test"]
    assert {name: len(part) for name, part in found.items()} == spec.sizes
    assert sorted(found["train"] + found["validation"] + found["test"]) == list(range(rows))
    assert spec.sizes["test"] == round(rows * test)
    assert spec.sizes["validation"] == round((rows - spec.sizes["test"]) * validation)


def test_features_of_an_example_stay_together():
    for arrays in Numbered().load().splits.values():
        np.testing.assert_array_equal(arrays["x"].ravel() % 2, arrays["label"])


def test_only_the_split_seed_decides_the_rows():
    first, same, other = (rows_of(Numbered(split_seed=seed)) for seed in (0, 0, 1))
    assert first == same
    assert all(first[name] != other[name] for name in first)
    # The seed of a run is not known to a data set, and so cannot change its splits.
    assert [name for name in Dataset.model_fields if "seed" in name] == ["split_seed"]
    assert Dataset.kind_of("split_seed") is Kind.STRUCTURAL


def test_the_test_split_does_not_depend_on_the_validation_split():
    tests = {tuple(rows_of(Numbered(validation_fraction=share))["test"]) for share in (0, 0.1, 0.5)}
    assert len(tests) == 1


def test_head_holds_out_the_first_rows_and_tests_on_the_last():
    found = rows_of(Numbered(split="head", validation_examples=5))
    assert found["validation"] == [0, 1, 2, 3, 4]
    assert found["train"] == list(range(5, 80))
    assert found["test"] == list(range(80, 100))


def test_a_number_of_validation_examples_stands_in_place_of_the_share():
    assert Numbered(validation_examples=7, validation_fraction=0.5).spec().sizes["validation"] == 7
    assert Numbered(validation_examples=0).load().examples("validation") == 0


def test_a_limit_keeps_the_first_training_examples_and_leaves_the_other_splits():
    whole, limited = rows_of(Numbered()), rows_of(Numbered(limit=11))
    assert limited == whole | {"train": whole["train"][:11]}
    assert Numbered(limit=11).spec().sizes == {"train": 11, "validation": 8, "test": 20}
    assert Numbered(limit=1000).spec().sizes == Numbered().spec().sizes


def test_a_test_set_of_its_own_is_kept_whole():
    found = rows_of(Divided())
    assert found["test"] == [-1] * 10
    assert sorted(found["train"] + found["validation"]) == list(range(100))
    assert Divided().spec().sizes == {"train": 90, "validation": 10, "test": 10}
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Divided.model_validate({"test_fraction": 0.5})


def test_statistics_are_those_of_the_training_split_alone():
    data = Numbered(normalize="standardize").load()
    assert list(data.statistics) == ["x"]
    mean, divisor = data.statistics["x"]
    train = data.splits["train"]["x"].astype(np.float64)
    np.testing.assert_allclose(mean, train.mean(0), rtol=1e-6)
    np.testing.assert_allclose(divisor, train.std(0), rtol=1e-6)
    limited = Numbered(normalize="min_max", split="head", limit=3).load()
    assert [part.tolist() for part in limited.statistics["x"]] == [[8], [2]]
    assert Numbered().load().statistics == {}


def test_features_stay_as_stored_whatever_the_normalisation():
    for kind in ("standardize", "min_max"):
        assert rows_of(Numbered(normalize=kind)) == rows_of(Numbered())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"validation_fraction": 0.001}, "dataset.validation_fraction 0.001 of 80 examples is not one example"),
        ({"test_fraction": 0.004}, "dataset.test_fraction 0.004 of 100 examples is not one example"),
        ({"validation_examples": 80}, "80 for validation and 20 for the test leave none to train on"),
        ({"validation_fraction": 0.999}, "80 for validation and 20 for the test leave none to train on"),
        ({"test_fraction": 0.999, "validation_fraction": 0}, "0 for validation and 100 for the test leave none"),
    ],
)
def test_an_empty_split_is_refused_before_loading(options: dict[str, Any], message: str):
    with pytest.raises(DataError, match=message) as caught:
        Numbered(**options).spec()
    assert caught.value.hint


@pytest.mark.parametrize(
    ("dataset", "hint"),
    [
        (Numbered(validation_fraction=0.999), "lower dataset.validation_fraction or dataset.test_fraction"),
        (Numbered(validation_examples=80), "lower dataset.validation_examples or dataset.test_fraction"),
        (Numbered(validation_examples=100, test_fraction=0), "lower dataset.validation_examples"),
        (Divided(validation_examples=100), "lower dataset.validation_examples"),
    ],
)
def test_only_options_that_can_help_are_named(dataset: Dataset, hint: str):
    with pytest.raises(DataError, match="leave none to train on") as caught:
        dataset.spec()
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    "options",
    [{"validation_fraction": 1}, {"test_fraction": -0.1}, {"split_seed": -1}, {"limit": 0}, {"split": "tail"}],
)
def test_options_outside_their_range_are_refused(options: dict[str, Any]):
    with pytest.raises(ValidationError):
        Numbered.model_validate(options)


def test_the_values_of_a_test_set_are_checked_too():
    with pytest.raises(DataError, match=r"test.bin: 'label' must be one of the classes 0 to 1, found 2 in row 0"):
        Divided(label_of_test=2).load()


@pytest.mark.parametrize("name", list(DATASETS))
def test_every_option_of_every_data_set_says_its_kind_and_meaning(name: str):
    for option, field in DATASETS[name].model_fields.items():
        assert DATASETS[name].kind_of(option) is Kind.STRUCTURAL
        assert field.description
