"""Metrics in the graph: means of a batch, and what is gathered for those of a whole split, against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax
from sklearn import metrics as sk

from framework.build import build
from framework.layers import Mode


@pytest.mark.parametrize(("logits", "labels"), [("one", "yes"), ("column", "yes"), ("three", "label")])
def test_accuracy(metric_of, data, logits, labels):
    scores = data[logits].reshape(9, -1)
    predicted = scores[:, 0] > 0 if labels == "yes" else scores.argmax(1)
    found = metric_of(data, type="accuracy", logits=logits, labels=labels)
    assert found == pytest.approx(sk.accuracy_score(data[labels], predicted))


@pytest.mark.parametrize("labels", ["step_label", "step_soft"])
def test_accuracy_of_sequences(metric_of, data, labels):
    expected = data["step_label"] if labels == "step_label" else data["step_soft"].argmax(2)
    found = metric_of(data, type="accuracy", logits="steps", labels=labels)
    assert found == pytest.approx(sk.accuracy_score(expected.reshape(-1), data["steps"].argmax(2).reshape(-1)))


@pytest.mark.parametrize("k", [1, 2])
def test_top_k_accuracy(metric_of, data, k):
    expected = sk.top_k_accuracy_score(data["label"], data["three"], k=k, labels=range(3))
    assert metric_of(data, type="top_k_accuracy", k=k, logits="three", labels="label") == pytest.approx(expected)
    steps = sk.top_k_accuracy_score(data["step_label"].reshape(-1), data["steps"].reshape(-1, 3), k=k, labels=range(3))
    assert metric_of(data, type="top_k_accuracy", k=k, logits="steps", labels="step_label") == pytest.approx(steps)


def test_equal_logits_and_those_that_are_no_numbers(metric_of, data):
    """A model that says nothing is right as often as its first guesses are, and one that gives NaN never."""
    same = {**data, "three": np.zeros((9, 3), np.float32)}
    for k in (1, 2):
        found = metric_of(same, type="top_k_accuracy", k=k, logits="three", labels="label")
        assert found == pytest.approx((data["label"] < k).mean())
    broken = {**data, "three": np.full((9, 3), np.nan, np.float32)}
    assert metric_of(broken, type="top_k_accuracy", k=2, logits="three", labels="label") == 0


@pytest.mark.parametrize("name", ["precision", "recall", "f1"])
@pytest.mark.parametrize("average", ["macro", "micro", "weighted", "binary"])
def test_ratios(metric_of, data, name, average):
    logits, labels = ("one", "yes") if average == "binary" else ("three", "label")
    predicted = data["one"] > 0 if average == "binary" else data["three"].argmax(1)
    found = metric_of(data, type=name, average=average, logits=logits, labels=labels)
    assert found == pytest.approx(getattr(sk, f"{name}_score")(data[labels], predicted, average=average))


def test_the_other_class_can_be_the_positive_one(metric_of, data):
    found = metric_of(data, type="precision", average="binary", positive=0, logits="two", labels="yes")
    assert found == pytest.approx(sk.precision_score(data["yes"], data["two"].argmax(1), pos_label=0))


def test_auc_by_one_logit_by_two_and_of_three_classes(metric_of, data):
    expected = sk.roc_auc_score(data["yes"], data["one"])
    assert metric_of(data, type="auc", logits="one", labels="yes") == pytest.approx(expected)
    expected = sk.roc_auc_score(data["yes"], softmax(data["two"].astype(np.float64), 1)[:, 1])
    assert metric_of(data, type="auc", logits="two", labels="yes") == pytest.approx(expected)
    expected = sk.roc_auc_score(data["label"], softmax(data["three"].astype(np.float64), 1), multi_class="ovr")
    assert metric_of(data, type="auc", logits="three", labels="label") == pytest.approx(expected)


def test_a_confusion_matrix_has_the_names_of_the_classes(metric_of, data):
    found = metric_of(data, type="confusion_matrix", logits="three", labels="label")
    assert found.rows == found.columns == ("red", "green", "blue")
    np.testing.assert_array_equal(found.counts, sk.confusion_matrix(data["label"], data["three"].argmax(1)))
    two = metric_of(data, type="confusion_matrix", logits="column", labels="yes")
    assert two.rows == ("0", "1")
    np.testing.assert_array_equal(two.counts, sk.confusion_matrix(data["yes"], data["column"][:, 0] > 0))
    steps = metric_of(data, type="confusion_matrix", logits="steps", labels="step_label")
    assert steps.counts.sum() == 45


def test_several_labels_at_once(metric_of, data):
    bears, given = data["bears"], data["three"] > 0
    options = {"logits": "three", "labels": "bears", "multi_label": True}
    expected = sk.accuracy_score(bears.reshape(-1), given.reshape(-1))
    assert metric_of(data, type="accuracy", **options) == pytest.approx(expected)
    for name in ("precision", "recall", "f1"):
        expected = getattr(sk, f"{name}_score")(bears, given, average="macro")
        assert metric_of(data, type=name, **options) == pytest.approx(expected)
    assert metric_of(data, type="auc", **options) == pytest.approx(sk.roc_auc_score(bears, data["three"]))


def test_perplexity(metric_of, data):
    probabilities = softmax(data["steps"].astype(np.float64), 2).reshape(-1, 3)
    expected = np.exp(sk.log_loss(data["step_label"].reshape(-1), probabilities, labels=range(3)))
    assert metric_of(data, type="perplexity", logits="steps", labels="step_label") == pytest.approx(expected, rel=1e-5)
    nothing = {**data, "three": np.zeros((9, 3), np.float32)}
    assert metric_of(nothing, type="perplexity", logits="three", labels="label") == pytest.approx(3, rel=1e-5)


def test_errors_of_numbers(metric_of, data):
    pair = {"predictions": "two", "targets": "target"}
    for name in ("mean_squared_error", "mean_absolute_error"):
        expected = getattr(sk, name)(data["target"], data["two"])
        assert metric_of(data, type=name, **pair) == pytest.approx(expected, rel=1e-5)
    assert metric_of(data, type="r2", **pair) == pytest.approx(sk.r2_score(data["target"], data["two"]))


def test_those_of_whole_splits_are_not_in_the_training_graph(experiment):
    metrics = {"f1": {"type": "f1"}, "matrix": {"type": "confusion_matrix"}, "accuracy": {"type": "accuracy"}}
    options = {name: {**metric, "logits": "out"} for name, metric in metrics.items()}
    declared = experiment({"out": {"type": "dense", "units": 3}}, metrics=options)
    train, evaluate = build(declared, Mode.TRAIN), build(declared, Mode.EVALUATE)
    assert (list(train.reports), list(train.gathered)) == (["loss", "accuracy"], [])
    assert (list(evaluate.reports), list(evaluate.gathered)) == (["loss", "accuracy"], ["f1", "matrix"])
    assert not [node.name for node in train.graph if "f1" in node.name]
