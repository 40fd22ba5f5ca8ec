"""Collections: what a graph remembers under a key, such as its variables and summaries."""

from __future__ import annotations

from typing import Any

from framework.graph import Graph, Operation, Tensor, get_default_graph


class GraphKeys:
    """The keys of the collections that the framework fills."""

    GLOBAL_VARIABLES = "variables"
    TRAINABLE_VARIABLES = "trainable_variables"
    SUMMARIES = "summaries"
    LOSSES = "losses"
    GLOBAL_STEP = "global_step"


def add_to_collection(key: str, value: Tensor | Operation, graph: Graph | None = None) -> None:
    """Appends a tensor or operation to a collection of its graph."""
    (graph or value.graph).collect(key, value.name)


def get_collection(key: str, scope: str | None = None, graph: Graph | None = None) -> list[Any]:
    """The tensors, variables and operations of a collection, in the order in which they were added.

    scope: only those whose names begin with it. graph: by default the default graph.
    """
    from framework.tf.variables import VARIABLE, Variable  # which is made of collections

    graph = graph or get_default_graph()
    found: list[Any] = []
    for name in graph.collections.get(key, ()):
        if scope is not None and not name.startswith(scope):
            continue
        item = graph.tensor(name) if ":" in name else graph.operation(name)
        if isinstance(item, Tensor) and item.op.type == VARIABLE:
            item = Variable.of(item)
        found.append(item)
    return found
