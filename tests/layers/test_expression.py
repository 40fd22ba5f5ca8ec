"""Losses written as expressions, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from framework.errors import ConfigError

rng = np.random.default_rng(11)
N = 8
X = rng.normal(size=(N, 4)).astype(np.float32)
TARGET = rng.normal(size=(N, 2)).astype(np.float32)
LABEL = rng.integers(0, 3, N).astype(np.int32)
FEATURES = {"x": X, "target": TARGET, "label": LABEL}
LAYERS = {"two": {"type": "dense", "units": 2}}


def loss_of(network, expression: str, weights=None, **more) -> tuple[float, np.ndarray, np.ndarray]:
    """The loss, what the layer gives, and its kernel."""
    net = network(LAYERS, loss={"e": {"type": "expression", "value": expression}}, **more)
    two = X @ net.variable("two/kernel") + net.variable("two/bias")
    return float(net.run(net.built.reports["loss"].mean, FEATURES, weights)), two, net.variable("two/kernel")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("mean(square(two - target))", lambda y, k: np.square(y - TARGET).mean()),
        ("sum(abs(two - target)) / 2", lambda y, k: np.abs(y - TARGET).sum(1).mean() / 2),
        ("-sum(log(sigmoid(two)))", lambda y, k: -np.log(1 / (1 + np.exp(-y))).sum(1).mean()),
        ("0.5 * sum(square('two/kernel'))", lambda y, k: 0.5 * np.square(k).sum()),
        ("max(two) ** 2 + 1", lambda y, k: (y.max(1) ** 2).mean() + 1),
        ("mean(where(two > target, two, -target))", lambda y, k: np.where(y > TARGET, y, -TARGET).mean()),
        ("mean(clip(two, -0.5, 2 * 0.25))", lambda y, k: np.clip(y, -0.5, 0.5).mean()),
        ("square(sum(two) - label)", lambda y, k: np.square(y.sum(1) - LABEL).mean()),
        ("mean(cast(two >= 0) + maximum(two, 0))", lambda y, k: ((y >= 0) + np.maximum(y, 0)).mean()),
        ("exp(1.0) * mean(min('two/MatMul:0'))", lambda y, k: np.e * y.min(1).mean()),
    ],
)
def test_an_expression_is_what_numpy_says(network, expression, expected):
    found, two, kernel = loss_of(network, expression)
    assert found == pytest.approx(float(expected(two.astype(np.float64), kernel.astype(np.float64))), rel=1e-5)


def test_rows_that_only_pad_a_batch_do_not_count(network):
    weights = np.float32([1, 1, 1, 1, 1, 0, 0, 0])
    trainer = {"epochs": 1, "batch_size": N, "drop_last": False}
    dataset = {"type": "sample", "shape": [4], "examples": 50}
    found, two, _ = loss_of(network, "mean(square(two - target))", weights, trainer=trainer, dataset=dataset)
    assert found == pytest.approx(float(np.square(two - TARGET)[:5].mean()), rel=1e-5)


def test_a_long_sum_is_read(network):
    found, two, _ = loss_of(network, "mean(two" + " + two" * 150 + ")")
    assert found == pytest.approx(float(151 * two.mean()), rel=1e-4)


def test_it_can_be_minimised(network):
    net = network(LAYERS, loss={"e": {"type": "expression", "value": "mean(square(two - target))"}})
    losses = [net.run([net.built.reports["loss"].mean, net.built.graph.operation(net.built.train_op)], FEATURES)[0]
              for _ in range(20)]  # fmt: skip
    assert losses[-1] < losses[0]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("mean(sqare(two))", "there is no function 'sqare'; did you mean 'square'?  functions: abs, cast, clip,"),
        ("mean(tow)", "there is no tensor 'tow'; did you mean 'two'?  known: two,"),
        ("mean(two", "'(' was never closed at character 5"),
        ("two - target", "must give one number an example, but 'two - target' gives [8, 2]"),
        ("mean(two, 1)", "mean takes 1 argument, found 2"),
        ("1 + 2", "it names no tensor"),
        ("mean(two - x)", "[8, 2]"),
        ("two[0]", "'two[0]' is not understood; allowed are numbers"),
        ("__import__('os').system('true')", "is not understood"),
        ("(lambda: two)()", "is not understood"),
        ("True * mean(two)", "True is no number"),
        ("two.mean()", "is not understood"),
        ("(" * 500 + "two" + ")" * 500, "in the expression"),
        ("-" * 300 + "mean(two)", "more than 200 operations stand inside one another"),
        ("mean(two" + ".a" * 300 + ")", "more than 200 operations stand inside one another"),
        ("mean(two" + " + two" * 250 + ")", "more than 200 operations stand inside one another"),
    ],
)
def test_a_wrong_expression_is_one_mistake_that_quotes_it(network, expression, message):
    with pytest.raises(ConfigError) as caught:
        loss_of(network, expression)
    (mistake,) = caught.value.mistakes
    assert mistake.path == ("loss", "e")
    assert message in mistake.message
