"""The two programs that a user of the field would type first, run and looked at."""

from __future__ import annotations

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import framework.tf as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def test_program_a(tmp_path, graph):
    a = tf.add(1, 2)
    b = tf.multiply(a, 3)
    c = tf.add(4, 5)
    d = tf.multiply(c, 6)
    e = tf.multiply(4, 5)
    f = tf.div(c, 6)
    g = tf.add(b, d)
    h = tf.multiply(g, f)
    tf.summary.scalar("h", h)
    merged = tf.summary.merge_all()
    with tf.Session() as session:
        writer = tf.summary.FileWriter(tmp_path, graph=tf.get_default_graph())
        value, summary = session.run([h, merged])
        writer.add_summary(summary)
        writer.close()
        assert value == 63
        assert value.dtype == np.int32
        assert session.run([a, b, c, d, f, g, h]) == [3, 9, 9, 54, 1, 63, 63]
        # What the fetches do not need does not run: it could not, without what it reads.
        needed = session.run([h], {e: 7})
        assert needed == [63]
    found = EventAccumulator(str(tmp_path)).Reload()
    assert [(event.step, event.value) for event in found.Scalars("h")] == [(0, 63.0)]
    names = {node.name for node in found.Graph().node}
    assert names == set(graph.nodes)


def test_what_is_not_needed_does_not_run():
    def exploding():
        return tf.check_numerics(tf.constant(float("inf")), "it ran")

    e = exploding()
    h = tf.constant(1.0) * 2.0
    with tf.Session() as session:
        assert session.run(h) == 2
        with pytest.raises(tf.errors.InvalidArgumentError, match="it ran"):
            session.run([h, e])


def test_program_b():
    x = tf.constant([[37.0, -23.0], [1.0, 4.0]])
    w = tf.Variable(tf.random_uniform([2, 2]))
    y = tf.matmul(x, w)
    output = tf.nn.softmax(y)
    init_op = w.initializer
    with tf.Session() as session:
        with pytest.raises(tf.errors.FailedPreconditionError, match="variable 'Variable' has no value yet"):
            session.run(output)
        session.run(init_op)
        first = session.run(output)
        product, second = session.run([y, output])
        np.testing.assert_array_equal(first, second)
        raised = np.exp(product - product.max(1, keepdims=True))
        np.testing.assert_allclose(second, raised / raised.sum(1, keepdims=True), rtol=1e-6)
        np.testing.assert_array_equal(y.eval(), product)
        np.testing.assert_array_equal(y.eval(session=session), product)
        weights = session.run(w)
        assert ((weights >= 0) & (weights < 1)).all()
        np.testing.assert_allclose(product, [[37, -23], [1, 4]] @ weights, rtol=1e-5)
