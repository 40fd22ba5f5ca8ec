"""Answers are tables that name classes and examples, or arrays; a past run gives them without its data."""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from framework.cli import application
from framework.config.check import check
from framework.config.compose import compose
from framework.config.loader import Source
from framework.errors import DataError, RunFolderError
from framework.launch import prepare, start
from framework.train.answers import write_answers


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def call(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(application, list(words), prog_name="python -m framework")
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture(scope="module")
def iris():
    return check(compose(["model=perceptron", "dataset=iris"]).tree)


def test_a_table_has_the_name_of_the_class_and_the_probability_of_each(iris, tmp_path: Path):
    logits = np.log(np.array([[1, 2, 5], [7, 2, 1]], np.float32))
    write_answers(tmp_path / "a.csv", {"logits": logits, "class": np.array([2, 0])}, iris)
    first, second = table(tmp_path / "a.csv")
    assert list(first) == [
        "row", "probability_setosa", "probability_versicolor", "probability_virginica", "class"
    ]  # fmt: skip
    assert (first["row"], first["class"], second["class"]) == ("0", "virginica", "setosa")
    assert [float(second[name]) for name in list(second)[1:4]] == pytest.approx([0.7, 0.2, 0.1])


def test_outputs_of_other_shapes(iris, tmp_path: Path):
    answers = {"score": np.array([0.1, -2], np.float32), "pair": np.array([[1, 2], [3, 4]])}
    write_answers(tmp_path / "a.csv", answers, iris, {"file": ["x.png", "ü, y.png"]})
    assert (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines() == [
        "file,score,pair_0,pair_1",
        "x.png,0.1,1,2",
        '"ü, y.png",-2,3,4',
    ]
    with pytest.raises(DataError, match=r"'maps' holds \[2, 2\] numbers an example") as caught:
        write_answers(tmp_path / "b.csv", {"maps": np.zeros((1, 2, 2))}, iris)
    assert ".npz" in (caught.value.hint or "")
    assert not (tmp_path / "b.csv").exists()


def test_scores_that_no_softmax_is_trained_on_are_shown_as_they_are(iris, tmp_path: Path):
    other = SimpleNamespace(dataset=iris.dataset, model=iris.model, loss={})
    experiment: Any = other
    write_answers(tmp_path / "a.csv", {"logits": np.array([[-1.0, 2, 5]], np.float32)}, experiment)
    assert table(tmp_path / "a.csv")[0]["logits_setosa"] == "-1"


def test_where_answers_cannot_be_written(iris, tmp_path: Path):
    answers = {"class": np.array([0])}
    write_answers(tmp_path / "a.npz", answers, iris)
    with np.load(tmp_path / "a.npz") as found:
        assert found["class"].tolist() == [0]
    with pytest.raises(DataError, match=r"to a file .npz or .csv, found '.*a.txt'"):
        write_answers(tmp_path / "a.txt", answers, iris)
    with pytest.raises(RunFolderError, match="cannot write"):
        write_answers(tmp_path / "nowhere" / "a.csv", answers, iris)


# -- from the command line, after the data have gone ----------------------------------------------------------------


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on dark and bright images, whose folder has been taken away; and a folder `new` of others."""
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)

    def fill(path: str, name: str, low: int) -> None:
        (folder / path).mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(low, low + 60, (6, 6, 3), np.uint8)).save(folder / path / name)

    for number in range(20):
        fill("all/bright", f"{number}.png", 190)
        fill("all/dark", f"{number}.png", 0)
    for name, low in {"b.png": 190, "a.png": 0, "c.png": 195}.items():
        fill("new", name, low)
    words = [f"dataset.path={folder / 'all'}", "model=perceptron", "dataset=image_folder", "trainer.batch_size=8"]
    learn = [
        "dataset.normalize=standardize",
        "trainer.epochs=5",
        "trainer.evaluate_every=5 epochs",
        "trainer.device=cpu",
    ]
    assert start(prepare([*words, *learn, f"hydra.run.dir={folder / 'run'}"], Source())) == 0
    (folder / "all").rename(folder / "moved")
    return folder


def test_images_get_their_file_their_class_and_its_probability(photos: Path):
    answers = photos / "answers.csv"
    status, shown, wrong = call("predict", f"run={photos / 'run'}", f"input={photos / 'new'}", f"output={answers}")
    assert (status, wrong) == (0, "")
    assert f"written to {answers}" in shown
    rows = table(answers)
    assert [(row["file"], row["class"]) for row in rows] == [
        ("a.png", "dark"), ("b.png", "bright"), ("c.png", "bright")
    ]  # fmt: skip
    assert all(float(row["probability_bright"]) + float(row["probability_dark"]) == pytest.approx(1) for row in rows)
    one = photos / "one.csv"
    assert call("predict", f"run={photos / 'run'}", f"input={photos / 'new' / 'c.png'}", f"output={one}")[0] == 0
    (row,) = table(one)
    assert (row["file"], row["class"]) == ("c.png", "bright")
    assert float(row["probability_bright"]) == pytest.approx(float(rows[2]["probability_bright"]), rel=1e-5)


def test_a_folder_of_classes_is_evaluated(photos: Path):
    status, shown, _ = call("evaluate", f"run={photos / 'run'}", f"data={photos / 'moved'}")
    assert status == 0
    assert dict(line.split() for line in shown.splitlines())["accuracy"] == "1"
    status, _, wrong = call("evaluate", f"run={photos / 'run'}", f"data={photos / 'new'}")
    assert status == 2
    assert "'label', which is not given" in wrong
    status, _, wrong = call("evaluate", f"run={photos / 'run'}")
    assert status == 2
    assert "does not exist" in wrong


def test_data_that_have_changed_keep_a_run_from_going_on(photos: Path, tmp_path: Path):
    (photos / "moved").rename(photos / "all")
    extra = photos / "all" / "dark" / "extra.png"
    extra.write_bytes((photos / "all" / "dark" / "0.png").read_bytes())
    try:
        trial = prepare([], Source(resume=photos / "run"))
        with pytest.raises(Exception, match=r"the data of '.*run' have changed: train is 30, was 29"):
            start(trial)
        status, _, wrong = call("evaluate", f"run={photos / 'run'}")
        assert status == 2
        assert "the data are no longer those of the run: train is 30, was 29" in wrong
    finally:
        extra.unlink()
        (photos / "all").rename(photos / "moved")
