"""Which nodes of a graph depend on which others."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from framework.graph.graph import Graph
from framework.graph.node import Node, node_of, split


def ancestors(graph: Graph, names: Iterable[str], stop: Collection[str] = ()) -> set[str]:
    """Names of the given nodes and of all that they depend on, by data or control; `stop` is not looked behind."""
    found: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            if name not in stop:
                pending.extend(graph.nodes[name].parents)
    return found


def prune(graph: Graph, fetches: Iterable[str], feeds: Collection[str] = ()) -> list[Node]:
    """The nodes that a run of `fetches` needs when the tensors `feeds` are given, in an order that can be run.

    A node all of whose used outputs are fed does not run, nor does what only it needs.
    """
    needed: set[str] = set()
    pending = [tensor for tensor in fetches if tensor not in feeds]
    while pending:
        name = split(pending.pop())[0]
        if name in needed:
            continue
        needed.add(name)
        node = graph.nodes[name]
        pending.extend(tensor for tensor in node.inputs if tensor not in feeds)
        pending.extend(node.control_inputs)
    return [node for node in graph if node.name in needed]


def consumers(graph: Graph) -> dict[str, list[Node]]:
    """Tensor name -> the nodes that read it."""
    readers: dict[str, list[Node]] = {}
    for node in graph:
        for tensor in node.inputs:
            readers.setdefault(tensor, []).append(node)
    return readers


def depends_on(graph: Graph, tensor: str, sources: Collection[str]) -> bool:
    """Whether a tensor follows, by data alone, from any of the nodes in `sources`."""
    seen: set[str] = set()
    pending = [node_of(tensor)]
    while pending:
        name = pending.pop()
        if name in sources:
            return True
        if name not in seen:
            seen.add(name)
            pending.extend(node_of(t) for t in graph.nodes[name].inputs)
    return False
