"""Variables are shared by their names, as users of TensorFlow 1 know it."""

from __future__ import annotations

import numpy as np
import pytest

import framework.tf as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def test_names_and_sharing():
    def dense(x):
        return tf.matmul(x, tf.get_variable("w", [2, 2])) + tf.get_variable("b", [2], initializer=tf.zeros_initializer)

    x = tf.constant([[1.0, 2.0]])
    with tf.variable_scope("layer") as scope:
        first = dense(x)
        with tf.variable_scope("inner"):
            assert tf.get_variable("w", [1]).name == "layer/inner/w:0"
    with tf.variable_scope("layer", reuse=True):
        second = dense(x)
    with tf.variable_scope(scope, reuse=True):
        third = tf.get_variable("w", [2, 2])
    with tf.variable_scope("layer", reuse=tf.AUTO_REUSE):
        fourth = tf.get_variable("w")
        assert tf.get_variable("new", [1]).name == "layer/new:0"
    assert third == fourth
    assert [v.name for v in tf.trainable_variables()] == ["layer/w:0", "layer/b:0", "layer/inner/w:0", "layer/new:0"]
    # Variables are shared, operations are not.
    assert (first.op.name, second.op.name) == ("layer/add", "layer_1/add")
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        a, b, w = session.run([first, second, third])
    np.testing.assert_array_equal(a, b)
    assert np.abs(w).max() <= np.sqrt(6 / 4)


def test_what_is_refused():
    tf.get_variable("w", [2])
    with pytest.raises(ValueError, match="a variable 'w' already"):
        tf.get_variable("w", [2])
    with pytest.raises(ValueError, match="needs the shape"):
        tf.get_variable("other")
    with tf.variable_scope("s", reuse=True), pytest.raises(ValueError, match="no variable 's/w' to reuse"):
        tf.get_variable("w", [2])
    with tf.variable_scope(tf.get_variable_scope(), reuse=True):
        with pytest.raises(ValueError, match=r"'w' is \[2\], but \[3\] was asked for"):
            tf.get_variable("w", [3])
        with pytest.raises(ValueError, match="'w' is float32, but int32 was asked for"):
            tf.get_variable("w", [2], tf.int32)


@pytest.mark.parametrize(
    ("initializer", "low", "high", "mean", "deviation"),
    [
        (tf.zeros_initializer(), 0, 0, 0, 0),
        (tf.ones_initializer, 1, 1, 1, 0),
        (tf.constant_initializer(2.5), 2.5, 2.5, 2.5, 0),
        (tf.random_uniform_initializer(1.0, 3.0), 1, 3, 2, 3**-0.5),
        (tf.random_normal_initializer(1.0, 0.5), -2, 4, 1, 0.5),
        (tf.truncated_normal_initializer(1.0, 0.5), 0, 2, 1, 0.44),
        (tf.glorot_uniform_initializer(), -0.2, 0.2, 0, 0.2 / 3**0.5),
    ],
    ids=lambda x: getattr(x, "__name__", type(x).__name__),
)
def test_initializers(initializer, low, high, mean, deviation):
    v = tf.get_variable("v", [50, 100], initializer=initializer)
    with tf.Session() as session:
        session.run(v.initializer)
        value = session.run(v)
    assert low <= value.min() <= value.max() <= high
    np.testing.assert_allclose(value.mean(), mean, atol=0.03)
    np.testing.assert_allclose(value.std(), deviation, atol=0.03)


def test_a_first_value_has_its_own_shape_and_type():
    counts = tf.get_variable("counts", initializer=np.array([1, 2], np.int64))
    step = tf.get_variable("step", [], tf.int32)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        assert session.run(counts).tolist() == [1, 2]
        assert session.run(step) == 0
    assert (counts.dtype, step.dtype) == (tf.int64, tf.int32)


def test_an_interactive_session_is_the_default_one_until_it_is_closed():
    x = tf.constant(3.0)
    session = tf.InteractiveSession()
    assert x.eval() == 3
    assert tf.get_default_session() is session
    session.close()
    assert tf.get_default_session() is None
    with pytest.raises(RuntimeError, match="closed"):
        session.run(x)


def test_numbers_that_sum_up():
    array = np.array([[1.0, 2.0], [3.0, 1000.0]], np.float32)
    x = tf.constant(array)
    each = tf.reduce_logsumexp(x, 1)
    expected = {
        each: [2 + np.log1p(np.exp(-1)), 1000],
        tf.reduce_logsumexp(x): 1000,
        tf.reduce_variance(x, [0]): array.var(0),
        tf.reduce_std(x, 1, keepdims=True): array.std(1, keepdims=True),
        tf.global_norm([tf.constant([3.0]), tf.constant([[4.0]])]): 5,
        tf.gradients(each, x)[0]: [[1 / (1 + np.e), np.e / (1 + np.e)], [0, 1]],
    }
    with tf.Session() as session:
        for value, wanted in zip(session.run(list(expected)), expected.values(), strict=True):
            np.testing.assert_allclose(value, wanted, rtol=1e-5)


@pytest.mark.parametrize("shape", [(4,), (2, 3), (2, 3, 2), (0, 2), ()], ids=str)
def test_positions_and_masks(shape):
    array = np.random.default_rng(0).random(shape) > 0.4
    mask = tf.placeholder(tf.bool, [None] * len(shape))
    rows = np.arange(array.size * 2, dtype=np.float32).reshape(*shape, 2)
    with tf.Session() as session:
        positions = session.run(tf.where(mask), {mask: array})
        np.testing.assert_array_equal(positions, np.argwhere(array))
        assert positions.dtype == np.int64
        if shape:
            np.testing.assert_array_equal(session.run(tf.boolean_mask(rows, mask), {mask: array}), rows[array])
