"""Arrays of the user's own: what becomes of them, and every file that cannot be trained on."""

from __future__ import annotations

import contextlib
import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from framework.data import DATASETS, Dataset, archive
from framework.errors import DataError

rng = np.random.default_rng(0)
IMAGE = rng.integers(0, 256, (20, 4, 4, 1)).astype(np.uint8)
LABEL = np.arange(20) % 3
TABLE = rng.normal(size=(20, 5))


@pytest.fixture
def save(tmp_path: Path):
    """Writes arrays to a file, and gives the data set over it."""

    def write(options: dict[str, Any] | None = None, **arrays: Any) -> Dataset:
        path = tmp_path / "data.npz"
        np.savez(path, **arrays)
        return npz(path, **(options or {}))

    return write


def npz(path: Path, **options: Any) -> Dataset:
    return DATASETS["npz"].model_validate({"path": str(path), **options})


def in_order(dataset: Dataset) -> dict[str, np.ndarray]:
    return dataset.read()[0]


# -- what becomes of the arrays -------------------------------------------------------------------------------------


def test_images_and_labels_are_one_feature_each(save: Any):
    dataset = save(image=IMAGE, label=LABEL)
    spec, arrays = dataset.spec(), in_order(dataset)
    assert (spec.inputs, spec.targets, dict(spec.dimensions)) == (("image",), ("label",), {"num_classes": 3})
    assert spec.sizes == {"train": 14, "validation": 2, "test": 4}
    assert arrays["image"].dtype == np.uint8
    np.testing.assert_array_equal(arrays["image"], IMAGE)
    assert arrays["label"].dtype == np.int32
    np.testing.assert_array_equal(arrays["label"], LABEL)


def test_a_column_of_numbers_to_predict_is_one_number_an_example(save: Any):
    dataset = save(features=TABLE, target=TABLE.sum(1))
    spec, arrays = dataset.spec(), in_order(dataset)
    assert (spec.inputs, spec.targets, dict(spec.dimensions)) == (("features",), ("target",), {"num_features": 5})
    assert spec.features["target"].shape == (1,)
    np.testing.assert_array_equal(arrays["target"], TABLE.sum(1).astype(np.float32)[:, None])


@pytest.mark.parametrize(
    ("arrays", "options", "inputs", "targets"),
    [
        ({"x": TABLE, "y": LABEL}, {}, ("x",), ("label",)),
        ({"x": TABLE, "y": TABLE[:, 0]}, {}, ("x",), ("target",)),
        ({"x": TABLE, "digit": LABEL}, {"label": "digit"}, ("x",), ("label",)),
        ({"x": TABLE, "price": LABEL}, {"target": "price"}, ("x",), ("target",)),
        ({"x": TABLE, "label": LABEL, "digit": LABEL}, {"label": "digit"}, ("x",), ("label",)),
        ({"a": TABLE, "b": IMAGE, "label": LABEL}, {}, ("a", "b"), ("label",)),
        ({"a": TABLE, "b": IMAGE, "label": LABEL}, {"inputs": ["b"]}, ("b",), ("label",)),
        ({"x": TABLE, "label": LABEL, "target": LABEL}, {}, ("x",), ("label", "target")),
        ({"x": TABLE}, {}, ("x",), ()),
    ],
)
def test_which_arrays_are_read_and_which_predicted(
    save: Any, arrays: dict[str, np.ndarray], options: dict[str, Any], inputs: tuple[str], targets: tuple[str]
):
    spec = save(options, **arrays).spec()
    assert (spec.inputs, spec.targets) == (inputs, targets)


@pytest.mark.parametrize(
    ("stored", "fed"),
    [
        *((t, t) for t in ("bool", "int8", "int16", "int32", "uint8", "uint16", "float16", "float32")),
        *(("int64", "int32"), ("uint32", "int32"), ("uint64", "int32"), ("float64", "float32")),
        *((">f8", "float32"), (">i2", "int16")),
    ],
)
def test_numbers_are_fed_in_at_most_32_bits(save: Any, stored: str, fed: str):
    x = (np.arange(20).reshape(20, 1) % 2).astype(stored)
    dataset = save(x=np.asfortranarray(x), label=LABEL)
    assert dataset.spec().features["x"].dtype.name == fed
    found = in_order(dataset)["x"]
    assert found.dtype == np.dtype(fed)
    np.testing.assert_array_equal(found, x)


@pytest.mark.parametrize(
    "labels", [*map(LABEL.astype, ("f2", "f4", "f8", "g", ">f4")), LABEL[:, None], LABEL.astype(np.uint8), LABEL > 1]
)
def test_whole_numbers_of_any_type_are_labels(save: Any, labels: np.ndarray):
    dataset = save(x=TABLE, label=labels)
    assert dataset.spec().dimensions["num_classes"] == int(labels.max()) + 1
    np.testing.assert_array_equal(in_order(dataset)["label"], labels.ravel())


def test_a_test_file_is_kept_whole(save: Any, tmp_path: Path):
    np.savez(tmp_path / "test.npz", image=IMAGE[:7], label=LABEL[:7], more=np.zeros(3))
    dataset = save({"test_path": str(tmp_path / "test.npz"), "validation_examples": 4}, image=IMAGE, label=LABEL)
    spec, data = dataset.spec(), dataset.load()
    assert spec.sizes == {"train": 16, "validation": 4, "test": 7} == {s: data.examples(s) for s in data.splits}
    np.testing.assert_array_equal(data.splits["test"]["image"], IMAGE[:7])


def test_a_test_file_may_be_written_in_the_other_order_of_bytes(save: Any, tmp_path: Path):
    np.savez(tmp_path / "test.npz", x=TABLE.astype(">f8"), label=LABEL.astype(">i8"))
    data = save({"test_path": str(tmp_path / "test.npz")}, x=TABLE.astype("<f8"), label=LABEL.astype("<i8")).load()
    np.testing.assert_array_equal(data.splits["test"]["x"], TABLE.astype(np.float32))


@pytest.mark.parametrize(
    "arrays",
    [{"image": IMAGE, "label": LABEL}, {"x": TABLE, "y": TABLE[:, :2]}, {"s": TABLE[:, 0], "t": IMAGE, "label": LABEL}],
)
def test_what_is_promised_is_what_is_loaded(save: Any, arrays: dict[str, np.ndarray]):
    dataset = save({"normalize": "standardize"}, **arrays)
    spec, data = dataset.spec(), dataset.load()
    for split, size in spec.sizes.items():
        assert set(data.splits[split]) == set(spec.features)
        for name, feature in spec.features.items():
            assert data.splits[split][name].shape == (size, *feature.shape)
            assert data.splits[split][name].dtype == feature.dtype.numpy
    for name in spec.inputs:
        assert data.statistics[name][0].shape == (spec.features[name].shape[-1:] or (1,))


def test_the_specification_reads_no_array_but_the_labels(save: Any, monkeypatch: pytest.MonkeyPatch):
    dataset = save(image=IMAGE, label=LABEL)
    read: list[tuple[int, ...]] = []
    original = archive.npy.read_array

    def watched(stream: Any, **options: Any) -> np.ndarray:
        array = original(stream, **options)
        read.append(array.shape)
        return array

    monkeypatch.setattr(archive.npy, "read_array", watched)
    dataset.spec()
    assert read == [(20,)]


def test_packed_files_are_read(tmp_path: Path):
    np.savez_compressed(tmp_path / "data.npz", image=IMAGE, label=LABEL)
    np.testing.assert_array_equal(in_order(npz(tmp_path / "data.npz"))["image"], IMAGE)


# -- what is refused ------------------------------------------------------------------------------------------------


def described_and_loaded(dataset: Dataset) -> None:
    dataset.spec()
    dataset.load()


def refused(dataset: Dataset, message: str) -> DataError:
    with pytest.raises(DataError, match=message) as caught:
        described_and_loaded(dataset)
    assert "data.npz" in caught.value.message or "test.npz" in caught.value.message
    assert caught.value.hint
    assert "\n" not in caught.value.message
    return caught.value


def with_one(array: np.ndarray, number: float, row: int = 3) -> np.ndarray:
    changed = array.copy()
    changed[row] = number
    return changed


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": TABLE[:19], "label": LABEL}, "different numbers of examples: 'x' 19, 'label' 20"),
        (
            {"x": with_one(TABLE, np.nan), "label": LABEL},
            r"'x' is not finite .* in 1 of 20 rows, first in row 3; such values in all: 5",
        ),
        ({"x": with_one(TABLE, -np.inf), "label": LABEL}, r"'x' is not finite .* in 1 of 20 rows, first in row 3"),
        ({"x": with_one(TABLE, 1e200), "label": LABEL}, r"'x' is not finite \(.* beyond float32\) in 1 of 20 rows"),
        ({"x": TABLE, "target": with_one(TABLE[:, 0], np.nan)}, r"'target' is not finite .* first in row 3"),
        ({"x": TABLE, "label": with_one(LABEL, -1)}, r"'label' must hold class numbers .* found -1 in row 3 \(1 such"),
        ({"x": TABLE, "label": LABEL + 0.5}, r"'label' must hold class numbers .* found 0.5 in row 0 \(20 such"),
        ({"x": TABLE, "label": with_one(LABEL * 1.0, np.nan)}, "found nan in row 3"),
        ({"x": TABLE, "label": with_one(LABEL, 2**40)}, "found 1099511627776 in row 3"),
        ({"x": TABLE, "label": with_one(LABEL.astype("f2"), np.inf)}, "must hold class numbers .*, found inf in row 3"),
        ({"x": TABLE, "label": with_one(LABEL.astype("f4"), 2**31)}, "found 2147483648.0 in row 3"),
        ({"x": TABLE, "label": with_one(LABEL, 4711)}, "a label 4,711 among 20 examples is no class number"),
        ({"x": TABLE, "label": np.eye(20)}, r"'label' has shape \[20, 20\], but labels are class numbers"),
        ({"x": TABLE, "label": np.array(["a"] * 20)}, "'label' holds text, which cannot be trained on"),
        ({"x": np.array(["a"] * 20), "label": LABEL}, "'x' holds text, which cannot be trained on"),
        ({"x": TABLE + 1j, "label": LABEL}, "'x' holds complex numbers, which cannot be trained on"),
        ({"x": np.array([{}] * 20), "label": LABEL}, "'x' holds Python objects, which cannot be trained on"),
        ({"x": np.zeros(20, "M8[s]"), "label": LABEL}, "'x' holds dates, which cannot be trained on"),
        ({"x": np.zeros(20, "f4,i4"), "label": LABEL}, "'x' holds .*, which cannot be trained on"),
        ({"x": with_one(LABEL, 2**40), "label": LABEL}, "'x' holds 0 to 1099511627776, beyond int32"),
        ({"x": np.float32(1), "label": LABEL}, "'x' is a single number"),
        ({"x": np.zeros((20, 0)), "label": LABEL}, r"'x' is empty: its shape is \[20, 0\]"),
        ({"x": np.zeros((0, 3)), "label": LABEL[:0]}, "holds no examples"),
        ({"label": LABEL}, "holds nothing that a model could read"),
        ({"a/b": TABLE, "label": LABEL}, "an input cannot be called 'a/b'"),
        ({}, "holds no array"),
    ],
)
def test_arrays_that_cannot_be_trained_on(save: Any, arrays: dict[str, Any], message: str):
    refused(save(**arrays), message)


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        ({"label": "lable"}, "holds no array 'lable'; did you mean 'label'", "it holds 'image', 'label'"),
        ({"inputs": ["imag"]}, "holds no array 'imag'; did you mean 'image'", "it holds 'image', 'label'"),
        ({"inputs": ["label"]}, "'label' is what is predicted, so it cannot be an input", ""),
        ({"target": "image", "inputs": ["image"]}, "'image' is what is predicted, so it cannot be an input", ""),
    ],
)
def test_names_that_fit_no_array(save: Any, options: dict[str, Any], message: str, hint: str):
    assert hint in str(refused(save(options, image=IMAGE, label=LABEL), message).hint)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"image": IMAGE[:, :3], "label": LABEL}, r"'image' is uint8 \[20, 3, 4, 1\], which does not fit"),
        (
            {"image": IMAGE.astype("f4"), "label": LABEL},
            r"'image' is float32 \[20, 4, 4, 1\], which does not fit",
        ),
        ({"image": IMAGE}, "test.npz holds no array 'label'"),
        ({"image": IMAGE[:3], "label": LABEL}, "test.npz: the arrays hold different numbers of examples"),
        ({"image": IMAGE[:0], "label": LABEL[:0]}, "test.npz holds no examples"),
        (
            {"image": IMAGE, "label": LABEL + 1},
            "'label' must be one of the classes 0 to 2, found 3 in row 2 ",
        ),
        ({"image": IMAGE, "label": LABEL - 1}, "test.npz: 'label' must hold class numbers"),
    ],
)
def test_test_files_that_do_not_fit(save: Any, tmp_path: Path, arrays: dict[str, Any], message: str):
    np.savez(tmp_path / "test.npz", **arrays)
    refused(save({"test_path": str(tmp_path / "test.npz")}, image=IMAGE, label=LABEL), message)


def test_files_that_are_no_archives(save: Any, tmp_path: Path):
    path = tmp_path / "data.npz"
    assert str(tmp_path.cwd()) in str(refused(npz(path), "there is no file").hint)
    refused(npz(Path("~nobody-of-this-name/data.npz")), "there is no file ~nobody-of-this-name")
    path.write_bytes(b"")
    refused(npz(path), "is empty")
    path.write_bytes(b"1,2,3\n")
    refused(npz(path), r"is no \.npz file")
    np.save(path.open("wb"), TABLE)
    refused(npz(path), r"is no \.npz file")
    save(image=IMAGE, label=LABEL)
    path.write_bytes(path.read_bytes()[:-40])
    refused(npz(path), r"is no \.npz file, or is truncated")
    path.unlink()
    path.mkdir()
    refused(npz(path), "is a folder")


def entry(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def write_entries(path: Path, **entries: bytes) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in entries.items():
            packed.writestr(f"{name}.npy", content)


@pytest.mark.parametrize("shape", ["(2000000000, 5)", "(20, 50)", "(20,)", "(-20, -5)", "(0, 5)"])
def test_a_header_that_declares_another_size_is_refused_unread(tmp_path: Path, shape: str):
    path = tmp_path / "data.npz"
    written = "(20, 5), }".ljust(20)
    content = entry(TABLE).replace(written.encode(), f"{shape}, }}".ljust(20).encode())
    assert content != entry(TABLE)
    write_entries(path, x=content, label=entry(LABEL))
    refused(npz(path), r"the array 'x' is damaged: its header declares float64 .* where 800 are")


def test_an_archive_that_would_fill_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "data.npz"
    np.savez_compressed(path, x=np.zeros((1000, 1000)), label=np.zeros(1000, np.int64))
    assert path.stat().st_size * 100 < 8_000_000
    assert npz(path).spec().sizes["train"] == 720  # small enough to be read, however well it packs
    monkeypatch.setattr(archive, "_ALWAYS_FITS", 1 << 20)
    refused(npz(path), r"declares arrays of 8,008,000; it is damaged, or made to fill memory")


def test_an_unknown_version_or_magic_is_refused(tmp_path: Path):
    path = tmp_path / "data.npz"
    content = bytearray(entry(TABLE))
    content[6] = 9
    write_entries(path, x=bytes(content), label=entry(LABEL))
    refused(npz(path), r"'x' is damaged: version 9.0 of its format is not known")
    write_entries(path, x=b"no array", label=entry(LABEL))
    refused(npz(path), "'x' is damaged")


def test_nothing_in_a_file_is_executed(tmp_path: Path):
    class Executed:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "executed",)

    np.savez(tmp_path / "data.npz", x=np.array([Executed()] * 20), label=LABEL)
    refused(npz(tmp_path / "data.npz"), "'x' holds Python objects")
    assert not (tmp_path / "executed").exists()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(0, 10_000), content=st.binary(min_size=1, max_size=8), packed=st.booleans())
def test_damage_anywhere_is_a_data_error_or_harmless(tmp_path: Path, position: int, content: bytes, packed: bool):
    path = tmp_path / "data.npz"
    (np.savez_compressed if packed else np.savez)(path, x=TABLE, label=LABEL)
    raw = bytearray(path.read_bytes())
    position %= len(raw)
    raw[position : position + len(content)] = content
    path.write_bytes(raw)
    with contextlib.suppress(DataError):
        described_and_loaded(npz(path))
