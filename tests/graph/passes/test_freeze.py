"""A frozen graph says by itself what a model computes."""

from __future__ import annotations

import numpy as np
import pytest

from framework import ops
from framework.errors import FailedPreconditionError, GraphError
from framework.graph import Graph
from framework.graph.hyper import add_hyper
from framework.graph.passes.freeze import freeze
from framework.runtime.session import Session


def model() -> Graph:
    graph = Graph()
    with graph.as_default():
        x = ops.placeholder("float32", (None, 2), name="x")
        w = ops.variable("float32", (2, 3), name="w")
        ops.assign(w, np.float32([[1, 2, 3], [4, 5, 6]]), name="initial")
        ops.multiply(ops.matmul(x, w), add_hyper(graph, "scale", 2.0), name="out")
        graph.add("Gradients", [graph.tensor("out:0"), w], {"Tys": ["float32"], "Txs": ["float32"], "Tgrads": []}, "dw")
    return graph


W = np.float32([[1, 2, 3], [4, 5, 6]])


def test_variables_and_runtime_values_become_constants():
    graph = model()
    frozen = freeze(graph, {"w": W, "unused": W}, ["out:0"])
    assert sorted(node.op for node in frozen) == ["Const", "Const", "MatMul", "Mul", "Placeholder"]
    assert frozen.tensor("w:0").shape == (2, 3)
    x = np.float32([[1, -1]])
    np.testing.assert_array_equal(Session(frozen).run("out:0", {"x:0": x}), x @ W * 2)


def test_the_state_of_a_session_is_frozen():
    graph = model()
    with Session(graph) as session:
        session.run("initial")
        frozen = freeze(graph, session.state, ["out:0"])
        expected = session.run("out:0", {"x:0": np.float32([[2, 1]])})
    np.testing.assert_array_equal(Session(frozen).run("out:0", {"x:0": np.float32([[2, 1]])}), expected)


def test_a_variable_without_a_value():
    with pytest.raises(FailedPreconditionError, match="variable 'w' has no value to freeze"):
        freeze(model(), {"v": W}, ["out:0"])


def test_a_value_of_another_shape():
    with pytest.raises(GraphError, match=r"w: the variable has shape \[2, 3\], its value \[2\]"):
        freeze(model(), {"w": np.zeros(2, np.float32)}, ["out:0"])


@pytest.mark.parametrize("output", ["initial:0", "dw:0"])
def test_what_changes_cannot_be_frozen(output: str):
    with pytest.raises(GraphError, match=r"changes with the variables, which a frozen graph has no more"):
        freeze(model(), {"w": W}, [output])
