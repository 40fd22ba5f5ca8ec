"""Optimizers take the steps that TensorFlow takes, and what they train is saved."""

from __future__ import annotations

import numpy as np
import pytest

import framework.tf as tf

STEPS = 20
RATE = 0.1


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


# One step of each rule as its paper or TensorFlow's page writes it, in float64.
def descent(w, g, s, t):
    return w - RATE * g, s


def momentum(w, g, s, t):
    s = 0.9 * s + g
    return w - RATE * s, s


def nesterov(w, g, s, t):
    s = 0.9 * s + g
    return w - RATE * (g + 0.9 * s), s


def adagrad(w, g, s, t):
    s = (s if t else np.full_like(w, 0.1)) + g * g
    return w - RATE * g / np.sqrt(s), s


def rmsprop(w, g, s, t):
    ms, mom = s if t else (np.ones_like(w), np.zeros_like(w))
    ms = 0.9 * ms + 0.1 * g * g
    mom = 0.5 * mom + RATE * g / np.sqrt(ms + 1e-10)
    return w - mom, (ms, mom)


def adam(w, g, s, t):
    m, v = s if t else (np.zeros_like(w), np.zeros_like(w))
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
    rate = RATE * np.sqrt(1 - 0.999 ** (t + 1)) / (1 - 0.9 ** (t + 1))
    return w - rate * m / (np.sqrt(v) + 1e-8), (m, v)


CASES = [
    (descent, lambda: tf.train.GradientDescentOptimizer(RATE), []),
    (momentum, lambda: tf.train.MomentumOptimizer(RATE, 0.9), ["momentum"]),
    (nesterov, lambda: tf.train.MomentumOptimizer(RATE, 0.9, use_nesterov=True), ["momentum"]),
    (adagrad, lambda: tf.train.AdagradOptimizer(RATE), ["accumulator"]),
    (rmsprop, lambda: tf.train.RMSPropOptimizer(RATE, momentum=0.5), ["rms", "momentum"]),
    (adam, lambda: tf.train.AdamOptimizer(RATE), ["m", "v"]),
]
START = np.array([1.0, -2.0, 3.0])
CURVATURE = np.array([1.0, 0.5, 2.0])


@pytest.mark.parametrize(("rule", "make", "slots"), CASES, ids=lambda x: getattr(x, "__name__", ""))
def test_twenty_steps(rule, make, slots):
    w = tf.Variable(START.astype(np.float32), name="w")
    loss = tf.reduce_sum(w * w * CURVATURE.astype(np.float32)) / 2.0
    optimizer = make()
    counter = tf.train.get_or_create_global_step()
    step = optimizer.minimize(loss, global_step=counter)
    assert optimizer.get_slot_names() == slots
    assert all(optimizer.get_slot(w, slot) in optimizer.variables() for slot in slots)
    expected, state = START, np.zeros_like(START)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for t in range(STEPS):
            session.run(step)
            expected, state = rule(expected, CURVATURE * expected, state, t)
            np.testing.assert_allclose(session.run(w), expected, rtol=2e-5, atol=2e-6)
        assert session.run(counter) == STEPS


def test_only_what_is_listed_is_trained():
    a, b, c = tf.Variable(1.0), tf.Variable(1.0), tf.Variable(1.0, trainable=False)
    loss = a * b * c
    pairs = tf.train.GradientDescentOptimizer(0.5).compute_gradients(loss)
    assert [variable.name for _, variable in pairs] == ["Variable:0", "Variable_1:0"]
    step = tf.train.GradientDescentOptimizer(0.5).minimize(loss, var_list=[b])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(step)
        assert session.run([a, b, c]) == [1, 0.5, 1]
    with pytest.raises(ValueError, match="no variable has a gradient"):
        tf.train.GradientDescentOptimizer(0.5).minimize(tf.constant(1.0))


def test_a_rate_that_is_fed_or_decays():
    w = tf.Variable(1.0)
    rate = tf.placeholder(tf.float32, (), name="rate")
    counter = tf.train.get_or_create_global_step()
    decayed = tf.train.exponential_decay(rate, counter, 2, 0.5, staircase=True)
    step = tf.train.GradientDescentOptimizer(decayed).minimize(w * 1.0, global_step=counter)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        seen = []
        for _ in range(4):
            session.run(step, {rate: 0.1})
            seen.append(float(session.run(w)))
    np.testing.assert_allclose(seen, [0.9, 0.8, 0.75, 0.7], rtol=1e-6)


def test_training_is_saved_and_restored(tmp_path):
    w = tf.Variable([1.0, 2.0], name="w")
    step = tf.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(w * w))
    saver = tf.train.Saver(max_to_keep=2)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        paths = []
        for number in range(3):
            session.run(step)
            paths.append(saver.save(session, tmp_path / "model", global_step=number))
        expected = session.run(w)
        session.run(step)
        after = session.run(w)
    assert tf.train.latest_checkpoint(tmp_path) == paths[-1]
    assert not tf.train.checkpoint_exists(paths[0])
    with tf.Session() as session:
        saver.restore(session, paths[-1])
        np.testing.assert_array_equal(session.run(w), expected)
        session.run(step)
        np.testing.assert_array_equal(session.run(w), after)


def test_a_trained_graph_is_frozen_and_read_again(tmp_path):
    x = tf.placeholder(tf.float32, (None, 2), name="x")
    w = tf.Variable([[1.0], [2.0]], name="w")
    y = tf.matmul(x, w, name="y")
    step = tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_mean(y))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(step, {x: [[1.0, 1.0]]})
        tf.save_graph(tf.freeze_graph(session, [y]), tmp_path / "model.pb")
        expected = session.run(y, {x: [[3.0, 4.0]]})
    graph = tf.load_graph(tmp_path / "model.pb")
    assert sorted(node.op for node in graph) == ["Const", "MatMul", "Placeholder"]
    np.testing.assert_array_equal(tf.Session(graph).run("y:0", {"x:0": [[3.0, 4.0]]}), expected)
    path = tf.train.write_graph(graph, tmp_path, "model.pbtxt")
    assert tf.load_graph(path).as_graph_def() == graph.as_graph_def()
