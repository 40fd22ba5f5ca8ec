"""A frozen model gives the numbers of the run it was taken from, in ops that TensorFlow has."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from framework import ops
from framework.build import build
from framework.config.check import check
from framework.config.compose import Source, compose
from framework.config.experiment import Experiment
from framework.export.freezing import Frozen, freeze_graph, freeze_model
from framework.graph import Graph
from framework.graph.graphdef.message import to_graph_def
from framework.layers import Mode
from framework.runtime.session import Session

TENSORFLOWS = json.loads((Path(__file__).parents[1] / "tf_cases" / "declarations.json").read_text())


class Model:
    """A shipped model with its first values, frozen, and what it says of some examples."""

    def __init__(self, overrides: list[str]):
        if "dataset=text" in overrides:
            overrides = [*overrides, "dataset.window=8"]  # a recurrent layer is written out step by step
        self.experiment: Experiment = check(compose(overrides, Source()).tree)
        trained = build(self.experiment, Mode.TRAIN)
        first = Session(trained.graph)
        first.run(trained.graph.operation(trained.init_op or ""))
        specs = trained.state
        # What an engine learns from the data before it trains.
        learned = {name: np.full(specs[name].shape or (), 0.5, np.float32) for name in trained.statistics}
        self.values = {**first.state, **learned}
        self.frozen: Frozen = freeze_model(self.experiment, self.values)
        self.examples = {name: self._example(name) for name in self.frozen.inputs}
        self.feeds = {self.frozen.inputs[name]: array for name, array in self.examples.items()}

    def _example(self, name: str) -> np.ndarray:
        split = self.experiment.dataset.load().splits["train"]
        return np.asarray(split[name][:3])

    def expected(self) -> list[np.ndarray]:
        """What the graph that predicts says, not frozen."""
        built = build(self.experiment, Mode.PREDICT)
        state = {name: array for name, array in self.values.items() if name in built.graph}
        feeds = {built.features[name]: array for name, array in self.examples.items()}
        return Session(built.graph, state).run(list(built.outputs.values()), feeds)


def test_every_shipped_model(shipped: list[str]):
    model = Model(shipped)
    assert {node.op for node in model.frozen.graph} <= set(TENSORFLOWS)
    assert not {node.op for node in model.frozen.graph} & {"VariableV2", "PlaceholderWithDefault"}
    assert list(model.frozen.outputs.values()) == [f"outputs/{name}:0" for name in model.experiment.model.outputs]
    found = Session(model.frozen.graph).run(list(model.frozen.outputs.values()), model.feeds)
    for expected, value in zip(model.expected(), found, strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())


def test_tensorflow_runs_every_shipped_model(shipped: list[str]):
    tf = pytest.importorskip("tensorflow", reason="TensorFlow is not installed (extra 'peers')")
    model = Model(shipped)
    message = to_graph_def(model.frozen.graph).SerializeToString()
    definition = tf.compat.v1.GraphDef.FromString(message)
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(definition, name="")
        with tf.compat.v1.Session(graph=graph) as session:
            found = session.run(list(model.frozen.outputs.values()), model.feeds)
    for expected, value in zip(model.expected(), found, strict=True):
        print(f"largest difference of {shipped[0]}: {np.abs(value - expected).max() / np.abs(expected).max():.1e}")
        np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())


def test_a_graph_of_ones_own():
    graph = Graph()
    with graph.as_default():
        x = ops.placeholder("float32", (None, 4), name="x")
        scale = ops.variable("float32", (4,), name="scale")
        start = ops.assign(scale, [1.0, 2.0, 3.0, 4.0])
        y = ops.layer_norm(x, scale, np.zeros(4, np.float32), name="norm")
    examples = np.random.default_rng(0).normal(size=(2, 4)).astype(np.float32)
    with Session(graph) as session:
        session.run(start.op)
        frozen = freeze_graph(session, [y])
        expected = session.run(y, {x: examples})
    assert {node.op for node in frozen} <= set(TENSORFLOWS)
    np.testing.assert_array_equal(Session(frozen).run("norm:0", {"x:0": examples}), expected)


def test_passes_run_before():
    graph = Graph()
    with graph.as_default():
        x = ops.placeholder("float32", (None, 4), name="x")
        y = ops.negative(ops.identity(ops.identity(x)), name="y")
    assert len(freeze_graph(Session(graph), [y])) == 4
    assert len(freeze_graph(Session(graph), [y], ["remove_identities"])) == 2
