"""Weights of classes and examples: `sum(weight * loss) / number of examples`."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from framework.config.loader import Source
from framework.data.statistics import balance
from framework.launch import prepare
from framework.layers import LOSSES
from framework.layers.losses import ClassLoss
from framework.train.engine import Engine

WEIGHTS = [0.5, 3.0, 1.25]
FORMS = {
    "softmax_cross_entropy": ("three", "label"),
    "focal_cross_entropy": ("three", "label"),
    "hinge": ("three", "label"),
    "kl_divergence": ("three", "soft"),
    "sigmoid_cross_entropy": ("one", "yes"),
}
OPTIONS = {"focal_cross_entropy": {"activation": "softmax"}}


def of_each(loss_of, data, **options):
    """The loss of every example, one at a time: with one example there is nothing to average."""
    rows = [{name: np.repeat(array[k : k + 1], 9, axis=0) for name, array in data.items()} for k in range(9)]
    return np.array([loss_of(row, **options) for row in rows])


def test_every_loss_of_classes_is_here():
    assert {name for name in LOSSES if issubclass(LOSSES[name], ClassLoss)} == set(FORMS)


@pytest.mark.parametrize("name", FORMS)
def test_weights(loss_of, data, name):
    logits, labels = FORMS[name]
    options = {"type": name, "logits": logits, "labels": labels, **OPTIONS.get(name, {})}
    weights = np.array(WEIGHTS[: 2 if labels == "yes" else 3])
    of_class = (data["soft"] * weights).sum(1) if labels == "soft" else weights[data[labels]]
    each = of_each(loss_of, data, **options)
    found = loss_of(data, **options, class_weights=weights.tolist(), sample_weight="importance")
    assert found == pytest.approx((of_class * data["importance"] * each).sum() / 9, rel=1e-5)


def test_class_weights_of_sequences_and_of_several_labels(loss_of, data):
    options = {"type": "softmax_cross_entropy", "logits": "steps", "labels": "step_label"}
    x = data["steps"].astype(np.float64)
    each = np.log(np.exp(x).sum(-1)) - np.take_along_axis(x, data["step_label"][..., None], 2)[..., 0]
    expected = (np.array(WEIGHTS)[data["step_label"]] * each).mean(1).mean()
    assert loss_of(data, **options, class_weights=WEIGHTS) == pytest.approx(expected, rel=1e-5)

    options = {"type": "sigmoid_cross_entropy", "logits": "three", "labels": "bears"}
    x, y = data["three"].astype(np.float64), data["bears"]
    expected = (np.array(WEIGHTS) * (np.log1p(np.exp(x)) - x * y)).mean()
    assert loss_of(data, **options, class_weights=WEIGHTS) == pytest.approx(expected, rel=1e-5)


def test_smoothing_does_not_change_what_an_example_weighs(loss_of, data):
    options = {"type": "softmax_cross_entropy", "logits": "three", "labels": "label", "label_smoothing": 0.4}
    each = of_each(loss_of, data, **options)
    found = loss_of(data, **options, class_weights=WEIGHTS)
    assert found == pytest.approx((np.array(WEIGHTS)[data["label"]] * each).mean(), rel=1e-5)


IRIS = ("model=perceptron", "dataset=iris", "dataset.split=head", "trainer.batch_size=16")


def engine(weights: object) -> Engine:
    experiment = prepare([*IRIS, f"loss.classification.class_weights={weights}"], Source()).experiment
    return Engine(experiment, experiment.dataset.load())


def test_balanced_weights_are_learned_of_the_training_split():
    balanced = engine("balanced")
    labels = balanced.data.splits["train"]["label"]
    assert len(set(np.bincount(labels))) == 3  # the flowers stand in their order, and the first and last are held out
    expected = compute_class_weight("balanced", classes=np.arange(3), y=labels)
    state = balanced.initialize()
    np.testing.assert_allclose(state["Data/prepare_label/balance"], expected, rtol=1e-6)

    given = engine(expected.tolist())
    found, same = balanced.evaluate(state, "test"), given.evaluate(state, "test")
    assert found["loss"] == pytest.approx(same["loss"], rel=1e-5)


def test_a_class_that_is_never_trained_on_weighs_nothing():
    labels = np.int32([0, 0, 0, 3])
    np.testing.assert_allclose(balance(labels, 5), [4 / 6, 0, 0, 2, 0], rtol=1e-6)
