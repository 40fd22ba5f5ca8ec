"""A past run knows its data by what it wrote down of them, and notices when they are others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from framework.data import DATASETS, Dataset
from framework.data.recorded import differences, from_json, to_json
from framework.errors import DataError


def make(name: str, **options: Any) -> Dataset:
    return DATASETS[name].model_validate(options)


@pytest.mark.parametrize("name", ["digits", "iris", "diabetes", "text", "mnist", "cifar10"])
def test_a_specification_is_the_same_when_it_is_read_again(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("GRAPHWRIGHT_DATA", raising=False)
    spec = make(name).spec()
    again = from_json(to_json(spec))
    assert again == spec
    assert differences(again, spec) == ""


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"features": {"x": {}}}', "[" * 100_000, '{"features": 3}'])
def test_anything_else_is_a_value_error(text: str):
    with pytest.raises(ValueError, match=r"describe|Expecting|line 1|too many levels"):
        from_json(text)


def text_file(path: Path, content: str) -> Path:
    path.write_text(content)
    return path


def test_a_text_that_has_gone_is_not_needed_to_read_another(tmp_path: Path):
    path = text_file(tmp_path / "text.txt", "hello world " * 20)
    then = make("text", path=str(path), window=4, stride=2)
    dataset = then.recorded(then.spec())
    path.unlink()
    assert dataset.spec().dimensions == {"vocabulary_size": 8, "window": 4}
    arrays = dataset.read_file(text_file(tmp_path / "prompt.txt", "owl do"))
    names = dataset.spec().class_names or ()
    assert ["".join(names[n] for n in row) for row in arrays["text"]] == ["owl "]
    assert ["".join(names[n] for n in row) for row in arrays["next"]] == ["wl d"]
    only = dataset.read_file(text_file(tmp_path / "prompt.txt", "hell"))
    assert list(only) == ["text"]
    assert only["text"].shape == (1, 4)


def test_a_prompt_that_cannot_be_read(tmp_path: Path):
    dataset = make("text", window=4)
    with pytest.raises(DataError, match=r"holds 'é' in line 2, which the text that was trained on does not") as caught:
        dataset.read_file(text_file(tmp_path / "prompt.txt", "We the\nPéople ω"))
    assert "2 such characters: 'éω'" in caught.value.message
    with pytest.raises(DataError, match=r"prompt.txt holds 3 characters, but the model reads 4 at a time"):
        dataset.read_file(text_file(tmp_path / "prompt.txt", "abc"))
    in_bytes = make("text", window=4, unit="byte")
    assert in_bytes.read_file(text_file(tmp_path / "prompt.txt", "Péople"))["text"].tolist() == [[80, 0xC3, 0xA9, 111]]


def test_data_that_have_changed_are_not_evaluated(tmp_path: Path):
    path = text_file(tmp_path / "text.txt", "hello world " * 20)
    dataset = make("text", path=str(path), window=4)
    dataset = dataset.recorded(dataset.spec())
    dataset.load()
    text_file(path, "other words " * 30)
    with pytest.raises(DataError, match=r"no longer those of the run: train is 62, was 40; .*other classes"):
        dataset.load()


def test_images_that_a_model_is_asked_about(tmp_path: Path):
    rng = np.random.default_rng(0)
    for name in ("train/cat/1.png", "train/dog/1.png", "train/dog/2.png", "new/b.png", "new/a.png", "test/dog/x.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (6, 4, 3), np.uint8)).save(tmp_path / name)
    then = make("image_folder", path=str(tmp_path / "train"), validation_fraction=0, test_fraction=0)
    dataset = then.recorded(then.spec())
    (tmp_path / "train").rename(tmp_path / "elsewhere")
    new = tmp_path / "new"
    arrays = dataset.read_file(new)
    assert list(arrays) == ["image"]
    assert dataset.row_names(new) == ["a.png", "b.png"]
    np.testing.assert_array_equal(arrays["image"][1], np.asarray(Image.open(new / "b.png")))
    np.testing.assert_array_equal(dataset.read_file(new / "b.png")["image"][0], arrays["image"][1])
    assert dataset.row_names(new / "b.png") == ["b.png"]
    labelled = tmp_path / "test"
    assert dataset.read_file(labelled)["label"].tolist() == [1]
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no image lies in"):
        dataset.read_file(tmp_path / "empty")
    with pytest.raises(DataError, match="there is no file"):
        dataset.read_file(tmp_path / "nothing.png")
    Image.new("RGB", (5, 5)).save(new / "c.png")
    with pytest.raises(DataError, match="it has 5 x 5 pixels, not the 6 x 4 of"):
        dataset.read_file(new)


def test_arrays_are_read_from_an_archive_by_every_other_data_set(tmp_path: Path):
    np.savez(tmp_path / "new.npz", features=np.ones((3, 4), np.float32))
    dataset = make("iris")
    assert dataset.read_file(tmp_path / "new.npz")["features"].shape == (3, 4)
    assert dataset.row_names(tmp_path / "new.npz") is None
