"""A pass that writes composite ops out, for those who know only TensorFlow's."""

from __future__ import annotations

from collections.abc import Mapping

from framework.graph.composite import body_of
from framework.graph.graph import Graph
from framework.graph.node import Node
from framework.graph.opdef import lookup
from framework.graph.tensor import Tensor


def expand(graph: Graph) -> tuple[Graph, dict[str, str]]:
    """The graph with its composite nodes written out, each below its name as scope, in ops that TensorFlow has.

    Returns it with the tensors that are called otherwise there: output of a composite node -> its new name.
    """
    expanded = Graph()
    copy = _Copy(expanded)
    copy.add(graph)
    expanded.seed_node = graph.seed_node
    expanded.collections = {key: list(names) for key, names in graph.collections.items()}
    expanded.library = dict(graph.library)
    return expanded, {name: tensor.name for name, tensor in copy.tensors.items() if name != tensor.name}


class _Copy:
    """The nodes of one graph, or body, copied into another.

    tensors: name there -> the tensor here. runs: node there -> the nodes here that must have run where it has.
    """

    def __init__(self, target: Graph, tensors: Mapping[str, Tensor] | None = None):
        self.target = target
        self.tensors = dict(tensors or {})
        self.runs: dict[str, tuple[str, ...]] = {}

    def add(self, source: Graph) -> None:
        """Copies every node but the placeholders that stand for tensors known already."""
        for node in source:
            if f"{node.name}:0" not in self.tensors:
                self._add_node(node)

    def _add_node(self, node: Node) -> None:
        definition, inputs = lookup(node.op), [self.tensors[name] for name in node.inputs]
        controls = [name for control in node.control_inputs for name in self.runs[control]]
        if definition.body is None:
            operation = self.target.add(node.op, inputs, node.attrs, node.name, controls, node.device or None)
            outputs = operation.outputs
            self.runs[node.name] = (operation.name,)
        else:
            body = body_of(definition, node.attrs, [tensor.spec for tensor in inputs])
            inner = _Copy(self.target, dict(zip(body.inputs, inputs, strict=True)))
            with (
                self.target.name_scope(node.name),
                self.target.control_dependencies(controls),
                self.target.device(node.device),
            ):
                inner.add(body.graph)
            outputs = [inner.tensors[name] for name in body.outputs]
            self.runs[node.name] = tuple(dict.fromkeys(tensor.op.name for tensor in outputs))
        self.tensors.update({f"{node.name}:{k}": tensor for k, tensor in enumerate(outputs)})
