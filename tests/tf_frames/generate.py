"""Writes graphs as TensorFlow 1 wrote control flow, with what TensorFlow (2.21, on a CPU) gives for them.

    python tests/tf_frames/generate.py        in an environment that has TensorFlow

For each graph `<name>.pb`, and in `<name>.npz` what was fed and fetched, by tensor name.
"""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

v1 = tf.compat.v1
FOLDER = Path(__file__).parent


def simple_while(x):
    return tf.while_loop(lambda i, a: i < 5, lambda i, a: (i + 1, a * 2.0 + x), [tf.constant(0), x], name="loop")


def while_until(x):
    """The number of turns follows from what is fed; one variable comes out unused, one never changes."""
    limit = tf.reduce_sum(x)
    loop = tf.while_loop(
        lambda i, a, same: a < 50.0 + limit, lambda i, a, same: (i + 1, a + same * 3.0, same), [0, limit, limit + 1.0]
    )
    return loop[0], loop[1]


def nested_while(x):
    def outer(i, a):
        _, b = tf.while_loop(lambda j, b: j < i, lambda j, b: (j + 1, b + x * tf.cast(i, tf.float32)), [0, a])
        return i + 1, b

    return tf.while_loop(lambda i, a: i < 4, outer, [0, x])


def simple_cond(x):
    first = tf.cond(tf.reduce_sum(x) > 3.0, lambda: (x + 1.0, x * x), lambda: (x - 1.0, tf.zeros_like(x)))
    second = tf.cond(tf.reduce_sum(first[0]) > 5.0, lambda: first[1] * 2.0, lambda: tf.constant([7.0, 8.0]))
    return (*first, second)


def nested_cond(x):
    total = tf.reduce_sum(x)

    def inner():
        return tf.cond(total > 10.0, lambda: x * 10.0, lambda: x + 10.0)

    return (tf.cond(total > 3.0, inner, lambda: -x),)


def same_predicate(x):
    """Two conditions on one predicate, where one depends on the other."""
    pred = tf.reduce_sum(x) > 3.0
    a = tf.cond(pred, lambda: x * 2.0, lambda: x * 3.0)
    b = tf.cond(pred, lambda: a + 1.0, lambda: a + x)
    return a, b


def cond_in_while(x):
    def body(i, a):
        return i + 1, tf.cond(tf.equal(i % 2, 0), lambda: a * 2.0 + x, lambda: tf.cond(i > 2, lambda: a - x, lambda: a))

    return tf.while_loop(lambda i, a: i < 6, body, [0, x])


def while_in_cond(x):
    def loop():
        return tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a * x + 1.0), [0, x])[1]

    return (tf.cond(tf.reduce_sum(x) > 3.0, loop, lambda: x * 0.5),)


def asserted(x):
    """A check that guards what follows by control edges alone, within a loop and without."""

    def body(i, a):
        with tf.control_dependencies([v1.Assert(i < 10, [i, a])]):
            return i + 1, tf.identity(a) * 2.0

    with tf.control_dependencies([v1.Assert(tf.reduce_all(x > -100.0), [x])]):
        start = tf.identity(x)
    return tf.while_loop(lambda i, a: i < 3, body, [0, start])


def arrays(x):
    array = tf.TensorArray(tf.float32, size=4, element_shape=[2], clear_after_read=False)
    loop = tf.while_loop(lambda i, t: i < 4, lambda i, t: (i + 1, t.write(i, x * tf.cast(i, tf.float32))), [0, array])
    read = tf.while_loop(lambda i, s: i < 4, lambda i, s: (i + 1, s + loop[1].read(i)), [0, tf.zeros([2])])
    return loop[1].stack(), read[1], loop[1].size()


def mapped(x):
    return (tf.map_fn(lambda row: tf.reduce_sum(row) * row, tf.stack([x, x * 2.0, x - 1.0])),)


def cased(x):
    total = tf.reduce_sum(x)
    pairs = [(total > 10.0, lambda: x * 10.0), (total > 3.0, lambda: x * 3.0)]
    return (v1.case(pairs, default=lambda: x),)


def variables(x):
    """A variable that a loop and a condition within it read and change."""
    w = v1.get_variable("w", initializer=tf.constant([1.0, 2.0]), use_resource=True)

    def body(i, a):
        def change():
            with tf.control_dependencies([w.assign_add(x)]):
                return w.read_value()

        b = tf.cond(tf.equal(i % 2, 0), change, lambda: a * 2.0)
        with tf.control_dependencies([b]):
            return i + 1, b + w.read_value()

    loop = tf.while_loop(lambda i, a: i < 4, body, [0, x])
    with tf.control_dependencies([loop[1]]):
        return (*loop, w.read_value())


def recurrent(x):
    """A recurrent network over a sequence of three, with the lengths of two sequences."""
    sequence = tf.stack([tf.stack([x, x * 0.5, x + 1.0]), tf.stack([x * 2.0, x, -x])])
    w = tf.constant(np.random.default_rng(0).normal(size=(2 + 3, 12)).astype(np.float32) * 0.5)
    projected = tf.transpose(sequence, [1, 0, 2])
    elements = tf.TensorArray(tf.float32, size=3).unstack(projected)
    outputs = tf.TensorArray(tf.float32, size=tf.shape(projected)[0], element_shape=[2, 3])

    def step(t, h, c, outputs):
        i, g, f, o = tf.split(tf.concat([elements.read(t), h], 1) @ w, 4, 1)
        cell = tf.sigmoid(f + 1.0) * c + tf.sigmoid(i) * tf.tanh(g)
        hidden = tf.sigmoid(o) * tf.tanh(cell)
        is_over = t >= tf.constant([3, 2])
        hidden, cell = tf.where(is_over[:, None], h, hidden), tf.where(is_over[:, None], c, cell)
        return t + 1, hidden, cell, outputs.write(t, hidden)

    zeros = tf.zeros([2, 3])
    _, h, c, filled = tf.while_loop(lambda t, *_: t < tf.shape(projected)[0], step, [0, zeros, zeros, outputs])
    return tf.transpose(filled.stack(), [1, 0, 2]), h, c


FUNCTIONS = (
    simple_while, while_until, nested_while, simple_cond, nested_cond, same_predicate, cond_in_while, while_in_cond,
    asserted, arrays, mapped, cased, variables, recurrent,
)  # fmt: skip
INPUTS = ([1.0, 2.5], [0.5, -1.0], [8.0, 4.0])


def write_v1(function) -> None:
    with tf.Graph().as_default() as graph:
        x = v1.placeholder(tf.float32, [2], name="x")
        outputs = [tf.identity(y, name=f"y{k}") for k, y in enumerate(function(x))]
        fetched = [y.name for y in outputs]
        # What comes out of the control flow itself can be fetched as well.
        exits = [op for op in graph.get_operations() if op.type == "Exit" and graph.is_fetchable(op)]
        fetched += [op.outputs[0].name for op in exits if op.outputs[0].shape == (2,)]
        with v1.Session(graph=graph) as session:
            start = [w.initializer for w in v1.global_variables()]
            cases = []
            for value in INPUTS:
                session.run(start)
                cases.append(session.run(fetched, {x: value}))
        write(function.__name__, graph.as_graph_def(), [{"x:0": value} for value in INPUTS], fetched, cases)


def write_gradient() -> None:
    """Of a loop: it keeps what it needs on stacks, which is refused."""
    with tf.Graph().as_default() as graph:
        x = v1.placeholder(tf.float32, [2], name="x")
        y = tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a * a), [0, x])[1]
        tf.identity(tf.gradients(y, x)[0], name="y0")
    (FOLDER / "gradient.pb").write_bytes(graph.as_graph_def().SerializeToString(deterministic=True))


def write_switched() -> None:
    """One of three branches by its number, as TensorFlow lowers it: a switch with as many outputs."""
    number = lambda x: tf.cast(tf.reduce_sum(x), tf.int32)  # noqa: E731  outside of the branches, the last is taken
    branches = lambda x: [lambda: x, lambda: x + 1.0, lambda: x * tf.reduce_sum(x)]  # noqa: E731
    function = tf.function(lambda x: tf.switch_case(number(x), branches(x)))
    frozen = convert_variables_to_constants_v2(
        function.get_concrete_function(tf.TensorSpec([2])), lower_control_flow=True
    )
    inputs = [np.float32(value) for value in (*INPUTS, [0.5, 0.75])]
    results = [[frozen(tf.constant(value))[0].numpy()] for value in inputs]
    fed, fetched = frozen.inputs[0].name, frozen.outputs[0].name
    write("switched", frozen.graph.as_graph_def(), [{fed: value} for value in inputs], [fetched], results)


def write_keras() -> None:
    """LSTM and GRU as frozen functions: with functional loops, and lowered to frames."""
    tf.keras.utils.set_random_seed(1)
    x = np.random.default_rng(1).normal(size=(2, 5, 3)).astype(np.float32)
    for kind in ("LSTM", "GRU"):
        layer = getattr(tf.keras.layers, kind)(4, return_sequences=True)
        function = tf.function(lambda x, layer=layer: layer(x)).get_concrete_function(tf.TensorSpec([None, 5, 3]))
        for is_lowered in (False, True):
            frozen = convert_variables_to_constants_v2(function, lower_control_flow=is_lowered)
            fed, fetched = frozen.inputs[0].name, frozen.outputs[0].name
            result = [frozen(tf.constant(x))[0].numpy()]
            name = f"{kind.lower()}_{'frames' if is_lowered else 'functions'}"
            write(name, frozen.graph.as_graph_def(), [{fed: x}], [fetched], [result])


def write(name: str, message, feeds: list[dict], fetched: list[str], results: list[list]) -> None:
    # Shapes are the importer's own work, and devices and versions no part of what is compared.
    (FOLDER / f"{name}.pb").write_bytes(message.SerializeToString(deterministic=True))
    arrays = {}
    for k, (fed, values) in enumerate(zip(feeds, results, strict=True)):
        arrays |= {f"{k}/feed/{tensor}": np.asarray(value, np.float32) for tensor, value in fed.items()}
        arrays |= {f"{k}/fetch/{tensor}": value for tensor, value in zip(fetched, values, strict=True)}
    np.savez_compressed(FOLDER / f"{name}.npz", **arrays)
    print(name, len(message.node), "nodes", sorted({node.op for node in message.node} & CONTROL))


CONTROL = {"Switch", "_SwitchN", "Merge", "Enter", "Exit", "NextIteration", "LoopCond", "While", "StatelessWhile", "If"}

if __name__ == "__main__":
    write_keras()
    write_switched()
    v1.disable_control_flow_v2()
    v1.disable_resource_variables()
    for function in FUNCTIONS:
        write_v1(function)
    write_gradient()
