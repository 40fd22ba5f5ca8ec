"""Pruning keeps what the fetches need, and nothing behind a feed."""

from __future__ import annotations

import framework.ops  # noqa: F401  the declarations
from framework.graph import Graph, convert_to_tensor
from framework.graph.passes import ancestors, consumers, depends_on, prune


def diamond() -> Graph:
    graph = Graph()
    a = convert_to_tensor(1.0, graph, name="a")
    b = graph.add("Neg", [a], name="b").outputs[0]
    c = graph.add("Abs", [a], name="c").outputs[0]
    graph.add("AddV2", [b, c], name="d")
    graph.add("Exp", [c], name="unused")
    graph.add("NoOp", name="after", control_inputs=["d"])
    return graph


def names(nodes):
    return [node.name for node in nodes]


def test_prune():
    graph = diamond()
    assert names(prune(graph, ["d:0"])) == ["a", "b", "c", "d"]
    assert names(prune(graph, ["d:0"], {"b:0"})) == ["a", "c", "d"]
    assert names(prune(graph, ["d:0"], {"b:0", "c:0"})) == ["d"]
    assert names(prune(graph, ["d:0"], {"d:0"})) == []
    assert names(prune(graph, ["after"])) == ["a", "b", "c", "d", "after"]


def test_relations():
    graph = diamond()
    assert ancestors(graph, ["d"]) == {"a", "b", "c", "d"}
    assert ancestors(graph, ["d"], stop={"c"}) == {"a", "b", "c", "d"}
    assert names(consumers(graph)["c:0"]) == ["d", "unused"]
    assert depends_on(graph, "d:0", {"c"})
    assert not depends_on(graph, "b:0", {"c"})
