"""Past runs in folders that were written by hand."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from framework.errors import ConfigError
from framework.train.folder import RunFolder
from framework.train.runs import Question, answer, differences, load, parse


def write(folder: Path, status: Mapping[str, Any] = {}, **config: Any) -> Path:
    """A run folder; its status is that of a finished run with 10 steps unless said otherwise."""
    folder.mkdir(parents=True)
    base = {"state": "finished", "step": 10, "total_steps": 10, "seconds": 1.5, "started": "2026-01-31T12:00:00+00:00"}
    (folder / "status.json").write_text(json.dumps({**base, **status}))
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    return folder


@pytest.fixture
def outputs(tmp_path, monkeypatch):
    """Three runs of two models, one damaged folder, and one that holds no run."""
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "outputs"
    metrics = {"accuracy": {"type": "accuracy"}}
    for name, model, rate, accuracy, loss, day in (
        ("a", "cnn", 0.1, 0.90, 0.30, 1),
        ("b", "cnn", 0.01, 0.95, 0.20, 3),
        ("c", "mlp", 0.01, 0.85, 0.40, 2),
    ):
        status = {
            "metrics": {"test/accuracy": accuracy, "test/loss": loss},
            "choices": {"model": model},
            "started": f"2026-01-0{day}T12:00:00+00:00",
        }
        layers = {"conv": {"filters": 8}} if model == "cnn" else {"fc": {"units": 3}}
        write(root / "day" / name, status, model={"layers": layers}, optimizer={"learning_rate": rate}, metrics=metrics)
    (root / "broken").mkdir()
    (root / "broken" / "status.json").write_text("{")
    (root / "empty").mkdir()
    return root


def names(*words: str) -> list[str]:
    return [run.folder.name for run in answer(parse(list(words)))]


def test_newest_come_first_and_damaged_ones_last(outputs):
    assert names() == ["b", "c", "a", "broken"]
    assert names(str(outputs / "day" / "a"), str(outputs / "broken")) == ["a", "broken"]
    (broken,) = answer(parse([str(outputs / "broken")]))
    assert broken.state == "damaged"
    assert "status.json cannot be read" in broken.damage


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("model=cnn", ["b", "a"]),
        ("model=c*", ["b", "a"]),
        ("model!=cnn", ["c", "broken"]),
        ("optimizer.learning_rate=0.01", ["b", "c"]),
        ("optimizer.learning_rate=1e-2", ["b", "c"]),
        ("optimizer.learning_rate>0.01", ["a"]),
        ("optimizer.learning_rate>=0.01", ["b", "c", "a"]),
        ("test/accuracy<0.9", ["c"]),
        ("model.layers.fc.units<=3", ["c"]),
        ("state=damaged", ["broken"]),
        ("step>10", []),
    ],
)
def test_conditions(outputs, condition, found):
    assert names(condition) == found


def test_several_conditions_must_all_hold(outputs):
    assert names("model=cnn", "test/accuracy>0.92") == ["b"]


def test_sorted_runs_begin_with_the_best(outputs):
    assert names("sort=test/accuracy") == ["b", "a", "c", "broken"]  # accuracy says that the greatest is the best
    assert names("sort=test/loss") == ["b", "a", "c", "broken"]
    assert names("sort=-test/loss") == ["c", "a", "b", "broken"]
    assert names("sort=optimizer.learning_rate")[0] == "a"


def test_numbers_that_are_not_finite_are_sorted_behind(outputs):
    write(outputs / "nan", {"metrics": {"test/loss": None}}, optimizer={"learning_rate": 0.5})
    assert names("sort=test/loss")[:3] == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["modl=cnn"], "no run has 'modl'; did you mean 'model'?"),
        (["sort=tst/loss"], "no run has 'tst/loss'; did you mean 'test/loss'?"),
        (["columns=test/los"], "no run has 'test/los'"),
        (["nothing"], "'nothing' is neither a folder nor a condition"),
        (["limit=few"], "limit is a number or all, found 'few'"),
    ],
)
def test_mistakes(outputs, words, message):
    with pytest.raises(ConfigError) as caught:
        answer(parse(words))
    assert message in str(caught.value)


def test_differences_are_the_choices_and_the_options_that_all_have(outputs):
    assert differences(answer(parse(["model=cnn"]))) == ["optimizer.learning_rate"]
    # What a model has and the other has not follows from the choice.
    assert differences(answer(parse([]))) == ["model", "optimizer.learning_rate"]


def test_a_run_that_no_process_has_was_killed(tmp_path):
    folder = write(tmp_path / "run", {"state": "running"})
    assert load(folder).state == "killed"
    (folder / "status.json").rename(folder / "kept")
    with RunFolder(folder).locked():
        (folder / "kept").rename(folder / "status.json")
        assert load(folder).state == "running"


def test_many_runs_are_read_at_once(tmp_path):
    first = write(tmp_path / "000", optimizer={"type": "adam", "learning_rate": 0.5}, trainer={"epochs": 3})
    contents = [(first / name).read_text() for name in ("status.json", "config.yaml")]
    for k in range(1, 300):
        folder = tmp_path / f"{k:03}"
        folder.mkdir()
        (folder / "status.json").write_text(contents[0])
        (folder / "config.yaml").write_text(contents[1].replace("0.5", f"{k}.5"))
    began = time.perf_counter()
    found = answer(Question(folders=(tmp_path,), sort="optimizer.learning_rate"))
    assert (len(found), found[0].options["optimizer.learning_rate"]) == (300, 299.5)
    assert time.perf_counter() - began < 2  # a tenth of that on an idle machine
