"""MNIST is read from its four files, and nothing else is taken for it."""

from __future__ import annotations

import gzip
import hashlib
import os
import struct
import time
from pathlib import Path

import numpy as np
import pytest

from framework.data import DATASETS, Dataset, mnist
from framework.data.mnist import FILES, VARIABLE, IdxFile
from framework.errors import DataError

rng = np.random.default_rng(0)


def mnist_set(**options: object) -> Dataset:
    return DATASETS["mnist"].model_validate(options)


# -- the real files -------------------------------------------------------------------------------------------------


def real_folder() -> Path | None:
    given = os.environ.get(VARIABLE)
    found = [folder for folder in (Path(given, "mnist"), Path(given)) if folder.is_dir()] if given else []
    return next((f for f in found if (f / "t10k-labels-idx1-ubyte.gz").exists()), None)


needs_mnist = pytest.mark.skipif(real_folder() is None, reason=f"{VARIABLE} names no folder with MNIST's files")


@needs_mnist
def test_the_real_files_are_split_as_in_the_studies():
    dataset = mnist_set(split="head", validation_examples=5000)
    spec = dataset.spec()
    assert spec.sizes == {"train": 55_000, "validation": 5_000, "test": 10_000}
    assert (spec.inputs, spec.targets, dict(spec.dimensions)) == (("image",), ("label",), {"num_classes": 10})
    data = dataset.load()
    for split, size in spec.sizes.items():
        image, label = data.splits[split]["image"], data.splits[split]["label"]
        assert (image.dtype, image.shape) == (np.uint8, (size, 28, 28, 1))
        assert (label.dtype, label.shape) == (np.int32, (size,))
    # Facts of the published set: its first labels, and how often each digit occurs in the test set.
    assert data.splits["validation"]["label"][:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert np.bincount(data.splits["test"]["label"]).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert data.splits["test"]["image"].max() * spec.features["image"].scale == 1


@needs_mnist
def test_the_statistics_are_those_known_of_mnist():
    learned = mnist_set(normalize="standardize", validation_fraction=0).load().statistics["image"]
    np.testing.assert_allclose(np.concatenate(learned), [0.1307, 0.3081], atol=1e-4)


@needs_mnist
def test_the_specification_takes_milliseconds_and_loading_less_than_a_second():
    began = time.perf_counter()
    mnist_set().spec()
    known = time.perf_counter()
    mnist_set().load()
    assert known - began < 0.1
    assert time.perf_counter() - known < 2  # about 0.3 on two idle cores


# -- small files in their place -------------------------------------------------------------------------------------

ARRAYS = {
    "train": {"image": rng.integers(0, 256, (30, 28, 28), np.uint8), "label": rng.integers(0, 10, 30).astype(np.uint8)},
    "test": {"image": rng.integers(0, 256, (8, 28, 28), np.uint8), "label": rng.integers(0, 10, 8).astype(np.uint8)},
}


def idx(array: np.ndarray) -> bytes:
    """The format as http://yann.lecun.com/exdb/mnist describes it: magic number, sizes, bytes."""
    magic = {1: 2049, 3: 2051}[array.ndim]
    return struct.pack(f">i{array.ndim}i", magic, *array.shape) + array.tobytes()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with four small files that pass for MNIST's."""
    known: dict[str, dict[str, IdxFile]] = {}
    for split, arrays in ARRAYS.items():
        known[split] = {}
        for feature, array in arrays.items():
            name = FILES[split][feature].name
            (tmp_path / f"{name}.gz").write_bytes(gzip.compress(idx(array)))
            known[split][feature] = IdxFile(name, array.shape, hashlib.sha256(idx(array)).hexdigest())
    monkeypatch.setattr(mnist, "FILES", known)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


def test_arrays_are_those_that_were_written(folder: Path):
    train, test = mnist_set().read()
    assert test is not None
    for split, arrays in (("train", train), ("test", test)):
        np.testing.assert_array_equal(arrays["image"][..., 0], ARRAYS[split]["image"])
        np.testing.assert_array_equal(arrays["label"], ARRAYS[split]["label"])
    data = mnist_set(split="head", validation_examples=4).load()
    np.testing.assert_array_equal(data.splits["train"]["image"][..., 0], ARRAYS["train"]["image"][4:])
    assert mnist_set(split="head", validation_examples=4).spec().sizes == {"train": 26, "validation": 4, "test": 8}


def test_files_may_be_unpacked_in_a_folder_mnist_or_in_a_named_one(folder: Path, monkeypatch: pytest.MonkeyPatch):
    inner = folder / "mnist"
    inner.mkdir()
    for path in folder.glob("*.gz"):
        (inner / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    np.testing.assert_array_equal(mnist_set().read()[0]["label"], ARRAYS["train"]["label"])
    monkeypatch.delenv(VARIABLE)
    np.testing.assert_array_equal(mnist_set(directory=str(inner)).read()[0]["label"], ARRAYS["train"]["label"])


def described_and_loaded() -> None:
    mnist_set().spec()
    mnist_set().load()


def refused(message: str, hint: str = "") -> None:
    with pytest.raises(DataError, match=message) as caught:
        described_and_loaded()
    assert caught.value.hint
    assert hint in caught.value.hint


def test_without_a_folder_it_is_said_how_to_name_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    refused("neither GRAPHWRIGHT_DATA nor dataset.directory says where", hint="export GRAPHWRIGHT_DATA=")


def test_a_folder_that_is_not_there_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(VARIABLE, str(folder / "nowhere"))
    refused("there is no folder .*nowhere, which GRAPHWRIGHT_DATA names")
    with pytest.raises(DataError, match=r"there is no folder /not/there, which dataset.directory names"):
        mnist_set(directory="/not/there").spec()
    with pytest.raises(DataError, match=r"there is no folder ~nobody-of-this-name, which dataset.directory names"):
        mnist_set(directory="~nobody-of-this-name").spec()


def test_all_missing_files_are_named_at_once(folder: Path):
    (folder / "train-labels-idx1-ubyte.gz").unlink()
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    refused("lacks train-labels-idx1-ubyte.gz, t10k-labels-idx1-ubyte.gz", hint="https://")


PACKED = "train-images-idx3-ubyte.gz"


def test_an_empty_file_is_refused(folder: Path):
    (folder / PACKED).write_bytes(b"")
    refused("train-images-idx3-ubyte.gz is empty")


def test_a_file_that_is_not_gzip_is_refused(folder: Path):
    (folder / PACKED).write_bytes(b"<html>not found</html>")
    refused("is not packed by gzip")


def test_a_folder_in_place_of_a_file_is_refused(folder: Path):
    (folder / PACKED).unlink()
    (folder / PACKED).mkdir()
    refused("is a folder, where a file is expected")


@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_a_truncated_file_is_refused(folder: Path, kept: float):
    packed = (folder / PACKED).read_bytes()
    (folder / PACKED).write_bytes(packed[: int(len(packed) * kept)])
    refused(r"is truncated: [\d,]+ of 23,536 bytes", hint="load it again")


def test_a_file_that_ends_in_its_header_is_refused(folder: Path):
    (folder / PACKED).write_bytes(gzip.compress(idx(ARRAYS["train"]["image"])[:9]))
    refused("is truncated: it ends in its header")


def test_a_damaged_stream_is_refused(folder: Path):
    packed = bytearray((folder / PACKED).read_bytes())
    packed[2000:2100] = bytes(100)
    (folder / PACKED).write_bytes(packed)
    refused("is damaged|is not the file of MNIST|is truncated")


def test_labels_in_place_of_images_are_refused(folder: Path):
    (folder / PACKED).write_bytes((folder / "train-labels-idx1-ubyte.gz").read_bytes())
    refused("is no IDX file of bytes in 3 dimensions; it begins with 00 00 08 01")


def test_another_number_of_images_is_refused(folder: Path):
    (folder / PACKED).write_bytes(gzip.compress(idx(ARRAYS["train"]["image"][:29])))
    refused(r"holds \[29, 28, 28\] bytes, but that of MNIST holds \[30, 28, 28\]")


def test_what_comes_after_the_declared_bytes_is_refused(folder: Path):
    (folder / PACKED).write_bytes(gzip.compress(idx(ARRAYS["train"]["image"]) + b"\0" * 10_000_000))
    refused("goes on after the 23,536 bytes that its header declares")


def test_other_images_of_the_same_size_are_refused(folder: Path):
    (folder / PACKED).write_bytes(gzip.compress(idx(255 - ARRAYS["train"]["image"])))
    assert mnist_set().spec().sizes["test"] == 8  # the specification reads headers alone
    refused("is not the file of MNIST: its SHA-256 is not", hint="dataset=npz")


def test_a_damaged_tail_does_not_disturb_the_specification(folder: Path):
    packed = (folder / PACKED).read_bytes()
    (folder / PACKED).write_bytes(packed[:-20])
    assert mnist_set().spec().sizes["train"] == 27  # it reads headers alone
    refused("is truncated")
