"""Evaluation is exact over a whole split, whatever the batch, and reaches all that is told of it."""

from __future__ import annotations

import csv
import json
import logging
import math
from pathlib import Path

import numpy as np
import pytest
from sklearn import metrics as sk
from typer.testing import CliRunner

from framework.cli import application
from framework.config.loader import Source
from framework.errors import DataError
from framework.launch import prepare
from framework.layers.gathered import Table
from framework.runtime.compile_cache import compilations
from framework.train.confusion import as_csv
from framework.train.engine import Engine
from framework.train.evaluator import Evaluator
from framework.train.past_run import Run
from framework.train.run import run

IRIS = ("model=perceptron", "dataset=iris", "metrics=detailed", "trainer.epochs=2", "trainer.batch_size=16")
NAMES = ["setosa", "versicolor", "virginica"]


def experiment(*overrides: str):
    return prepare([*IRIS, *overrides], Source()).experiment


def answers(folder: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Labels and predictions of a run for a split, by way of `predict`."""
    past = Run(folder)
    arrays = past.experiment.dataset.load().splits[split]
    return arrays["label"], past.predict(arrays)["class"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "detailed"
    overrides = ["trainer.keep_best=validation/f1", "trainer.early_stop={monitor: validation/auc, patience: 9}"]
    trial = prepare([*IRIS, *overrides], Source())
    assert run(trial.experiment, folder, trial.composed) == 0
    return folder


def test_splits_that_are_held_out_share_a_program():
    started = experiment()
    engine = Engine(started, started.dataset.load())
    evaluator, state = engine.evaluator, engine.initialize()
    assert [evaluator.batch(examples) for examples in (12, 30, 96)] == [12] * 3  # 12 for validation, 30 for the test
    assert [evaluator.batch(examples) for examples in (5, 97)] == [5, 97]  # a file; and more than eight calls of 12
    assert [Evaluator(experiment("trainer.evaluation_batch=7")).batch(examples) for examples in (12, 5)] == [7, 5]
    engine.evaluate(state, "validation")
    before = compilations()
    assert engine.evaluate(state, "test").keys() == engine.evaluate(state, "validation").keys()
    made = compilations() - before
    assert (made.compiled, made.taken) == (0, 0)


@pytest.mark.parametrize("batch", [7, 30, 512])
def test_any_batch_gives_the_metrics_of_the_whole_split(batch):
    started = experiment(f"trainer.evaluation_batch={batch}")
    engine = Engine(started, started.dataset.load())
    found = engine.evaluate(engine.initialize(), "test")
    whole = Evaluator(experiment("trainer.evaluation_batch=30"))(engine.initialize(), engine.data.splits["test"])
    assert list(found) == ["loss", "accuracy", "precision", "recall", "f1", "auc"]
    assert found == pytest.approx(whole, rel=1e-5)
    assert found.tables["confusion_matrix"].counts.sum() == 30
    np.testing.assert_array_equal(found.tables["confusion_matrix"].counts, whole.tables["confusion_matrix"].counts)


def test_a_run_reports_what_scikit_learn_says(folder: Path):
    label, predicted = answers(folder, "test")
    metrics = json.loads((folder / "status.json").read_text())["metrics"]
    for name, options in {"f1": {}, "precision": {"zero_division": 0}, "recall": {}}.items():
        expected = getattr(sk, f"{name}_score")(label, predicted, average="macro", **options)
        assert metrics[f"test/{name}"] == pytest.approx(expected)
    past = Run(folder)
    logits = past.predict(past.experiment.dataset.load().splits["test"])["logits"].astype(np.float64)
    scores = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    assert metrics["test/auc"] == pytest.approx(sk.roc_auc_score(label, scores, multi_class="ovr"))
    assert not [name for name in metrics if "confusion" in name or name in ("train/f1", "train/auc")]


def test_the_table_of_metrics_has_their_columns(folder: Path):
    with (folder / "metrics.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    validation = [f"validation/{name}" for name in ("loss", "accuracy", "precision", "recall", "f1", "auc")]
    assert list(rows[0]) == ["step", "epoch", "train/loss", "train/accuracy", *validation, "learning_rate"]
    evaluated = [row for row in rows if row["validation/loss"]]
    assert len(evaluated) == 2
    assert all(0 <= float(row["validation/f1"]) <= 1 for row in evaluated)


def test_the_best_is_kept_by_a_metric_that_is_no_mean(folder: Path):
    best = json.loads((folder / "status.json").read_text())["best"]
    assert best["monitor"] == "validation/f1"
    assert best["higher_is_better"] is True
    assert best["value"] == Run(folder, "best").evaluate("validation")["f1"]


def test_the_confusion_matrix_of_the_last_split_is_in_the_run_folder(folder: Path):
    with (folder / "confusion_matrix.csv").open() as stream:
        head, *rows = csv.reader(stream)
    assert head == ["test/confusion_matrix (label by predicted)", *NAMES]
    assert [row[0] for row in rows] == NAMES
    found = np.array([row[1:] for row in rows], int)
    np.testing.assert_array_equal(found, sk.confusion_matrix(*answers(folder, "test"), labels=range(3)))


def test_a_table_is_no_number_to_watch():
    with pytest.raises(Exception, match="nothing is reported as 'validation/confusion_matrix'"):
        experiment("trainer.keep_best=validation/confusion_matrix")


def test_what_is_undefined_is_nan_with_one_warning(caplog: pytest.LogCaptureFixture):
    """In their order, the flowers held out for validation are all of one kind."""
    started = experiment("dataset.split=head", "trainer.keep_best=validation/auc")
    engine = Engine(started, started.dataset.load())
    state = engine.initialize()
    with caplog.at_level(logging.WARNING, "framework"):
        for _ in range(3):
            found = engine.evaluate(state, "validation")
    assert math.isnan(found["auc"])
    assert math.isfinite(found["f1"])
    assert [record.getMessage() for record in caplog.records] == [
        "validation/auc is undefined, and reported as nan: there is no example of class 'versicolor', 'virginica'"
    ]


def test_arrays_with_a_label_that_is_no_class(folder: Path):
    past = Run(folder)
    arrays = dict(past.experiment.dataset.load().splits["test"])
    assert past.evaluate_arrays(arrays).tables.keys() == {"confusion_matrix"}
    arrays["label"] = np.where(np.arange(30) == 4, 3, arrays["label"]).astype(np.int32)
    with pytest.raises(DataError, match=r"one of the classes 0 to 2, found 3 in row 4"):
        past.evaluate_arrays(arrays)


def test_several_tables_in_one_file():
    table = Table(("a", "b"), ("x", "y, z"), np.array([[1, 2], [3, 4]]))
    assert as_csv({"test/one": table, "test/two": table}).splitlines() == [
        'test/one (label by predicted),x,"y, z"', "a,1,2", "b,3,4", "",
        'test/two (label by predicted),x,"y, z"', "a,1,2", "b,3,4",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "overrides",
    [
        ("dataset=breast_cancer", "loss=sigmoid_cross_entropy", "model.layers.logits.units=1"),
        ("dataset=diabetes", "model=regressor", "loss=huber", "metrics=regression_detailed"),
        ("dataset=digits", "model=perceptron", "loss=focal_cross_entropy", "metrics=top_5"),
    ],
    ids=["two classes by one logit", "numbers", "digits"],
)
def test_the_files_of_conf(overrides):
    started = experiment(*overrides)
    engine = Engine(started, started.dataset.load())
    found = engine.evaluate(engine.initialize(), "validation")
    assert all(math.isfinite(number) for number in found.values())


def test_the_verb_shows_numbers_and_the_table(folder: Path):
    shown = CliRunner().invoke(application, ["evaluate", f"run={folder}", "split=validation"]).stdout
    numbers, table = shown.split("\n\n")
    found = Run(folder).evaluate("validation")
    assert dict(line.split() for line in numbers.splitlines()) == {name: f"{x:.6g}" for name, x in found.items()}
    assert table.splitlines()[0] == f"confusion_matrix (label by predicted),{','.join(NAMES)}"
    assert f"setosa,{','.join(map(str, found.tables['confusion_matrix'].counts[0]))}" in table.splitlines()


def test_perplexity_of_a_text():
    embed = "{type: embedding, input_dim: vocabulary_size, output_dim: 4, inputs: [text]}"
    logits = "{type: dense, units: vocabulary_size, inputs: [embed]}"
    words = ("dataset=text", "dataset.limit=64", "loss=language", "metrics=language", "~model.layers.flatten")
    layers = (f"model.layers.embed={embed}", f"model.layers.logits={logits}")
    started = experiment(*words, *layers)
    engine = Engine(started, started.dataset.load())
    found = engine.evaluate(engine.initialize(), "validation")
    assert found["perplexity"] == pytest.approx(np.exp(found["loss"]), rel=1e-5)
    assert 0 <= found["accuracy"] < 1


def test_several_labels_and_weighted_examples_of_a_file(tmp_path: Path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 4)).astype(np.float32)
    arrays = {"x": x, "importance": rng.uniform(1, 2, 60), "target": (x[:, :3] > 0.3).astype(np.float32)}
    np.savez(tmp_path / "data.npz", **arrays)
    started = experiment(
        "dataset=npz", f"dataset.path={tmp_path / 'data.npz'}", "dataset.normalize=none", "loss=sigmoid_cross_entropy",
        "loss.classification.labels=target", "loss.classification.sample_weight=importance", "metrics=multi_label",
        "model.layers.flatten.inputs=[x]", "model.layers.logits.units=3", "optimizer.learning_rate=0.1",
        "trainer.epochs=30",
    )  # fmt: skip
    engine = Engine(started, started.dataset.load())
    state, step = engine.initialize(), 0
    while step < engine.total_steps:
        state, records = engine.advance(state, step, engine.total_steps, lambda: False)
        step += len(records)
    found = engine.evaluate(state, "test")
    assert found["accuracy"] > 0.85
    assert found["auc"] > 0.9
