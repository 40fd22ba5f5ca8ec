"""Cross-entropies against NumPy and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import log_loss


def log_softmax(x):
    x = x.astype(np.float64)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def sigmoid(x):
    return 1 / (1 + np.exp(-x.astype(np.float64)))


def test_exclusive_classes(loss_of, data):
    found = loss_of(data, type="softmax_cross_entropy", logits="three", labels="label")
    expected = log_loss(data["label"], np.exp(log_softmax(data["three"])), labels=range(3))
    assert found == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("smoothing", [None, 0.3])
@pytest.mark.parametrize("labels", ["step_label", "step_soft"])
def test_sequences_are_averaged_over_their_steps(loss_of, data, labels, smoothing):
    options = {"logits": "steps", "labels": labels, "label_smoothing": smoothing}
    found = loss_of(data, type="softmax_cross_entropy", **options)
    probabilities = np.eye(3)[data[labels]] if labels == "step_label" else data[labels]
    probabilities = probabilities * (1 - (smoothing or 0)) + (smoothing or 0) / 3
    each = -(probabilities * log_softmax(data["steps"])).sum(-1)
    assert each.shape == (9, 5)
    assert found == pytest.approx(each.mean(1).mean(), rel=1e-5)


@pytest.mark.parametrize("logits", ["one", "column"])
def test_yes_or_no(loss_of, data, logits):
    found = loss_of(data, type="sigmoid_cross_entropy", logits=logits, labels="yes")
    expected = log_loss(data["yes"], sigmoid(data[logits].reshape(-1)), labels=[0, 1])
    assert found == pytest.approx(expected, rel=1e-5)


def test_several_labels_at_once(loss_of, data):
    found = loss_of(data, type="sigmoid_cross_entropy", logits="three", labels="bears")
    p, y = sigmoid(data["three"]), data["bears"]
    assert found == pytest.approx(-(y * np.log(p) + (1 - y) * np.log(1 - p)).mean(), rel=1e-5)


def test_probabilities_as_labels_of_a_sigmoid(loss_of, data):
    found = loss_of(data, type="sigmoid_cross_entropy", logits="three", labels="soft")
    p, y = sigmoid(data["three"]), data["soft"]
    assert found == pytest.approx(-(y * np.log(p) + (1 - y) * np.log(1 - p)).mean(), rel=1e-5)


def test_a_sigmoid_at_zero_and_far_out_has_the_right_gradient(loss_of, data):
    """Formulas with |x| or max(x, 0) lose half of it at 0, where a model starts whose last layer is zero."""
    logits = np.float32([0, 0, 200, 200, -200, -200, 30, -30, 0])
    labels = np.int32([1, 0, 1, 0, 1, 0, 1, 0, 1])
    features = {**data, "one": logits, "yes": labels}
    gradient = loss_of(features, by="one", type="sigmoid_cross_entropy", logits="one", labels="yes")
    np.testing.assert_allclose(gradient, sigmoid(np.clip(logits, -300, 300)) - labels, atol=1e-7)
    found = loss_of(features, type="sigmoid_cross_entropy", logits="one", labels="yes")
    assert found == pytest.approx((3 * np.log(2) + 2 * 200 + 2 * np.log1p(np.exp(-30))) / 9, rel=1e-6)
