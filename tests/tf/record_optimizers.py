"""Trains a small network with the optimizers of TensorFlow 1 and writes what it gave into optimizers.npz.

python tests/tf/record_optimizers.py        in an environment that has TensorFlow
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow.compat.v1 as tf

STEPS = 20
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


def record() -> dict[str, np.ndarray]:
    """The data, the first weights, and by optimizer the losses before each step and the weights after the last."""
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(8, 5)).astype(np.float32), rng.integers(0, 3, 8).astype(np.int32)
    w1, w2 = rng.normal(size=(5, 4)).astype(np.float32), rng.normal(size=(4, 3)).astype(np.float32)
    found = {"x": x, "t": t, "w1": w1, "w2": w2}
    for name, make in OPTIMIZERS.items():
        with tf.Graph().as_default(), tf.Session() as session:
            a, b, c = tf.Variable(w1), tf.Variable(np.zeros(4, np.float32)), tf.Variable(w2)
            logits = tf.matmul(tf.nn.tanh(tf.matmul(x, a) + b), c)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=t, logits=logits))
            step = make().minimize(loss)
            session.run(tf.global_variables_initializer())
            losses = []
            for _ in range(STEPS):
                losses.append(session.run(loss))
                session.run(step)
            found |= {f"{name}/losses": np.array(losses)}
            found |= {f"{name}/{key}": session.run(v) for key, v in zip("abc", (a, b, c), strict=True)}
    return found


if __name__ == "__main__":
    tf.disable_v2_behavior()
    np.savez_compressed(Path(__file__).with_name("optimizers.npz"), **record())
