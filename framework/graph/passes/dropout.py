"""Dropout taken out of a graph that will only infer."""

from __future__ import annotations

from collections.abc import Collection

from framework.graph.graph import Graph
from framework.graph.node import Node, node_of
from framework.graph.passes.copying import Copy, completed, emptied, names_of
from framework.graph.passes.reach import ancestors

_SELECTS = ("Select", "SelectV2")
_SCALES = ("Mul", "RealDiv", "Div")
# What a mask is made of, between the random numbers and what is dropped.
_MASKS = ("GreaterEqual", "Greater", "Less", "LessEqual", "Cast", "Floor", "Add", "AddV2", "Sub", "Mul", "Identity")


def remove_dropout(graph: Graph, outputs: Collection[str]) -> Graph:
    """What was dropped in part at random, whole, as dropout at a rate of 0 leaves it.

    Recognised are the forms in which TensorFlow's and Keras's releases write it, and our own: a scaled tensor times a
    random mask, or selected by it.
    """
    copy, kept = Copy(emptied(graph)), names_of(outputs)
    for node in graph:
        whole = _whole(graph, node)
        if whole is None:
            copy.add(node)
        elif node.name in kept:
            tensor = copy.tensors[whole]
            identity = copy.target.add("Identity", [tensor], name=node.name, control_inputs=copy.controls(node))
            copy.replace(node, identity.outputs)
        else:
            copy.replace(node, [copy.tensors[whole]])
    return completed(copy.target, graph)


def _whole(graph: Graph, node: Node) -> str | None:
    """The tensor that a node drops a part of, or None where it is no dropout."""
    if node.op in _SELECTS and _is_mask(graph, node.inputs[0]):
        return _unscaled(graph, node.inputs[1]) if _is_zero(graph, node.inputs[2]) else None
    if node.op == "Mul":
        for scaled, mask in (node.inputs, node.inputs[::-1]):
            if _is_mask(graph, mask) and not _is_mask(graph, scaled):
                return _unscaled(graph, scaled)
    return None


def _is_mask(graph: Graph, tensor: str) -> bool:
    """Whether a tensor is random numbers, rounded or compared, and nothing else."""
    node = graph.nodes[node_of(tensor)]
    steps: set[str] = set()
    while node.op in _MASKS:
        steps.add(node.op)
        behind = [graph.nodes[node_of(name)] for name in node.inputs]
        drawn = [parent for parent in behind if _is_drawn(graph, parent)]
        if len(drawn) != 1:
            return False
        node = drawn[0]
    return node.op == "RandomUniform" and bool(steps & {"GreaterEqual", "Greater", "Less", "LessEqual", "Floor"})


def _is_drawn(graph: Graph, node: Node) -> bool:
    if node.op == "RandomUniform":
        return True
    if node.op not in _MASKS:
        return False
    return any(graph.nodes[name].op == "RandomUniform" for name in ancestors(graph, [node.name]))


def _is_zero(graph: Graph, tensor: str) -> bool:
    value = graph.constant_value(tensor)
    return graph.nodes[node_of(tensor)].op == "ZerosLike" or (value is not None and not value.any())


def _unscaled(graph: Graph, tensor: str) -> str | None:
    """What a tensor is a multiple of by a scalar, or None where it is none."""
    node = graph.nodes[node_of(tensor)]
    if node.op not in _SCALES:
        return None
    first, second = node.inputs
    if graph.spec(second).shape == ():
        return first
    return second if node.op == "Mul" and graph.spec(first).shape == () else None
