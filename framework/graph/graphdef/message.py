"""A graph as a GraphDef message: the format of TensorBoard, of frozen models, and of the run folder's `graph.pb`."""

from __future__ import annotations

from typing import Any

from framework.graph.body import Body
from framework.graph.graph import Graph
from framework.graph.graphdef.functions import fill_function
from framework.graph.graphdef.proto import GraphDef
from framework.graph.graphdef.tensor_proto import to_tensor_proto
from framework.graph.graphdef.writing import fill_node
from framework.graph.node import split

__all__ = ["PRODUCER", "to_graph_def", "to_tensor_proto"]

PRODUCER = 1087  # the GraphDef version whose rules we write by


def to_graph_def(graph: Graph, *, picture: bool = False) -> Any:
    """The graph as a GraphDef message, nodes in the order they were added, functions by name.

    picture: for TensorBoard, which labels edges by `_output_shapes` and needs no contents of large constants.
    """
    message = GraphDef()
    message.versions.producer = PRODUCER
    for node in graph:
        fill_node(message.node.add(), node, _short, picture=picture)
    for name, body in sorted(_library(graph).items()):
        fill_function(message.library.function.add(), name, body, picture=picture)
    return message


def _short(tensor: str) -> str:
    """GraphDef writes output 0 of a node by the node's name alone."""
    name, index = split(tensor)
    return f"{name}:{index}" if index else name


def _library(graph: Graph) -> dict[str, Body]:
    """The functions of a graph, and those that they know themselves."""
    found: dict[str, Body] = {}
    pending = [graph]
    while pending:
        for name, body in pending.pop().library.items():
            if name not in found:
                found[name] = body
                pending.append(body.graph)
    return found
