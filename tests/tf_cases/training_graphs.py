"""Whole training graphs of TensorFlow 1: gradients, an optimizer, summaries and a saver, and what they gave."""

from __future__ import annotations

import gzip
import json

import numpy as np
import tensorflow as tf
from recorder import FOLDER

TARGET = FOLDER / "training_graphs"
OPTIMIZERS = {
    "momentum": lambda v1: v1.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True),
    "adam": lambda v1: v1.train.AdamOptimizer(0.1),
}


class TrainingGraphs:
    """One GraphDef for each kind of variable and optimizer; `write` runs them and keeps the numbers."""

    def write(self) -> None:
        TARGET.mkdir(exist_ok=True)
        found = {}
        for kind in ("references", "handles"):
            for optimizer in OPTIMIZERS:
                name = f"{kind}_{optimizer}"
                message, found[name] = _run(kind == "handles", OPTIMIZERS[optimizer])
                (TARGET / f"{name}.pb.gz").write_bytes(gzip.compress(message, mtime=0))
        (TARGET / "numbers.json").write_text(json.dumps(found, indent=1) + "\n")
        print(f"training graphs: {', '.join(found)}")


def training_graphs() -> TrainingGraphs:
    return TrainingGraphs()


def _run(use_resource: bool, optimizer) -> tuple[bytes, dict]:
    v1 = tf.compat.v1
    with tf.Graph().as_default() as graph, v1.Session() as session:
        x, y = v1.placeholder(tf.float32, [None, 4], name="x"), v1.placeholder(tf.int32, [None], name="y")
        first = np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3)
        w = v1.get_variable("w", initializer=tf.constant(first), use_resource=use_resource)
        b = v1.get_variable("b", initializer=tf.zeros([3]), use_resource=use_resource)
        step = v1.train.get_or_create_global_step()
        logits = tf.matmul(x, w) + b
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
        loss = tf.reduce_mean(losses, name="loss")
        train = optimizer(v1).minimize(loss, global_step=step, name="train")
        v1.summary.scalar("cost", loss)
        v1.summary.histogram("weights", w)
        v1.summary.merge_all(name="summaries")
        v1.train.Saver()
        session.run(v1.global_variables_initializer())
        generator = np.random.default_rng(0)
        images = generator.normal(size=(6, 8, 4)).astype(np.float32)
        labels = generator.integers(0, 3, (6, 8)).astype(np.int32)
        costs = [float(session.run([loss, train], {x: a, y: c})[0]) for a, c in zip(images, labels, strict=True)]
        variables = {v.op.name: session.run(v).tolist() for v in v1.global_variables()}
        numbers = {"x": images.tolist(), "y": labels.tolist(), "losses": costs, "variables": variables}
        return graph.as_graph_def().SerializeToString(deterministic=True), numbers
