"""Text becomes windows of numbers and what follows each; its splits share no character."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from framework.build import build
from framework.config.check import check
from framework.config.compose import compose
from framework.data import DATASETS, Data, Dataset
from framework.errors import DataError
from framework.layers import Mode


def text_set(**options: Any) -> Dataset:
    return DATASETS["text"].model_validate(options)


def written(folder: Path, content: str | bytes, **options: Any) -> Dataset:
    path = folder / "text.txt"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return text_set(path=str(path), **options)


def all_windows(data: Data) -> list[list[int]]:
    parts = [data.splits[name] for name in ("validation", "train", "test")]
    for part in parts:
        np.testing.assert_array_equal(part["text"][:, 1:], part["next"][:, :-1])
    return [row for part in parts for row in np.column_stack([part["text"], part["next"][:, -1]]).tolist()]


WHOLE = {"validation_fraction": 0, "test_fraction": 0}


def test_windows_and_what_follows_written_by_hand(tmp_path: Path):
    dataset = written(tmp_path, "abcabd", window=2, stride=1, **WHOLE)
    spec, data = dataset.spec(), dataset.load()
    assert spec.class_names == ("a", "b", "c", "d")
    assert (spec.inputs, spec.targets) == (("text",), ("next",))
    assert dict(spec.dimensions) == {"vocabulary_size": 4, "window": 2}
    assert all((f.dtype.name, f.shape, f.categories) == ("int32", (2,), 4) for f in spec.features.values())
    train = data.splits["train"]
    assert train["text"].tolist() == [[0, 1], [1, 2], [2, 0], [0, 1]]
    assert train["next"].tolist() == [[1, 2], [2, 0], [0, 1], [1, 3]]
    assert {array.dtype for array in train.values()} == {np.dtype("int32")}


def test_the_stride_is_the_window_unless_it_is_given(tmp_path: Path):
    data = written(tmp_path, "abcdefgh", window=3, **WHOLE).load()
    assert data.splits["train"]["text"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert data.splits["train"]["next"].tolist() == [[1, 2, 3], [4, 5, 6]]


@given(
    length=st.integers(10, 400),
    window=st.integers(1, 9),
    stride=st.integers(1, 12),
    validation=st.sampled_from([0, 0.1, 0.4]),
    test=st.sampled_from([0, 0.2]),
)
def test_no_position_is_in_two_splits(
    tmp_path_factory: pytest.TempPathFactory, length: int, window: int, stride: int, validation: float, test: float
):
    content = "".join(chr(0x4E00 + position) for position in range(length))  # each character tells its position
    options = {"window": window, "stride": stride, "validation_fraction": validation, "test_fraction": test}
    dataset = written(tmp_path_factory.mktemp("text"), content, **options)
    try:
        spec = dataset.spec()
    except DataError:
        assume(False)
    data = dataset.load()
    assert {name: data.examples(name) for name in data.splits} == spec.sizes
    seen = {}
    for name, part in data.splits.items():
        seen[name] = set(part["text"].ravel().tolist()) | set(part["next"].ravel().tolist())
    assert not seen["train"] & (seen["validation"] | seen["test"])
    assert max(seen["validation"], default=-1) < min(seen["train"])
    assert max(seen["train"]) < min(seen["test"], default=length)


def test_lines_and_letters_of_all_kinds_are_characters(tmp_path: Path):
    dataset = written(tmp_path, "\ufeffµ\r\n𝄞Ω", window=1, **WHOLE)
    names = dataset.spec().class_names or ()
    assert names == ("\n", "\r", "µ", "Ω", "𝄞")
    assert "".join(names[n] for n in [row[0] for row in all_windows(dataset.load())]) == "µ\r\n𝄞"


def test_bytes_need_no_encoding_and_have_a_vocabulary_of_256(tmp_path: Path):
    dataset = written(tmp_path, bytes([255, 0, 97, 10]), unit="byte", window=3, **WHOLE)
    spec, data = dataset.spec(), dataset.load()
    assert data.splits["train"]["text"].tolist() == [[255, 0, 97]]
    assert data.splits["train"]["next"].tolist() == [[0, 97, 10]]
    assert spec.dimensions["vocabulary_size"] == 256
    assert spec.class_names is not None
    assert len(set(spec.class_names)) == 256
    assert [spec.class_names[n] for n in (97, 10, 255)] == ["a", r"\x0a", r"\xff"]


def test_a_folder_is_read_in_the_order_of_its_names(tmp_path: Path):
    for name, content in {"2.txt": "cd", "1.txt": "ab", "notes.md": "zzzz"}.items():
        (tmp_path / name).write_text(content)
    dataset = text_set(path=str(tmp_path), window=3, **WHOLE)
    assert dataset.spec().class_names == ("a", "b", "c", "d")
    assert all_windows(dataset.load()) == [[0, 1, 2, 3]]


def test_a_packed_file_is_read(tmp_path: Path):
    (tmp_path / "book.txt.gz").write_bytes(gzip.compress(b"hello"))
    assert text_set(path=str(tmp_path / "book.txt.gz"), window=4, **WHOLE).spec().sizes["train"] == 1


def test_the_text_that_comes_along():
    spec = text_set(stride=16).spec()
    assert spec.dimensions["vocabulary_size"] == 71
    assert spec.sizes["train"] > 1500
    names = spec.class_names or ()
    first = text_set().load().splits["validation"]["text"][0]
    assert "".join(names[n] for n in first).startswith("The Constitution of the United States of America")


def test_a_model_reads_the_numbers_as_they_are():
    tree = compose(["dataset=text", "model=perceptron"]).tree
    tree["model"] = {"layers": {"same": {"type": "identity"}}, "outputs": {"same": "same"}}
    tree["loss"], tree["metrics"] = {}, {}
    built = build(check(tree), Mode.PREDICT)
    assert built.graph.tensor(built.outputs["same"]).dtype.name == "int32"
    assert [node.op for node in built.graph].count("Cast") == 0


# -- mistakes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "options", "message", "hint"),
    [
        ("abc", {"window": 3}, "holds 3 characters, too few for a window of 3", "dataset.window to 2"),
        ("a", {"window": 1}, "holds 1 characters, too few", "longer text"),
        ("", {}, "text.txt is empty", "UTF-8"),
        (b"ab\ncd\xff\xfe", {}, "is not UTF-8: byte 0xff at position 5, in line 2", "dataset.unit=byte"),
        ("ab" * 50, {"window": 30, "stride": 1}, "and 30 left out between two splits, leave none", "dataset.valid"),
    ],
)
def test_a_text_that_cannot_be_used(tmp_path: Path, content: str | bytes, options: dict, message: str, hint: str):
    for ask in ("spec", "load"):
        with pytest.raises(DataError, match=message) as caught:
            getattr(written(tmp_path, content, **options), ask)()
        assert hint in (caught.value.hint or "")


def test_a_file_or_folder_that_holds_no_text(tmp_path: Path):
    with pytest.raises(DataError, match=r"there is no file .*nothing\.txt"):
        text_set(path=str(tmp_path / "nothing.txt")).spec()
    with pytest.raises(DataError, match=r"holds no file \*\.txt"):
        text_set(path=str(tmp_path)).spec()


def test_more_windows_than_memory_holds_are_refused_before_they_are_made(tmp_path: Path):
    with pytest.raises(DataError, match="do not fit into memory") as caught:
        written(tmp_path, "ab" * 500_000, window=1000, stride=1).spec()
    assert "raise dataset.stride: 1000" in (caught.value.hint or "")


@pytest.mark.parametrize("options", [{"split": "random"}, {"normalize": "standardize"}, {"window": 0}, {"stride": 0}])
def test_options_without_a_meaning_for_text_are_refused(options: dict[str, Any]):
    with pytest.raises(ValidationError):
        text_set(**options)
