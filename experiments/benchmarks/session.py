"""Calls a second of Session.run on a graph so small that the call itself is what takes time.

    python experiments/benchmarks/session.py

The softmax of a product of two 2x2 matrices, one of them a variable, with the other one fed and without. Where
TensorFlow is installed, its tf.compat.v1.Session runs the same graph; all take turns, so that a machine whose speed
drifts slows each of them.
"""

from __future__ import annotations

import importlib.util
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from framework import ops
from framework.graph import Graph
from framework.runtime.session import Session

ROUNDS, CALLS = 15, 4000
X = np.array([[37.0, -23.0], [1.0, 4.0]], np.float32)
W = np.array([[0.1, 0.2], [0.3, 0.4]], np.float32)
Programs = dict[str, Callable[[], np.ndarray]]


def ours() -> Programs:
    with Graph().as_default() as graph:
        fed = ops.placeholder(dtype="float32", shape=(2, 2))
        w = ops.variable(shape=(2, 2), dtype="float32")
        initial = ops.assign(w, W)
        constant, dynamic = (ops.softmax(ops.matmul(x, w)) for x in (ops.constant(X), fed))
    session = Session(graph)
    session.run(initial)
    return {
        "Graphwright": lambda: session.run(constant),
        "Graphwright, fed": lambda: session.run(dynamic, {fed: X}),
    }


def tensorflows() -> Programs:
    if importlib.util.find_spec("tensorflow") is None:
        return {}
    import tensorflow.compat.v1 as tf

    tf.disable_eager_execution()
    fed = tf.placeholder(tf.float32, (2, 2))
    w = tf.Variable(W)
    constant, dynamic = (tf.nn.softmax(tf.matmul(x, w)) for x in (tf.constant(X), fed))
    session = tf.Session()
    session.run(tf.global_variables_initializer())
    return {
        "TensorFlow": lambda: session.run(constant),
        "TensorFlow, fed": lambda: session.run(dynamic, {fed: X}),
    }


def main() -> None:
    programs = {**ours(), **tensorflows()}
    speeds: dict[str, list[float]] = {name: [] for name in programs}
    for number in range(ROUNDS + 1):
        for name, call in programs.items():
            began = time.perf_counter()
            for _ in range(CALLS):
                call()
            if number:  # the first round compiles
                speeds[name].append(CALLS / (time.perf_counter() - began))
    for name, found in speeds.items():
        print(f"{name:<18} {statistics.median(found):>8,.0f} calls/s  ({min(found):,.0f} to {max(found):,.0f})")
    for suffix in ("", ", fed"):
        if f"TensorFlow{suffix}" in speeds:
            pairs = zip(speeds[f"Graphwright{suffix}"], speeds[f"TensorFlow{suffix}"], strict=True)
            ratios = [a / b for a, b in pairs]
            spread = f"{statistics.median(ratios):.2f}  ({min(ratios):.2f} to {max(ratios):.2f})"
            print(f"ratio{suffix:<13} {spread}, {ROUNDS} rounds")


if __name__ == "__main__":
    main()
