"""The hinge loss against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import hinge_loss


@pytest.mark.parametrize("logits", ["one", "column"])
def test_two_classes_by_one_logit(loss_of, data, logits):
    found = loss_of(data, type="hinge", logits=logits, labels="yes")
    assert found == pytest.approx(hinge_loss(data["yes"], data[logits].reshape(-1), labels=[0, 1]), rel=1e-5)


def test_crammer_and_singer(loss_of, data):
    expected = hinge_loss(data["label"], data["three"], labels=np.arange(3))
    assert loss_of(data, type="hinge", logits="three", labels="label") == pytest.approx(expected, rel=1e-5)
    one_hot = {**data, "bears": np.eye(3, dtype=np.float32)[data["label"]]}
    assert loss_of(one_hot, type="hinge", logits="three", labels="bears") == pytest.approx(expected, rel=1e-5)
