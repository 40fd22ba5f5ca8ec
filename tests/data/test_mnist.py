"""MNIST and Fashion-MNIST are read from their files, which are loaded where they are nowhere, and from no others."""

from __future__ import annotations

import gzip
import hashlib
import os
import struct
import time
from pathlib import Path

import numpy as np
import pytest

from framework.data import DATASETS, Dataset
from framework.data.download import Remote
from framework.data.idx import IdxDataset, IdxFile
from framework.data.mnist import FashionMnist, Mnist
from framework.data.published import VARIABLE
from framework.errors import DataError

FILES = Mnist.files
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
def packed() -> dict[str, bytes]:
    """The four small files that pass for MNIST's: name -> content."""
    return {
        FILES[split][feature].remote.name: gzip.compress(idx(array))
        for split, arrays in ARRAYS.items()
        for feature, array in arrays.items()
    }


def pass_for(kind: type[IdxDataset], packed: dict[str, bytes], url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes a data set one of the four small files, published below `url`."""

    def file(split: str, feature: str) -> IdxFile:
        known, array = kind.files[split][feature], ARRAYS[split][feature]
        name = known.remote.name
        content = packed[name]
        remote = Remote(name, len(content), hashlib.sha256(content).hexdigest(), (f"{url}/{name}",))
        unpacked = hashlib.sha256(idx(array)).hexdigest() if known.unpacked_sha256 else None
        return IdxFile(remote, array.shape, unpacked)

    small = {split: {feature: file(split, feature) for feature in arrays} for split, arrays in ARRAYS.items()}
    monkeypatch.setattr(kind, "files", small)


@pytest.fixture
def folder(tmp_path: Path, packed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the four files."""
    for name, content in packed.items():
        (tmp_path / name).write_bytes(content)
    pass_for(Mnist, packed, "https://example.invalid", monkeypatch)
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


def test_fashion_mnist_is_told_from_mnist_by_the_checksums_of_its_packed_files(
    folder: Path, packed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
):
    pass_for(FashionMnist, packed, "https://example.invalid", monkeypatch)
    dataset = DATASETS["fashion_mnist"].model_validate({})
    np.testing.assert_array_equal(dataset.read()[0]["label"], ARRAYS["train"]["label"])
    assert (dataset.spec().class_names or ())[9] == "Ankle boot"
    (folder / PACKED).write_bytes(gzip.compress(gzip.decompress(packed[PACKED]), 1))
    mnist_set().load()  # the same images, packed by another program
    with pytest.raises(DataError, match="is not the file of Fashion-MNIST: its SHA-256 is not"):
        dataset.load()


def test_a_damaged_tail_does_not_disturb_the_specification(folder: Path):
    packed = (folder / PACKED).read_bytes()
    (folder / PACKED).write_bytes(packed[:-20])
    assert mnist_set().spec().sizes["train"] == 27  # it reads headers alone
    refused("is truncated")


# -- loaded from where they are published ---------------------------------------------------------------------------


@pytest.fixture
def published(server, cache: Path, packed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    server.files.update(packed)
    pass_for(Mnist, packed, server.url("/ok"), monkeypatch)
    return server


def test_files_that_are_nowhere_are_loaded_once_and_only_when_they_are_needed(published, cache: Path):
    assert mnist_set().spec().sizes == {"train": 27, "validation": 3, "test": 8}
    assert published.asked == []
    assert not cache.exists()
    for _ in range(2):
        np.testing.assert_array_equal(mnist_set().read()[0]["image"][..., 0], ARRAYS["train"]["image"])
    assert len(published.asked) == 4
    assert (cache / "mnist" / PACKED).is_file()


def test_another_data_set_in_the_folder_does_not_keep_it_from_being_loaded(
    published, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "cifar10").mkdir()
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    mnist_set().load()
    assert len(published.asked) == 4


def test_what_was_loaded_in_part_is_completed(published, cache: Path, packed: dict[str, bytes]):
    (cache / "mnist").mkdir(parents=True)
    (cache / "mnist" / PACKED).write_bytes(packed[PACKED])
    mnist_set().load()
    assert len(published.asked) == 3


def test_a_named_folder_is_never_completed_from_elsewhere(published, tmp_path: Path):
    with pytest.raises(DataError, match=f"lacks {PACKED}, train-labels"):
        mnist_set(directory=str(tmp_path)).spec()
    assert published.asked == []


def test_a_file_that_was_damaged_in_the_cache_is_found_out(published, cache: Path, packed: dict[str, bytes]):
    mnist_set().load()
    (cache / "mnist" / PACKED).write_bytes(gzip.compress(idx(255 - ARRAYS["train"]["image"])))
    refused("is not the file of MNIST")


@pytest.mark.parametrize("kind", [Mnist, FashionMnist])
def test_every_file_has_addresses_and_a_checksum(kind: type[IdxDataset]):
    assert {file.remote.name: file.shape for files in kind.files.values() for file in files.values()} == {
        "train-images-idx3-ubyte.gz": (60000, 28, 28),
        "train-labels-idx1-ubyte.gz": (60000,),
        "t10k-images-idx3-ubyte.gz": (10000, 28, 28),
        "t10k-labels-idx1-ubyte.gz": (10000,),
    }
    for remote in kind.remotes():
        assert len(bytes.fromhex(remote.sha256)) == 32
        assert len(remote.urls) > 1
        assert all(url.endswith(f"/{remote.name}") for url in remote.urls)
