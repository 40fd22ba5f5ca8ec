"""A graph is checked node by node as it is built."""

from __future__ import annotations

import time

import numpy as np
import pytest

import framework.ops  # noqa: F401  the declarations
from framework.errors import GraphError, NotFoundError
from framework.graph import Graph, Tensor, convert_to_tensor, get_default_graph


def constant(graph: Graph, value: object, name: str = "Const") -> Tensor:
    return convert_to_tensor(value, graph, name=name)


def test_names_are_unique_regardless_of_case_and_scopes_nest():
    graph = Graph()
    assert constant(graph, 1, "a").op.name == "a"
    assert constant(graph, 1, "a").op.name == "a_1"
    assert constant(graph, 1, "A").op.name == "A_2"
    with graph.name_scope("outer"):
        assert constant(graph, 1, "x").op.name == "outer/x"
        with graph.name_scope("inner") as prefix:
            assert prefix == "outer/inner/"
            assert constant(graph, 1, "x").op.name == "outer/inner/x"
        with graph.name_scope(None):
            assert constant(graph, 1, "x").op.name == "x"
    with graph.name_scope("outer"):
        assert constant(graph, 1, "x").op.name == "outer_1/x"
    with graph.name_scope("outer/"):
        assert constant(graph, 1, "y").op.name == "outer/y"


def test_control_dependencies_and_devices_are_recorded_and_scoped():
    graph = Graph()
    first = constant(graph, 1, "first")
    with graph.control_dependencies([first]), graph.device("/cpu:0"):
        inside = constant(graph, 2, "inside")
        with graph.control_dependencies(None):
            free = constant(graph, 3, "free")
    assert [op.name for op in inside.op.control_inputs] == ["first"]
    assert inside.op.node.device == "/cpu:0"
    assert free.op.control_inputs == ()
    assert constant(graph, 4, "after").op.node.device == ""


@pytest.mark.parametrize(
    ("add", "said"),
    [
        (lambda g, x: g.add("MatMull", [x, x], name="n"), ["n", "no op 'MatMull'", "did you mean 'MatMul'"]),
        (lambda g, x: g.add("MatMul", [x, x], {"transpos_a": True}, name="n"), ["n", "transpos_a", "transpose_a"]),
        (lambda g, x: g.add("MatMul", [x, x], {"transpose_a": 1}, name="n"), ["n", "transpose_a", "bool", "1"]),
        (lambda g, x: g.add("MatMul", [x], name="n"), ["n", "2 inputs (a, b)", "found 1"]),
        (lambda g, x: g.add("MatMul", [x, constant(g, [[1, 2]])], name="n"), ["n", "'b'", "float32", "int32"]),
        (lambda g, x: g.add("MatMul", [x, constant(g, [[1.0, 2.0]])], name="n"), ["n", "MatMul"]),
        (lambda g, x: g.add("Relu", [constant(Graph(), 1.0)], name="n"), ["n", "another graph"]),
        (lambda g, x: g.add("Relu", [x], name="a b"), ["a b", "no name"]),
    ],
)
def test_a_node_that_cannot_be_is_refused_with_its_name(add, said):
    graph = Graph()
    x = constant(graph, [[1.0, 2.0], [3.0, 4.0]])
    before = len(graph)
    with pytest.raises(GraphError) as raised:
        add(graph, x)
    for words in said:
        assert words in str(raised.value)
    assert [n.op for n in graph if n.op != "Const"] == []
    assert len(graph) - before <= 1


def test_attributes_that_begin_with_an_underscore_are_kept():
    graph = Graph()
    node = graph.add("Relu", [constant(graph, 1.0)], {"_note": "kept"}).node
    assert node.attrs["_note"] == "kept"


def test_a_tensor_has_no_value():
    x = constant(Graph(), [1.0, 2.0], "x")
    for ask in (bool, len, list, float, int, np.asarray):
        with pytest.raises(TypeError, match=r"'x:0'.*symbolic"):
            ask(x)
    assert x.shape == (2,)
    assert x.dtype.name == "float32"
    assert x in {x}


def test_operators_add_nodes_and_convert_numbers():
    graph = Graph()
    x = constant(graph, [1.0, 2.0], "x")
    assert (2 * x + 1).op.type == "AddV2"
    assert (np.ones(2, np.float32) - x).op.type == "Sub"
    assert (-x / 2.0).dtype.name == "float32"
    integers = constant(graph, [1, 2])
    with pytest.raises(GraphError, match=r"0\.5.*int32"):
        integers * 0.5


def test_constants_follow_from_shapes():
    graph = Graph()
    x = graph.add("Placeholder", attrs={"dtype": "float32", "shape": (None, 4, 6)}, name="x").outputs[0]
    known = graph.add("Placeholder", attrs={"dtype": "float32", "shape": (2, 3)}, name="known").outputs[0]
    assert graph.constant_value(graph.add("Shape", [x]).outputs[0].name) is None
    assert graph.constant_value(graph.add("Rank", [x]).outputs[0].name) == 3
    assert graph.constant_value(graph.add("Shape", [known]).outputs[0].name).tolist() == [2, 3]


def test_unknown_names_are_answered_with_the_nearest():
    graph = Graph()
    constant(graph, 1.0, "weights")
    with pytest.raises(NotFoundError, match="did you mean 'weights'"):
        graph.operation("weigths")
    with pytest.raises(NotFoundError, match="has 1 outputs"):
        graph.tensor("weights:1")


def test_default_graphs_nest():
    outer = Graph()
    with outer.as_default():
        assert get_default_graph() is outer
        with Graph().as_default() as inner:
            assert get_default_graph() is inner
        assert get_default_graph() is outer
    assert get_default_graph() is not outer


@pytest.mark.usefixtures("uncollected")
def test_ten_thousand_nodes_are_built_and_checked_in_a_second():
    graph = Graph()
    x = constant(graph, np.ones((8, 8), np.float32))
    began = time.process_time()
    for _ in range(5000):
        x = graph.add("Relu", [graph.add("MatMul", [x, x]).outputs[0]]).outputs[0]
    assert len(graph) == 10_001
    assert time.process_time() - began < 1.0
