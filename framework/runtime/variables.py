"""Which variables a program reads and writes, and in what order a node stands to a write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from framework.graph import Graph, Node, TensorSpec
from framework.graph.node import node_of
from framework.graph.opdef import lookup
from framework.graph.passes import ancestors


class Variables:
    """The variables that some nodes of a graph use.

    read: name -> what it holds, for every variable whose value before the run is needed. written: names of those that
    take a new value. Slots of optimizers are variables that no node stands for; they are added by `runtime.forms`.
    """

    def __init__(self, graph: Graph, nodes: Sequence[Node], fetches: Iterable[str]):
        self.graph = graph
        self.updates = [node for node in nodes if node.op in ("Update", "InitializeUpdate")]
        self.read: dict[str, TensorSpec] = {}
        self.written: dict[str, TensorSpec] = {}
        read = {node_of(tensor) for tensor in fetches}
        for node in nodes:
            written, values = _uses(node)
            read.update(values)
            self.written.update((name, graph.nodes[name].outputs[0]) for name in written)
        for node in nodes:
            if node.op == "VariableV2" and node.name in read:
                self.read[node.name] = node.outputs[0]
        self._behind = cache(self._writes_behind)

    def add_slots(self, node: Node, slots: Mapping[str, TensorSpec]) -> None:
        """Adds the state that `node` keeps beside the graph's variables: an Update reads it, both kinds write it."""
        self.written.update(slots)
        if node.op == "Update":
            self.read.update(slots)

    def is_ordered_behind_write(self, node: Node, variable: str) -> bool:
        """Whether a control dependency makes `node` run after a node that writes `variable`."""
        return bool(node.control_inputs) and variable in self._behind(node.control_inputs)

    def _writes_behind(self, names: tuple[str, ...]) -> frozenset[str]:
        before = ancestors(self.graph, names)
        return frozenset(v for name in before for v in _uses(self.graph.nodes[name])[0])


def _uses(node: Node) -> tuple[list[str], list[str]]:
    """The variables that a node writes, and the nodes whose value it reads (a mere target of a write is not read)."""
    written, read = [], []
    arguments = lookup(node.op).inputs
    if node.op == "Update":
        count = len(node.attrs["T"])
        return [node_of(tensor) for tensor in node.inputs[:count]], [node_of(tensor) for tensor in node.inputs]
    for position, tensor in enumerate(node.inputs):
        is_target = position < len(arguments) and arguments[position].is_ref
        (written if is_target else read).append(node_of(tensor))
    return written, read
