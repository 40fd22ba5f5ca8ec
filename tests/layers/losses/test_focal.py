"""The focal loss as the paper writes it."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("alpha", [None, 0.25])
@pytest.mark.parametrize(("logits", "labels"), [("one", "yes"), ("three", "bears")])
def test_sigmoid(loss_of, data, gamma, alpha, logits, labels):
    x, y = data[logits].astype(np.float64), data[labels]
    p = np.where(y == 1, 1 / (1 + np.exp(-x)), 1 / (1 + np.exp(x)))
    weight = 1 if alpha is None else np.where(y == 1, alpha, 1 - alpha)
    options = {"logits": logits, "labels": labels, "gamma": gamma, "alpha": alpha}
    found = loss_of(data, type="focal_cross_entropy", **options)
    assert found == pytest.approx((-weight * (1 - p) ** gamma * np.log(p)).mean(), rel=1e-5)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("alpha", [None, 0.25])
@pytest.mark.parametrize(("logits", "labels"), [("three", "label"), ("steps", "step_label")])
def test_softmax(loss_of, data, gamma, alpha, logits, labels):
    x = np.exp(data[logits].astype(np.float64))
    p = np.take_along_axis(x / x.sum(-1, keepdims=True), data[labels][..., None], -1)
    options = {"logits": logits, "labels": labels, "gamma": gamma, "alpha": alpha, "activation": "softmax"}
    found = loss_of(data, type="focal_cross_entropy", **options)
    assert found == pytest.approx((-(alpha or 1) * (1 - p) ** gamma * np.log(p)).mean(), rel=1e-5)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
def test_the_gradient_is_finite_where_nothing_is_left_to_learn(loss_of, data, gamma, activation):
    """(1 - p)^gamma has an infinite derivative at p = 1 for gamma below 1."""
    labels = np.eye(3, dtype=np.float32)[data["label"]]
    for sign in (1, -1):
        features = {**data, "bears": labels, "three": sign * 90 * (2 * labels - 1)}
        options = {"logits": "three", "labels": "bears", "gamma": gamma, "activation": activation}
        gradient = loss_of(features, by="three", type="focal_cross_entropy", **options)
        assert np.isfinite(gradient).all()
