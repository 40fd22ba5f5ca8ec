"""A graph whose composite ops are written out gives the same values, in ops that TensorFlow has."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from framework import ops
from framework.graph import OPS, Graph, register_op
from framework.graph.passes.expand import expand
from framework.runtime.session import Session

TENSORFLOWS = json.loads((Path(__file__).parents[2] / "tf_cases" / "declarations.json").read_text())
x = np.random.default_rng(2).normal(size=(3, 4)).astype(np.float32)


def normalized() -> Graph:
    graph = Graph()
    with graph.as_default():
        inputs = ops.placeholder("float32", (None, 4), name="x")
        with graph.name_scope("net"):
            y = ops.layer_norm(inputs, np.float32([1, 2, 3, 4]), np.float32([0, 0, 1, 1]), name="norm")
        ops.negative(ops.gelu(y, name="gelu"), name="out")
    return graph


def test_composite_nodes_become_scopes():
    graph = normalized()
    expanded, renamed = expand(graph)
    assert {node.op for node in graph} - set(TENSORFLOWS) == {"LayerNorm", "Gelu"}
    assert {node.op for node in expanded} <= set(TENSORFLOWS)
    assert set(graph.nodes) - set(expanded.nodes) == {"net/norm", "gelu"}
    assert all(name.startswith(("net/norm/", "gelu/")) for name in set(expanded.nodes) - set(graph.nodes))
    assert set(renamed) == {"net/norm:0", "gelu:0"}
    for name, now in renamed.items():
        assert now.startswith(name.removesuffix(":0") + "/")
        assert expanded.spec(now) == graph.spec(name)


def test_values_stay():
    graph = normalized()
    expanded, renamed = expand(graph)
    before = Session(graph).run(["net/norm:0", "out:0"], {"x:0": x})
    after = Session(expanded).run([renamed["net/norm:0"], "out:0"], {"x:0": x})
    for expected, found in zip(before, after, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_order_devices_and_the_rest_stay():
    graph = normalized()
    with graph.as_default(), graph.device("/cpu:0"), graph.control_dependencies(["out"]):
        late = ops.gelu(graph.tensor("x:0"), name="late")
    graph.add("NoOp", name="done", control_inputs=[late])
    graph.collect("kept", "out")
    graph.seed_node = "x"
    expanded, renamed = expand(graph)
    inside = [node for node in expanded if node.name.startswith("late/")]
    assert all("out" in node.control_inputs and node.device == "/cpu:0" for node in inside)
    assert f"{expanded.nodes['done'].control_inputs[0]}:0" == renamed["late:0"]
    assert (expanded.collections, expanded.seed_node) == ({"kept": ["out"]}, "x")


def test_bodies_within_bodies():
    def body(attrs, tensor):
        return ops.gelu(tensor) * 2.0

    register_op("Twice", inputs="x: float", outputs="y: float", body=body, wrapper="")
    try:
        graph = Graph()
        with graph.as_default():
            twice = graph.add("Twice", [ops.placeholder("float32", (3, 4), name="x")], name="twice")
        expanded, renamed = expand(graph)
        assert {node.op for node in expanded} <= set(TENSORFLOWS)
        assert any(node.name.startswith("twice/Gelu/") for node in expanded)
        found = Session(expanded).run(renamed["twice:0"], {"x:0": x})
        np.testing.assert_array_equal(found, Session(graph).run(twice.outputs[0], {"x:0": x}))
    finally:
        del OPS._entries["Twice"]
