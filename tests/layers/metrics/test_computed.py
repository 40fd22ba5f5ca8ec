"""What is computed of gathered arrays: for any examples equal to scikit-learn, and plain where it is undefined."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax
from sklearn import metrics as sk

from framework.errors import DataError
from framework.layers import METRICS
from framework.layers.gathered import UndefinedMetricError
from framework.layers.metrics.auc import auc, auc_of_labels
from framework.layers.metrics.decisions import confusion
from framework.layers.metrics.perplexity import perplexity
from framework.layers.metrics.regression import r2

NAMES = tuple("abcde")


@st.composite
def decisions(draw) -> tuple[np.ndarray, np.ndarray]:
    """Labels and predictions of five classes, of which often not all occur."""
    length = draw(st.integers(1, 30))
    numbers = st.lists(st.integers(0, 4), min_size=length, max_size=length)
    return np.array(draw(numbers)), np.array(draw(numbers))


@settings(max_examples=20, deadline=None)
@given(decisions())
def test_ratios_and_counts(drawn):
    label, predicted = drawn
    np.testing.assert_array_equal(
        confusion(label, predicted, 5), sk.confusion_matrix(label, predicted, labels=range(5))
    )
    for name in ("precision", "recall", "f1"):
        for average in ("macro", "micro", "weighted"):
            found = METRICS[name](average=average).of_classes(label, predicted, 5)
            expected = getattr(sk, f"{name}_score")(label, predicted, average=average, zero_division=0)
            assert found == pytest.approx(expected)
        found = METRICS[name](average="binary").of_classes(label > 2, predicted > 2, 2)
        assert found == pytest.approx(getattr(sk, f"{name}_score")(label > 2, predicted > 2, zero_division=0))


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 5), st.integers(0, 2**32 - 1), st.booleans())
def test_auc(classes, seed, tied):
    rng = np.random.default_rng(seed)
    label = rng.permutation(np.resize(np.arange(classes), 4 * classes + 3))
    logits = 3 * rng.normal(size=(len(label), classes))
    logits = logits[rng.integers(0, 4, len(label))] if tied else logits
    scores = softmax(logits, 1)
    expected = sk.roc_auc_score(label, scores[:, 1] if classes == 2 else scores, multi_class="ovr")
    assert auc(logits, label, NAMES[:classes]) == pytest.approx(expected)
    one = logits[:, :1]
    assert auc(one, label == 0, NAMES[:2]) == pytest.approx(sk.roc_auc_score(label == 0, one[:, 0]))


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_several_labels_at_once(labels, seed):
    rng = np.random.default_rng(seed)
    label, predicted = (rng.integers(0, 2, (12, labels)) for _ in range(2))
    label[0], label[1] = 0, 1
    for name in ("precision", "recall", "f1"):
        for average in ("macro", "micro", "weighted"):
            found = METRICS[name](average=average, multi_label=True).of_labels(label, predicted)
            # Of one column scikit-learn would take the numbers for two classes.
            both = (np.c_[label, label], np.c_[predicted, predicted])
            expected = getattr(sk, f"{name}_score")(*both, average=average, zero_division=0)
            assert found == pytest.approx(expected)
    scores = rng.integers(0, 5, (12, labels)).astype(float)
    assert auc_of_labels(scores, label) == pytest.approx(sk.roc_auc_score(label, scores))


def test_auc_of_a_label_that_nothing_bears_is_undefined():
    with pytest.raises(UndefinedMetricError, match="label 1 is borne by 0 of 3 examples"):
        auc_of_labels(np.zeros((3, 2)), np.array([[0, 0], [1, 0], [1, 0]]))


def test_auc_tells_probabilities_apart_that_float32_takes_for_equal():
    logits = np.float32([[40, 0], [30, 0], [20, 0], [10, 0]])
    assert auc(logits, np.array([0, 0, 1, 1]), NAMES[:2]) == 1.0


@pytest.mark.parametrize(
    ("logits", "label", "said"),
    [
        (np.zeros((3, 3)), [0, 0, 2], "no example of class 'b'"),
        (np.zeros((3, 5)), [1, 1, 1], "no example of class 'a', 'c', 'd', ..."),
        (np.zeros(3), [1, 1, 1], "no example of class 'a'"),
        (np.array([0.0, np.nan]), [0, 1], "no numbers"),
    ],
)
def test_where_auc_is_undefined(logits, label, said):
    classes = 2 if logits.ndim == 1 else logits.shape[1]
    with pytest.raises(UndefinedMetricError, match=said):
        auc(logits, np.array(label), NAMES[:classes])


def test_a_label_that_is_no_class():
    with pytest.raises(DataError, match=r"the label 7 is none of the classes 0 to 2 \(2 such labels\)"):
        METRICS["f1"]().of_classes(np.array([0, 7, -1]), np.array([0, 1, 2]), 3)


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 8), st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_r2(examples, columns, seed):
    rng = np.random.default_rng(seed)
    # Few different numbers, so that some columns are constant and some are met exactly.
    predictions, targets = (rng.integers(0, 2, (examples, columns)).astype(np.float32) for _ in range(2))
    assert r2(predictions, targets) == pytest.approx(sk.r2_score(targets, predictions))


def test_r2_of_one_example_is_undefined():
    with pytest.raises(UndefinedMetricError, match="at least two examples"):
        r2(np.zeros((1, 2)), np.ones((1, 2)))


def test_a_perplexity_beyond_all_numbers_is_infinite():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert perplexity(np.float32([2000.0])) == np.inf
