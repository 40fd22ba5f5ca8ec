"""Losses and metrics that name what does not fit: one mistake each, with what was found and what to do."""

from __future__ import annotations

import pytest

from framework.build import build
from framework.errors import ConfigError
from framework.layers import Mode

# What is declared, and what must be said of it.
MISTAKES = [
    ("loss", {"type": "softmax_cross_entropy", "logits": "thre"}, "no tensor 'thre'; did you mean 'three'"),
    ("loss", {"type": "softmax_cross_entropy", "logits": "label"}, r"needs logits \[batch, classes\].*int32 \[7\]"),
    ("loss", {"type": "softmax_cross_entropy", "logits": "one"}, r"needs logits \[batch, classes\]"),
    ("loss", {"type": "softmax_cross_entropy", "logits": "column"}, "a logit for each of two classes or more"),
    ("loss", {"type": "softmax_cross_entropy", "logits": "three", "labels": "target"}, r"needs labels int32 \[batch\]"),
    (
        "loss",
        {"type": "softmax_cross_entropy", "logits": "steps"},
        r"labels int32 \[batch, 5\].*float32 \[batch, 5, 3\]",
    ),
    ("loss", {"type": "softmax_cross_entropy", "logits": "three", "labels": "many"}, "'many' numbers 7 classes.*of 3"),
    ("loss", {"type": "softmax_cross_entropy", "logits": "two", "labels": "label"}, "'label' numbers 3 classes.*of 2"),
    ("loss", {"type": "sigmoid_cross_entropy", "logits": "yes", "labels": "yes"}, r"needs logits \[batch\]"),
    ("loss", {"type": "sigmoid_cross_entropy", "logits": "one", "labels": "label"}, "two classes apart.*numbers 3"),
    ("loss", {"type": "sigmoid_cross_entropy", "logits": "two", "labels": "yes"}, "logits and labels of one shape"),
    ("loss", {"type": "sigmoid_cross_entropy", "logits": "two", "labels": "bears"}, "logits and labels of one shape"),
    ("loss", {"type": "focal_cross_entropy", "logits": "one", "labels": "label"}, "focal_cross_entropy tells two"),
    ("loss", {"type": "focal_cross_entropy", "activation": "softmax", "logits": "one"}, "focal_cross_entropy needs"),
    ("loss", {"type": "hinge", "logits": "column"}, "hinge tells two classes apart"),
    ("loss", {"type": "hinge", "logits": "two"}, "'label' numbers 3 classes"),
    ("loss", {"type": "kl_divergence", "logits": "three"}, "kl_divergence needs labels that are probabilities"),
    ("loss", {"type": "mean_squared_error", "predictions": "three", "targets": "target"}, r"one shape.*\[7, 3\]"),
    ("loss", {"type": "mean_absolute_error", "predictions": "one", "targets": "number"}, "one shape"),
    ("loss", {"type": "huber", "predictions": "three"}, "one shape"),
    ("loss", {"type": "huber", "predictions": "two", "delta": 0}, "must be greater than 0"),
    ("loss", {"type": "cosine_similarity", "predictions": "one", "targets": "importance"}, "compares vectors"),
    ("loss", {"type": "l1", "parameters": "*/kernl"}, "matches no parameter"),
    ("loss", {"type": "l2", "parameters": "*/kernl"}, "matches no parameter"),
    (
        "loss",
        {"type": "softmax_cross_entropy", "logits": "three", "class_weights": [1.0, 2.0]},
        "class_weights holds 2 numbers, but there are 3 classes",
    ),
    (
        "loss",
        {"type": "softmax_cross_entropy", "logits": "three", "class_weights": [1.0, -2.0, 1.0]},
        "at least 0, found -2",
    ),
    (
        "loss",
        {"type": "softmax_cross_entropy", "logits": "three", "class_weights": "balance"},
        "must be .*balanced.*found 'balance'",
    ),
    (
        "loss",
        {"type": "softmax_cross_entropy", "logits": "three", "labels": "soft", "class_weights": "balanced"},
        "classes of 'soft' cannot be balanced",
    ),
    (
        "loss",
        {"type": "sigmoid_cross_entropy", "logits": "one", "labels": "yes", "class_weights": [1.0, 2.0, 3.0]},
        "class_weights holds 3 numbers, but there are 2 classes",
    ),
    (
        "loss",
        {"type": "softmax_cross_entropy", "logits": "three", "sample_weight": "x"},
        r"sample_weight must be a number an example, \[batch\], but 'x' gives float32 \[7, 4\]",
    ),
    ("metrics", {"type": "accuracy", "logits": "label"}, r"accuracy needs logits \[batch\], \[batch, 1\] or"),
    ("metrics", {"type": "accuracy", "logits": "one", "labels": "label"}, "accuracy tells two classes apart"),
    ("metrics", {"type": "accuracy", "logits": "steps", "labels": "label"}, r"labels int32 \[batch, 5\]"),
    ("metrics", {"type": "top_k_accuracy", "logits": "three"}, "k is 5, but there are only 3 classes"),
    ("metrics", {"type": "f1", "logits": "three", "average": "binary"}, "for two classes, but 'three' tells 3 apart"),
    ("metrics", {"type": "f1", "logits": "three", "average": "mean"}, "must be 'binary', 'macro'.*found 'mean'"),
    (
        "metrics",
        {"type": "f1", "logits": "three", "labels": "bears", "average": "binary", "multi_label": True},
        "one of",
    ),
    (
        "metrics",
        {"type": "recall", "logits": "two", "labels": "bears", "multi_label": True},
        "logits and labels of one",
    ),
    (
        "metrics",
        {"type": "auc", "logits": "one", "labels": "yes", "multi_label": True},
        r"needs logits \[batch, labels\]",
    ),
    ("metrics", {"type": "precision", "logits": "two"}, "'label' numbers 3 classes"),
    ("metrics", {"type": "recall", "logits": "thre"}, "no tensor 'thre'; did you mean 'three'"),
    ("metrics", {"type": "auc", "logits": "one", "labels": "label"}, "auc tells two classes apart"),
    ("metrics", {"type": "confusion_matrix", "logits": "three", "labels": "many"}, "'many' numbers 7 classes"),
    ("metrics", {"type": "perplexity", "logits": "one"}, r"perplexity needs logits \[batch, classes\]"),
    ("metrics", {"type": "mean_squared_error", "predictions": "two", "targets": "number"}, "one shape"),
    ("metrics", {"type": "mean_absolute_error", "predictions": "two", "targets": "number"}, "one shape"),
    ("metrics", {"type": "r2", "predictions": "two", "targets": "number"}, "r2 needs tensors of one shape"),
]


def declare(experiment, section, part, name="wrong", **dataset):
    layers = {"out": {"type": "dense", "units": 3, "inputs": ["x"]}}
    parts = {"loss": {"l": {"type": "l2", "parameters": "*"}}, section: {name: part}}
    trainer = {"epochs": 1, "batch_size": 7}
    started = experiment(layers, dataset={"type": "answers", **dataset}, trainer=trainer, **parts)
    for mode in (Mode.TRAIN, Mode.EVALUATE):
        build(started, mode)


@pytest.mark.parametrize(("section", "part", "said"), MISTAKES)
def test_what_is_refused(experiment, section, part, said):
    with pytest.raises(ConfigError, match=said) as raised:
        declare(experiment, section, part)
    (mistake,) = raised.value.mistakes
    assert mistake.path[:2] == (section, "wrong")


def test_normalized_numbers_are_no_weights(experiment):
    part = {"type": "softmax_cross_entropy", "logits": "three", "sample_weight": "importance"}
    declare(experiment, "loss", part)
    with pytest.raises(ConfigError, match="'importance' is normalized with the other inputs"):
        declare(experiment, "loss", part, normalize="standardize")


def test_a_metric_is_not_called_loss(experiment):
    metric = {"type": "accuracy", "logits": "three", "labels": "label"}
    with pytest.raises(ConfigError, match="a metric cannot be called 'loss'"):
        declare(experiment, "metrics", metric, name="loss")
