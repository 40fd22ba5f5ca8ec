"""Twenty steps of each optimizer on a small network, against those of TensorFlow 1 (`record_optimizers.py`)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import framework.tf as tf

RECORDED = np.load(Path(__file__).with_name("optimizers.npz"))
OPTIMIZERS = {
    "gradient_descent": lambda: tf.train.GradientDescentOptimizer(0.5),
    "momentum": lambda: tf.train.MomentumOptimizer(0.1, 0.9),
    "nesterov": lambda: tf.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True),
    "adagrad": lambda: tf.train.AdagradOptimizer(0.5),
    "rmsprop": lambda: tf.train.RMSPropOptimizer(0.02),
    "rmsprop_momentum": lambda: tf.train.RMSPropOptimizer(0.01, decay=0.8, momentum=0.5, epsilon=1e-6),
    "adam": lambda: tf.train.AdamOptimizer(0.05),
    "adadelta": lambda: tf.train.AdadeltaOptimizer(1.0, rho=0.9, epsilon=1e-4),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_twenty_steps_are_tensorflows(name):
    with tf.Graph().as_default(), tf.Session() as session:
        a, b = tf.Variable(RECORDED["w1"]), tf.Variable(np.zeros(4, np.float32))
        c = tf.Variable(RECORDED["w2"])
        logits = tf.matmul(tf.nn.tanh(tf.matmul(RECORDED["x"], a) + b), c)
        entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=RECORDED["t"], logits=logits)
        loss = tf.reduce_mean(entropy)
        step = OPTIMIZERS[name]().minimize(loss)
        session.run(tf.global_variables_initializer())
        losses = []
        for _ in range(20):
            losses.append(session.run(loss))
            session.run(step)
        np.testing.assert_allclose(losses, RECORDED[f"{name}/losses"], rtol=2e-5)
        for key, variable in zip("abc", (a, b, c), strict=True):
            np.testing.assert_allclose(session.run(variable), RECORDED[f"{name}/{key}"], rtol=1e-4, atol=1e-5)
