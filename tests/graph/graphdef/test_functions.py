"""Functions of the library as FunctionDefs."""

from __future__ import annotations

import numpy as np
import pytest

import framework.ops  # noqa: F401  the declarations
from framework.errors import GraphError
from framework.graph import Body, Graph, convert_to_tensor
from framework.graph.attrs import Function
from framework.graph.graphdef.importing import import_graph_def
from framework.graph.graphdef.message import to_graph_def
from framework.graph.graphdef.proto import GraphDef
from framework.runtime.session import Session


def example() -> Graph:
    """A function that splits its argument, and gives the second half, the first, and the argument."""
    body = Graph()
    x = body.add("Placeholder", attrs={"dtype": "float32", "shape": (None, 4)}, name="Input/X").outputs[0]
    axis = convert_to_tensor(np.int32(1), body, name="axis")
    halves = body.add("Split", [axis, x], {"num_split": 2}, name="halves").outputs
    last = body.add("Neg", [halves[1]], name="input_x", control_inputs=["axis"]).outputs[0]
    graph = Graph()
    graph.library["parts"] = Body(body, (x.name,), (last.name, halves[0].name, x.name))
    fed = graph.add("Placeholder", attrs={"dtype": "float32", "shape": (2, 4)}, name="fed").outputs[0]
    attrs = {"f": Function("parts"), "Tin": ["float32"], "Tout": ["float32"] * 3}
    graph.add("PartitionedCall", [fed], attrs, name="call")
    return graph


def test_a_function_is_written_as_tensorflow_reads_it():
    function = to_graph_def(example()).library.function[0]
    assert [(arg.name, arg.type) for arg in function.signature.input_arg] == [("input_x_1", 1)]
    assert [arg.name for arg in function.signature.output_arg] == ["output_0", "output_1", "output_2"]
    nodes = {node.name: list(node.input) for node in function.node_def}
    assert nodes == {"axis": [], "halves": ["axis:output:0", "input_x_1"], "input_x": ["halves:output:1", "^axis"]}
    assert dict(function.ret) == {"output_0": "input_x:y:0", "output_1": "halves:output:0", "output_2": "input_x_1"}
    shape = function.arg_attr[0].attr["_output_shapes"].list.shape[0]
    assert [dim.size for dim in shape.dim] == [-1, 4]


def test_a_function_is_read_again_and_runs():
    message = to_graph_def(example())
    graph = Graph()
    import_graph_def(message, "", graph=graph)
    assert to_graph_def(graph) == message
    assert [repr(spec) for spec in graph.nodes["call"].outputs] == ["float32[?, 2]", "float32[?, 2]", "float32[2, 4]"]
    value = np.arange(8, dtype=np.float32).reshape(2, 4)
    found = Session(graph).run(["call:0", "call:1", "call:2"], {"fed:0": value})
    for one, expected in zip(found, (-value[:, 2:], value[:, :2], value), strict=True):
        np.testing.assert_array_equal(one, expected)


def test_a_function_may_come_twice_but_not_be_another():
    graph = example()
    message = to_graph_def(graph)
    import_graph_def(message, "again", graph=graph)
    assert graph.nodes["again/call"].attrs["f"].name == "parts"
    message.library.function[0].node_def[1].attr["num_split"].i = 4
    with pytest.raises(GraphError, match="the graph has another function called 'parts'"):
        import_graph_def(message, "third", graph=graph)


def test_what_a_function_does_is_run_for_its_effect():
    body = Graph()
    body.add("Assert", [convert_to_tensor(True, body), convert_to_tensor(b"x", body)], {"T": ["string"]}, name="check")
    graph = Graph()
    graph.library["checks"] = Body(body, (), ())
    function = to_graph_def(graph).library.function[0]
    assert function.signature.is_stateful
    assert dict(function.control_ret) == {"check": "check"}


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (lambda f: f.ret.clear(), "parts: in a function: it does not say what its output 'output_0' is"),
        (lambda f: f.ret.update(output_0="lost:y:0"), "its output 'output_0' is 'lost:y:0', which is no tensor"),
        (lambda f: f.ret.update(output_0="halves:outputs:0"), "has no output 'outputs:0'  outputs: output"),
        (lambda f: f.ret.update(output_0="halves:output:2"), "has no output 'output:2'"),
        (lambda f: f.ret.update(output_0="axis:output:0"), "its output 'output_0' must be float32, found int32"),
        (lambda f: f.node_def[2].input.__setitem__(0, "halves:output:1:0"), "parts/input_x: .* names no tensor"),
        (lambda f: f.node_def[2].input.__setitem__(0, "halve:output:1"), "did you mean 'halves'"),
        (lambda f: f.signature.input_arg.add(name="input_x_1", type=1), "two arguments have the same name"),
        (lambda f: f.signature.input_arg.add(name="many", type_list_attr="T"), "'many' has no single type"),
        (lambda f: f.node_def.add(name="axis", op="NoOp"), "parts/axis: .* two nodes have this name"),
    ],
)
def test_a_function_that_cannot_be_is_refused(edit, expected: str):
    message = to_graph_def(example())
    edit(message.library.function[0])
    with pytest.raises(GraphError, match=expected):
        import_graph_def(message, "", graph=Graph())


def test_unknown_ops_are_counted_in_functions_too():
    message = GraphDef()
    message.node.add(name="a", op="Nonesuch")
    message.library.function.add().signature.name = "f"
    message.library.function[0].node_def.add(name="b", op="Nonesuch")
    with pytest.raises(GraphError, match=r"1 op of this graph cannot be run here: Nonesuch \(2 nodes\)"):
        import_graph_def(message, "", graph=Graph())
