"""The Kullback-Leibler divergence against SciPy's entropy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax
from scipy.stats import entropy


def test_kl_divergence(loss_of, data):
    features = {**data, "soft": np.concatenate([np.eye(3, dtype=np.float32), data["soft"][3:]])}
    expected = entropy(features["soft"], softmax(features["three"].astype(np.float64), 1), axis=1).mean()
    assert loss_of(features, type="kl_divergence", logits="three", labels="soft") == pytest.approx(expected, rel=1e-5)


def test_of_sequences(loss_of, data):
    expected = entropy(data["step_soft"], softmax(data["steps"].astype(np.float64), 2), axis=2).mean()
    found = loss_of(data, type="kl_divergence", logits="steps", labels="step_soft")
    assert found == pytest.approx(expected, rel=1e-5)


def test_it_is_zero_where_the_model_is_right(loss_of, data):
    features = {**data, "three": np.log(data["soft"])}
    assert loss_of(features, type="kl_divergence", logits="three", labels="soft") == pytest.approx(0, abs=1e-6)
