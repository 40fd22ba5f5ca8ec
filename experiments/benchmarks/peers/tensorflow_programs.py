"""TensorFlow with a training loop of one's own: a step as a `tf.function`, by XLA or not, and a loop of them."""

from __future__ import annotations

from itertools import islice

import keras
import numpy as np
import tensorflow as tf

from experiments.benchmarks.peers.keras_networks import NETWORKS, optimizer
from experiments.benchmarks.task import Programs, Task, Turn, timed


def programs(task: Task) -> Programs:
    return {
        "function": lambda: _program(task),
        "function, jit_compile": lambda: _program(task, jit_compile=True),
        "loop in a function": lambda: _program(task, in_loop=True),
    }


def _program(task: Task, *, jit_compile: bool = False, in_loop: bool = False) -> Turn:
    keras.utils.set_random_seed(0)
    model, change = NETWORKS[task.name](task), optimizer(task)
    change.build(model.trainable_variables)
    inputs, targets = tf.constant(task.inputs), tf.constant(task.targets)
    orders = task.orders()

    @tf.function(jit_compile=jit_compile)
    def step(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            logits = model(x, training=True)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))
        gradients = tape.gradient(loss, model.trainable_variables)
        change.apply(gradients, model.trainable_variables)
        return loss

    @tf.function
    def loop(rows: tf.Tensor) -> tf.Tensor:
        loss = 0.0
        for chosen in rows:
            loss = step(tf.gather(inputs, chosen), tf.gather(targets, chosen))
        return loss

    def train(steps: int) -> None:
        if in_loop:
            loss = loop(tf.constant(np.stack(list(islice(orders, steps)))))
        else:
            for rows in islice(orders, steps):
                loss = step(tf.gather(inputs, rows), tf.gather(targets, rows))
        loss.numpy()

    return timed(train)
