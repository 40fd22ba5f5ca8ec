"""The study mnist_mlp in the form of a TensorFlow 1 program: a graph, a session, a feed a step; no summaries.

    python experiments/benchmarks/peers/tensorflow_1.py

The perceptron 784-256-256-10 on MNIST by plain gradient descent, 25 epochs of 550 batches of 100, every weight and
bias drawn from N(0, 1).
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import numpy as np
import tensorflow.compat.v1 as tf

from framework.data import DATASETS

EPOCHS, BATCH, RATE = 25, 100, 0.01


def main() -> None:
    tf.disable_eager_execution()
    tf.set_random_seed(0)
    splits = DATASETS["mnist"](split="head", validation_examples=5000).load().splits
    images, labels = _prepared(splits["train"])
    x = tf.placeholder(tf.float32, [None, 784])
    y = tf.placeholder(tf.float32, [None, 10])
    weights = [tf.Variable(tf.random_normal(shape)) for shape in ([784, 256], [256, 256], [256, 10])]
    biases = [tf.Variable(tf.random_normal([size])) for size in (256, 256, 10)]
    hidden = x
    for weight, bias in zip(weights[:2], biases[:2], strict=True):
        hidden = tf.nn.relu(tf.add(tf.matmul(hidden, weight), bias))
    logits = tf.matmul(hidden, weights[2]) + biases[2]
    cost = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=logits, labels=y))
    update = tf.train.GradientDescentOptimizer(RATE).minimize(cost)
    accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), tf.argmax(y, 1)), tf.float32))
    rng = np.random.default_rng(0)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for epoch in range(EPOCHS):
            order, total = rng.permutation(len(images)), 0.0
            for rows in order.reshape(-1, BATCH):
                _, found = session.run([update, cost], {x: images[rows], y: labels[rows]})
                total += found * BATCH / len(images)
            print(f"Epoch: {epoch + 1:04d} cost= {total:.9f}")
        images, labels = _prepared(splits["test"])
        print("Accuracy:", session.run(accuracy, {x: images, y: labels}))


def _prepared(split: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Pixels from 0 to 1, `[examples, 784]`, and one-hot labels, `[examples, 10]`."""
    return split["image"].reshape(-1, 784).astype(np.float32) / 255, np.eye(10, dtype=np.float32)[split["label"]]


if __name__ == "__main__":
    main()
