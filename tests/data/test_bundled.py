"""The bundled sets equal what scikit-learn loads, and are read without importing it."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sklearn.datasets

from framework.data import DATASETS, Dataset, bundled
from framework.errors import DataError

NAMES = ["digits", "iris", "wine", "breast_cancer", "diabetes"]
TABLES = ["iris", "wine", "breast_cancer"]


def load_in_order(name: str) -> dict[str, np.ndarray]:
    arrays, own_test = DATASETS[name]().read()
    assert own_test is None
    return arrays


@pytest.mark.parametrize("name", TABLES)
def test_tables_equal_those_of_sklearn(name: str):
    theirs = getattr(sklearn.datasets, f"load_{name}")()
    ours = load_in_order(name)
    np.testing.assert_array_equal(ours["features"], theirs.data.astype(np.float32))
    np.testing.assert_array_equal(ours["label"], theirs.target)
    assert DATASETS[name]().spec().class_names == tuple(theirs.target_names)


def test_digits_equal_those_of_sklearn():
    theirs = sklearn.datasets.load_digits()
    ours = load_in_order("digits")
    np.testing.assert_array_equal(ours["image"][..., 0], theirs.images)
    np.testing.assert_array_equal(ours["label"], theirs.target)
    spec = DATASETS["digits"]().spec()
    assert spec.class_names == tuple(str(name) for name in theirs.target_names)
    assert spec.features["image"].scale * theirs.images.max() == 1


def test_diabetes_equals_that_of_sklearn_as_measured():
    theirs = sklearn.datasets.load_diabetes(scaled=False)
    ours = load_in_order("diabetes")
    np.testing.assert_array_equal(ours["features"], theirs.data.astype(np.float32))
    np.testing.assert_array_equal(ours["target"], theirs.target.astype(np.float32)[:, None])


@pytest.mark.parametrize("name", NAMES)
def test_what_is_promised_is_what_is_loaded(name: str):
    dataset: Dataset = DATASETS[name](split_seed=3, normalize="standardize")
    spec, data = dataset.spec(), dataset.load()
    assert set(spec.inputs) | set(spec.targets) == set(spec.features)
    for split, size in spec.sizes.items():
        assert data.examples(split) == size
        for feature in spec.features.values():
            array = data.splits[split][feature.name]
            assert array.shape == (size, *feature.shape)
            assert array.dtype == feature.dtype.numpy
    for feature in spec.inputs:
        mean, divisor = data.statistics[feature]
        assert mean.shape == divisor.shape == spec.features[feature].shape[-1:]
    assert set(data.statistics) == set(spec.inputs)


def test_dimensions_are_those_that_a_configuration_names():
    found = {name: dict(DATASETS[name]().spec().dimensions) for name in NAMES}
    assert found == {
        "digits": {"num_classes": 10},
        "iris": {"num_features": 4, "num_classes": 3},
        "wine": {"num_features": 13, "num_classes": 3},
        "breast_cancer": {"num_features": 30, "num_classes": 2},
        "diabetes": {"num_features": 10},
    }


@pytest.mark.parametrize("name", NAMES)
def test_the_specification_reads_no_file(name: str, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise RuntimeError("a file was read")

    monkeypatch.setattr(bundled, "read_start", refuse)
    assert DATASETS[name]().spec().sizes["train"] > 0
    with pytest.raises(RuntimeError):
        DATASETS[name]().load()


def test_neither_sklearn_nor_jax_is_imported():
    program = (
        "import sys; from framework.data import DATASETS; DATASETS['digits']().load(); "
        "sys.exit(bool({'jax', 'optax', 'sklearn', 'scipy'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of scikit-learn's data, to be damaged."""
    for name in ("iris.csv", "digits.csv.gz", "diabetes_data_raw.csv.gz", "diabetes_target.csv.gz"):
        shutil.copy(bundled._folder() / name, tmp_path)
    monkeypatch.setattr(bundled, "_folder", lambda: tmp_path)
    return tmp_path


def rewrite_iris(folder: Path, old: str, new: str) -> None:
    path = folder / "iris.csv"
    path.write_text(path.read_text().replace(old, new, 1))


def test_a_missing_row_or_column_is_found(folder: Path):
    rewrite_iris(folder, "5.1,3.5,1.4,0.2,0\n", "")
    with pytest.raises(DataError, match=r"iris.csv holds 149 rows, expected 150"):
        DATASETS["iris"]().load()
    lines = ["1,2,0\n"] * 150
    (folder / "iris.csv").write_text("".join(["header\n", *lines]))
    with pytest.raises(DataError, match=r"iris.csv holds 3 columns, expected 5"):
        DATASETS["iris"]().load()


def test_what_is_no_number_is_found(folder: Path):
    rewrite_iris(folder, "5.1,3.5", "5.1,three")
    with pytest.raises(DataError, match=r"iris.csv is no table of numbers: .*three"):
        DATASETS["iris"]().load()


def test_nan_and_strange_classes_are_found(folder: Path):
    rewrite_iris(folder, "4.9,3.0", "4.9,nan")
    message = "'features' is not finite .* in 1 of 150 rows, first in row 1; such values in all: 1"
    with pytest.raises(DataError, match=message) as caught:
        DATASETS["iris"]().load()
    assert str(caught.value).endswith("before the file is written")
    rewrite_iris(folder, "4.9,nan,1.4,0.2,0", "4.9,3.0,1.4,0.2,3")
    with pytest.raises(DataError, match="'label' must be one of the classes 0 to 2, found 3 in row 1 "):
        DATASETS["iris"]().load()


def test_missing_empty_and_damaged_files_are_found(folder: Path):
    (folder / "iris.csv").write_bytes(b"")
    with pytest.raises(DataError, match=r"iris.csv is empty"):
        DATASETS["iris"]().load()
    (folder / "iris.csv").unlink()
    with pytest.raises(DataError, match=r"there is no file .*iris.csv"):
        DATASETS["iris"]().load()
    packed = (folder / "digits.csv.gz").read_bytes()
    (folder / "digits.csv.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(DataError, match=r"digits.csv.gz holds \d+ rows, expected 1797|is no table of numbers"):
        DATASETS["digits"]().load()
    (folder / "digits.csv.gz").write_bytes(gzip.decompress(packed))
    with pytest.raises(DataError, match=r"digits.csv.gz is not packed by gzip"):
        DATASETS["digits"]().load()


def test_a_missing_scikit_learn_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bundled, "find_spec", lambda _: None)
    with pytest.raises(DataError, match="scikit-learn, which is not installed") as caught:
        DATASETS["iris"]().load()
    assert caught.value.hint == "pip install scikit-learn"
