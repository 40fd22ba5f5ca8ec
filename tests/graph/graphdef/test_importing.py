"""Import as TensorFlow's import_graph_def does it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import framework.ops  # noqa: F401  the declarations
from framework.errors import GraphError
from framework.graph import Graph, convert_to_tensor
from framework.graph.graphdef.importing import import_graph_def
from framework.graph.graphdef.proto import GraphDef


def example() -> Any:
    """x, w -> product, and a loss that waits for a check."""
    graph = Graph()
    x = graph.add("Placeholder", attrs={"dtype": "float32", "shape": (None, 2)}, name="x").outputs[0]
    w = convert_to_tensor(np.ones((2, 3), np.float32), graph, name="layer/w")
    y = graph.add("MatMul", [x, w], name="layer/y").outputs[0]
    check = graph.add("NoOp", name="check")
    graph.add("Unpack", [y], {"num": 3, "axis": 1}, name="parts", control_inputs=[check])
    graph.add("Relu", [graph.tensor("parts:2")], {"_class": ("loc:@layer/w",)}, name="last")
    return graph.as_graph_def()


def test_names_stand_below_a_new_scope_unless_another_is_named():
    graph = Graph()
    for expected, given in (("import/x", None), ("import_1/x", None), ("a/b/x", "a/b"), ("x", "")):
        import_graph_def(example(), given, graph=graph)
        assert expected in graph.nodes
    assert graph.nodes["a/b/last"].inputs == ("a/b/parts:2",)
    assert graph.nodes["a/b/parts"].control_inputs == ("a/b/check",)
    assert graph.nodes["a/b/last"].attrs["_class"] == ("loc:@a/b/layer/w",)
    assert repr(graph.spec("import/last:0")) == "float32[?]"


def test_it_adds_to_the_default_graph_and_its_device():
    with Graph().as_default() as graph, graph.device("/gpu:0"):
        assert import_graph_def(example().SerializeToString(), "") is None
    assert graph.nodes["x"].device == "/gpu:0"


def test_names_that_are_taken_are_refused():
    graph = Graph()
    import_graph_def(example(), "", graph=graph)
    with pytest.raises(GraphError, match="x: another node has this name"):
        import_graph_def(example(), "", graph=graph)


def test_a_new_name_keeps_clear_of_imported_ones():
    graph = Graph()
    import_graph_def(example(), "", graph=graph)
    assert graph.add("NoOp", name="CHECK").name == "CHECK_1"


def test_inputs_can_be_given():
    graph = Graph()
    mine = graph.add("Placeholder", attrs={"dtype": "float32", "shape": (5, 2)}, name="mine").outputs[0]
    first = graph.add("NoOp", name="first")
    given = {"x": mine, "layer/w:0": np.zeros((2, 3), np.float32), "^check": first}
    import_graph_def(example(), "net", given, graph=graph)
    assert graph.nodes["net/layer/y"].inputs == ("mine:0", "net/Const:0")
    assert graph.nodes["net/parts"].control_inputs == ("first",)
    assert repr(graph.spec("net/last:0")) == "float32[5]"


def test_a_given_input_breaks_a_circle():
    message = example()
    message.node[2].input[0] = "last"  # MatMul of what comes out of it
    graph = Graph()
    x = convert_to_tensor(np.ones((4, 2), np.float32), graph)
    import_graph_def(message, "", {"last": x}, graph=graph)
    assert graph.nodes["layer/y"].inputs[0] == x.name


def test_elements_come_back_in_the_order_asked_for():
    graph = Graph()
    found = import_graph_def(example(), None, return_elements=["parts:1", "last", "x:0"], graph=graph)
    assert found == [graph.tensor("import/parts:1"), graph.operation("import/last"), graph.tensor("import/x:0")]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"input_map": {"layer/z": 1.0}}, "does not hold 'layer/z'; did you mean 'layer/"),
        ({"return_elements": ["y", "lost:0"]}, "does not hold 'y', 'lost:0'; did you mean 'last'"),
        ({"return_elements": ["last:1"]}, r"node 'last' \(Relu\) has 1 output, none is number 1"),
        ({"input_map": {"x": Graph().add("NoOp")}}, "'x' is data, for which the operation 'NoOp' cannot stand"),
        ({"input_map": {"x": convert_to_tensor(1.0, Graph())}}, "belongs to another graph"),
        ({"input_map": {"x": np.zeros((2, 2), np.int32)}}, "must be .*float32"),
    ],
)
def test_what_is_not_there_is_refused(options: dict[str, Any], expected: str):
    graph = Graph()
    with pytest.raises(GraphError, match=expected):
        import_graph_def(example(), "", graph=graph, **options)
    assert not graph.nodes


def test_an_absent_attribute_has_its_default():
    message = GraphDef()
    x = message.node.add(name="x", op="Placeholder")
    x.attr["dtype"].type = 1
    for k, name in enumerate(("input", "filter")):
        constant = message.node.add(name=name, op="Const")
        constant.attr["dtype"].type = 1
        constant.attr["value"].tensor.dtype = 1
        for size in ((1, 4, 4, 2), (3, 3, 2, 5))[k]:
            constant.attr["value"].tensor.tensor_shape.dim.add().size = size
    conv = message.node.add(name="conv", op="Conv2D", input=["input", "filter"])
    conv.attr["T"].type = 1
    conv.attr["padding"].s = b"VALID"
    conv.attr["strides"].list.i.extend([1, 1, 1, 1])
    graph = Graph()
    import_graph_def(message, "", graph=graph)
    node = graph.nodes["conv"]
    assert node.attrs["data_format"] == "NHWC"
    assert node.attrs["dilations"] == (1, 1, 1, 1)
    assert node.outputs[0].shape == (1, 2, 2, 5)
    assert graph.nodes["x"].outputs[0].shape is None


@pytest.mark.parametrize(("producer", "shape"), [(21, None), (22, ()), (0, ())])
def test_an_old_placeholder_of_scalar_shape_has_an_unknown_one(producer: int, shape: Any):
    message = GraphDef()
    message.versions.producer = producer
    node = message.node.add(name="x", op="Placeholder")
    node.attr["dtype"].type = 1
    node.attr["shape"].shape.SetInParent()
    graph = Graph()
    import_graph_def(message, "", graph=graph)
    assert graph.nodes["x"].outputs[0].shape == shape


def test_references_are_read_as_their_values():
    graph = Graph()
    variable = graph.add("VariableV2", attrs={"dtype": "float32", "shape": (3,)}, name="v").outputs[0]
    graph.add("Identity", [variable], name="read")
    message = graph.as_graph_def()
    message.node[1].attr["T"].type = 101
    again = Graph()
    import_graph_def(message, "", graph=again)
    assert repr(again.spec("read:0")) == "float32[3]"


def test_attributes_of_other_programs_are_kept_where_they_are_plain():
    message = GraphDef()
    node = message.node.add(name="n", op="NoOp")
    node.attr["_text"].s = b"\xff\xfe"
    node.attr["_number"].i = -5
    node.attr["_names"].list.s.extend([b"a", b"b"])
    node.attr["_empty"].list.SetInParent()
    node.attr["_shapes"].list.shape.add().dim.add().size = 3
    graph = Graph()
    import_graph_def(message, "", graph=graph)
    assert graph.nodes["n"].attrs == {"_text": b"\xff\xfe", "_number": -5, "_names": ("a", "b"), "_empty": ()}
    del node.attr["_shapes"]
    assert graph.as_graph_def().node[0] == node


def test_a_message_of_another_kind_is_refused():
    with pytest.raises(GraphError, match="a GraphDef message or its bytes is wanted, found dict"):
        import_graph_def({}, "")
