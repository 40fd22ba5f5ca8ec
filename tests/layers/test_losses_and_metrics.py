"""Losses and metrics against NumPy, weighted by the examples that are real."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from framework.layers import LOSSES, METRICS, Mode

rng = np.random.default_rng(5)
N = 8
X = rng.normal(size=(N, 4)).astype(np.float32)
LABEL = rng.integers(0, 3, N).astype(np.int32)
SOFT = rng.dirichlet(np.ones(3), N).astype(np.float32)
TARGET = rng.normal(size=(N, 2)).astype(np.float32)
FEATURES = {"x": X, "label": LABEL, "soft": SOFT, "target": TARGET}
LAYERS = {"out": {"type": "dense", "units": 3}, "two": {"type": "dense", "units": 2, "inputs": ["x"]}}


def log_softmax(x):
    x = x.astype(np.float64)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def report(net, name, weights=None):
    return float(net.run(net.built.reports[name].mean, FEATURES, weights))


def cross_entropy(logits, probabilities):
    return -(probabilities * log_softmax(logits)).sum(-1)


@pytest.mark.parametrize("smoothing", [None, 0.0, 0.2])
@pytest.mark.parametrize("labels", ["label", "soft"])
@pytest.mark.parametrize("padded", [False, True])
def test_softmax_cross_entropy(network, smoothing, labels, padded):
    loss = {"type": "softmax_cross_entropy", "logits": "out", "labels": labels, "label_smoothing": smoothing}
    trainer = {"epochs": 1, "batch_size": N, "drop_last": not padded}
    dataset = {"type": "sample", "shape": [4], "examples": 50}
    net = network(LAYERS, loss={"l": {**loss, "weight": 0.5}}, trainer=trainer, dataset=dataset)
    weights = np.float32([1, 1, 1, 1, 1, 0, 0, 0]) if padded else np.ones(N, np.float32)
    probabilities = np.eye(3)[LABEL] if labels == "label" else SOFT
    if smoothing:
        probabilities = probabilities * (1 - smoothing) + smoothing / 3
    logits = X @ net.variable("out/kernel") + net.variable("out/bias")
    expected = 0.5 * (cross_entropy(logits, probabilities) * weights).sum() / weights.sum()
    assert report(net, "loss", weights) == pytest.approx(expected, rel=1e-5)


def test_losses_are_summed_and_l2_follows_its_pattern(network):
    net = network(
        LAYERS,
        loss={
            "a": {"type": "mean_squared_error", "predictions": "two", "targets": "target", "weight": 2.0},
            "b": {"type": "l2", "parameters": "*/kernel", "weight": 0.1},
            "c": {"type": "l2", "parameters": "two/*", "weight": 0.01},
        },
    )
    two = X @ net.variable("two/kernel") + net.variable("two/bias")
    names = ("out/kernel", "two/kernel", "probe/kernel")
    squares = {name: (net.variable(name) ** 2).sum() / 2 for name in (*names, "two/bias")}
    expected = 2 * ((two - TARGET) ** 2).mean() + 0.1 * sum(squares[n] for n in names)
    expected += 0.01 * (squares["two/kernel"] + squares["two/bias"])
    assert report(net, "loss") == pytest.approx(expected, rel=1e-5)


def test_metrics(network):
    net = network(
        LAYERS,
        metrics={
            "sparse": {"type": "accuracy", "logits": "out", "labels": "label"},
            "dense": {"type": "accuracy", "logits": "out", "labels": "soft"},
            "error": {"type": "mean_squared_error", "predictions": "two", "targets": "target"},
        },
    )
    logits = X @ net.variable("out/kernel") + net.variable("out/bias")
    two = X @ net.variable("two/kernel") + net.variable("two/bias")
    assert report(net, "sparse") == pytest.approx((logits.argmax(1) == LABEL).mean())
    assert report(net, "dense") == pytest.approx((logits.argmax(1) == SOFT.argmax(1)).mean())
    assert report(net, "error") == pytest.approx(((two - TARGET) ** 2).mean(), rel=1e-5)


def test_sums_over_batches_make_an_exact_mean(network):
    loss = {
        "a": {"type": "softmax_cross_entropy", "logits": "out"},
        "b": {"type": "l2", "parameters": "out/kernel", "weight": 0.1},
    }
    net = network(LAYERS, mode=Mode.EVALUATE, loss=loss)
    found = net.built.reports["loss"]
    weights = np.float32([1, 1, 1, 0, 1, 1, 0, 1])
    total, offset = net.run([found.total, found.offset], FEATURES, weights)
    logits = X @ net.variable("out/kernel") + net.variable("out/bias")
    each = cross_entropy(logits, np.eye(3)[LABEL])
    assert float(total) == pytest.approx((each * weights).sum(), rel=1e-5)
    assert float(offset) == pytest.approx(0.05 * (net.variable("out/kernel") ** 2).sum(), rel=1e-5)


def test_every_loss_and_metric_has_a_test_here():
    text = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("**/test_*.py"))
    assert [name for registry in (LOSSES, METRICS) for name in registry if f'"{name}"' not in text] == []
