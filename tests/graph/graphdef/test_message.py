"""A graph is written as the GraphDef that other tools read."""

from __future__ import annotations

import numpy as np
from tensorboard.compat.proto import graph_pb2
from tensorboard.util import tensor_util

import framework.ops  # noqa: F401  the declarations
from framework.graph import Graph, convert_to_tensor
from framework.graph.graphdef.message import to_graph_def


def example() -> Graph:
    graph = Graph()
    x = graph.add("Placeholder", attrs={"dtype": "float32", "shape": (None, 2)}, name="x").outputs[0]
    w = convert_to_tensor(np.arange(600, dtype=np.float32).reshape(2, 300), graph, name="w")
    y = graph.add("MatMul", [x, w], {"transpose_a": False}, name="y", control_inputs=["x"])
    graph.add("Unpack", [w], {"num": 2, "axis": 0}, name="parts")
    graph.add("Relu", [graph.tensor("parts:1")], name="second")
    graph.add("Squeeze", [y.outputs[0]], {"squeeze_dims": []}, name="squeezed")
    return graph


def test_nodes_are_written_in_order_with_short_inputs():
    nodes = {node.name: node for node in to_graph_def(example()).node}
    assert list(nodes) == ["x", "w", "y", "parts", "second", "squeezed"]
    assert list(nodes["y"].input) == ["x", "w", "^x"]
    assert list(nodes["second"].input) == ["parts:1"]
    assert nodes["y"].attr["transpose_a"].b is False
    assert nodes["x"].attr["shape"].shape.dim[0].size == -1
    assert nodes["x"].attr["dtype"].type == 1
    np.testing.assert_array_equal(
        tensor_util.make_ndarray(nodes["w"].attr["value"].tensor), np.arange(600, dtype=np.float32).reshape(2, 300)
    )


def test_the_bytes_are_stable():
    assert to_graph_def(example()).SerializeToString(deterministic=True) == to_graph_def(example()).SerializeToString(
        deterministic=True
    )


def test_a_picture_has_shapes_on_its_edges_and_no_large_constants():
    picture = to_graph_def(example(), picture=True)
    assert len(picture.SerializeToString()) < 2000
    shapes = {n.name: n.attr["_output_shapes"].list.shape for n in picture.node}
    assert [d.size for d in shapes["y"][0].dim] == [-1, 300]
    assert len(shapes["parts"]) == 2
    assert graph_pb2.GraphDef.FromString(picture.SerializeToString()) == picture
