"""A pass that writes composite ops out, for those who know only TensorFlow's."""

from __future__ import annotations

from framework.graph.composite import body_of
from framework.graph.graph import Graph
from framework.graph.node import Node
from framework.graph.opdef import lookup
from framework.graph.passes.copying import Copy, completed, emptied


def expand(graph: Graph) -> tuple[Graph, dict[str, str]]:
    """The graph with its composite nodes written out, each below its name as scope, in ops that TensorFlow has.

    Returns it with the tensors that are called otherwise there: output of a composite node -> its new name.
    """
    copy = Copy(emptied(graph))
    _add_all(copy, graph, "")
    expanded = completed(copy.target, graph)
    return expanded, {name: tensor.name for name, tensor in copy.tensors.items() if name != tensor.name}


def _add_all(copy: Copy, source: Graph, scope: str) -> None:
    """Copies every node but the placeholders that stand for tensors known already."""
    for node in source:
        if f"{node.name}:0" not in copy.tensors:
            _add(copy, node, scope)


def _add(copy: Copy, node: Node, scope: str) -> None:
    definition = lookup(node.op)
    if definition.body is None:
        copy.add(node)
        return
    inputs, inside = copy.inputs(node), f"{scope}{node.name}/"
    body = body_of(definition, node.attrs, [tensor.spec for tensor in inputs])
    inner = Copy(copy.target, dict(zip(body.inputs, inputs, strict=True)))
    with (
        copy.target.name_scope(inside),
        copy.target.control_dependencies(copy.controls(node)),
        copy.target.device(node.device),
    ):
        _add_all(inner, body.graph, inside)
    copy.replace(node, [inner.tensors[name] for name in body.outputs])
