"""Keras: `fit` as it is, with several steps an execution, and compiled by XLA."""

from __future__ import annotations

import time
from itertools import islice

import keras
import numpy as np

from experiments.benchmarks.peers.keras_networks import NETWORKS, optimizer
from experiments.benchmarks.task import Programs, Task, Turn

SEVERAL = 4  # steps an execution


class _Clock(keras.callbacks.Callback):
    """Measures the steps and the wait for their last value, without what `fit` prepares before the first."""

    began = ended = 0.0

    def on_train_batch_begin(self, batch, logs=None):
        self.began = self.began or time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.ended = time.perf_counter()


def programs(task: Task) -> Programs:
    found: Programs = {"fit": lambda: _program(task)}
    if keras.backend.backend() == "tensorflow":  # on JAX it is always compiled, and unrolls the steps for minutes
        several = 50 if task.name == "perceptron" else SEVERAL
        found["fit, steps_per_execution"] = lambda: _program(task, several=several)
        found["fit, jit_compile"] = lambda: _program(task, jit_compile=True)
    return found


def _program(task: Task, *, jit_compile: bool = False, several: int = 1) -> Turn:
    keras.utils.set_random_seed(0)
    model = NETWORKS[task.name](task)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer(task), loss, jit_compile=jit_compile, steps_per_execution=several)
    orders = task.orders()

    def turn(steps: int) -> float:
        rows, clock = np.concatenate(list(islice(orders, steps))), _Clock()
        model.fit(task.inputs[rows], task.targets[rows], task.batch, shuffle=False, verbose=0, callbacks=[clock])
        return clock.ended - clock.began

    return turn
