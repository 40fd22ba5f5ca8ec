"""Writing a graph anew, node by node: what every pass is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from framework.graph.graph import Graph
from framework.graph.node import Node, node_of
from framework.graph.tensor import Operation, Tensor


class Copy:
    """The nodes of one graph, or body, on their way into another.

    tensors: name there -> the tensor here. runs: node there -> the nodes here that must have run where it has.
    """

    def __init__(self, target: Graph, tensors: Mapping[str, Tensor] | None = None):
        self.target = target
        self.tensors = dict(tensors or {})
        self.runs: dict[str, tuple[str, ...]] = {}

    def add(self, node: Node, op: str | None = None, attrs: Mapping[str, Any] | None = None) -> Operation:
        """Adds a node as it is, or with another op or other attributes in its place."""
        operation = self.target.add(
            op or node.op,
            self.inputs(node),
            node.attrs if attrs is None else attrs,
            node.name,
            self.controls(node),
            node.device or None,
        )
        self.replace(node, operation.outputs, [operation.name])
        return operation

    def replace(self, node: Node, outputs: Sequence[Tensor], runs: Iterable[str] | None = None) -> None:
        """Lets tensors here stand for the outputs of a node there.

        runs: the nodes here that stand for it where others wait for it; by default those that give the outputs.
        """
        self.tensors.update({f"{node.name}:{k}": tensor for k, tensor in enumerate(outputs)})
        self.runs[node.name] = tuple(dict.fromkeys(runs if runs is not None else (t.op.name for t in outputs)))

    def inputs(self, node: Node) -> list[Tensor]:
        """What a node reads, here."""
        return [self.tensors[name] for name in node.inputs]

    def controls(self, node: Node) -> list[str]:
        """The nodes here that a node runs after without reading them."""
        return [name for control in node.control_inputs for name in self.runs[control]]


def emptied(graph: Graph) -> Graph:
    """A graph without nodes that has the functions of `graph`."""
    empty = Graph()
    empty.library = dict(graph.library)
    return empty


def completed(target: Graph, source: Graph) -> Graph:
    """`target` with the collections and the node of the seed that `source` has, as far as they are still there."""
    target.collections = {
        key: kept for key, names in source.collections.items() if (kept := [n for n in names if n in target])
    }
    target.seed_node = source.seed_node if source.seed_node in target.nodes else None
    return target


def names_of(outputs: Iterable[str]) -> frozenset[str]:
    """The nodes that give these tensors."""
    return frozenset(node_of(name) for name in outputs)
