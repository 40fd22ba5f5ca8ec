"""Runtime values do not change a fingerprint; anything else does."""

from __future__ import annotations

import framework.ops  # noqa: F401  the declarations
from framework.graph import Graph, convert_to_tensor
from framework.graph.fingerprint import fingerprint
from framework.graph.hyper import add_hyper, defaults


def example(rate: float = 0.1, weight: float = 2.0, name: str = "y", op: str = "Mul") -> Graph:
    graph = Graph()
    x = convert_to_tensor(weight, graph, name="x")
    graph.add(op, [x, add_hyper(graph, "rate", rate)], name=name)
    return graph


def test_only_a_runtime_value_may_change():
    first = fingerprint(example())
    assert fingerprint(example(rate=0.7)) == first
    changed = [example(weight=3.0), example(name="z"), example(op="AddV2")]
    assert len({first, *(fingerprint(graph) for graph in changed)}) == 4


def test_it_follows_the_graph_as_it_grows():
    graph = example()
    before = fingerprint(graph)
    convert_to_tensor(1.0, graph)
    assert fingerprint(graph) != before


def test_defaults_are_those_of_the_graph_asked():
    graph = example(rate=0.25)
    found = defaults(graph, graph)
    assert {name: float(value) for name, value in found.items()} == {"Hyper/rate:0": 0.25}
    assert add_hyper(graph, "rate", 0.9).name == "Hyper/rate:0"  # the first one stays
    assert float(defaults(graph, graph)["Hyper/rate:0"]) == 0.25
