"""Which kernel computes each node of a graph, as far as the shapes that the graph declares tell.

The lowering asks the same table with the shapes that a run has; where the graph knows them all, the answers are equal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from framework.errors import GraphError
from framework.graph import Graph, Node
from framework.graph.composite import body_of
from framework.graph.opdef import Call, lookup
from framework.kernels.registry import Registered, find_kernel, has_choice
from framework.runtime.stages import nested

Kept = Mapping[str, Collection[str]]


class Choice(NamedTuple):
    """A node's op, and the kernel that computes it on a platform."""

    op: str
    kernel: Registered


def choices(graph: Graph, platform: str, kept: Kept | None = None) -> Iterator[Choice]:
    """The kernels of all nodes of a graph, of the functions that they call and of the bodies of composite ops.

    kept: op -> names of the kernels to choose among, where one of them is there.
    """
    for node in graph:
        for within, inner in nested(graph, node):
            yield from _of(within, inner, platform, kept)


def _of(graph: Graph, node: Node, platform: str, kept: Kept | None) -> Iterator[Choice]:
    definition = lookup(node.op)
    specs = [graph.spec(tensor) for tensor in node.inputs]
    call = None
    if has_choice(node.op, platform):
        shapes, dtypes = [spec.shape for spec in specs], [spec.dtype for spec in specs]
        constants = [graph.constant_value(tensor) for tensor in node.inputs]
        call = Call(definition, node.name, node.attrs, shapes, dtypes, constants)
    kernel = find_kernel(node.op, platform, call, kept)
    if kernel is not None:
        yield Choice(node.op, kernel)
    elif definition.body is not None:
        try:
            body = body_of(definition, node.attrs, specs).graph
        except GraphError:  # shapes that only a run knows
            return
        yield from choices(body, platform, kept)


def count(found: Collection[Choice], platform: str) -> dict[str, dict[str, int]]:
    """Op -> name of a kernel -> how many nodes it computes; of the ops alone that have more than one kernel."""
    chosen = Counter((op, kernel.name) for op, kernel in found if has_choice(op, platform))
    counted: dict[str, dict[str, int]] = {}
    for (op, name), number in sorted(chosen.items()):
        counted.setdefault(op, {})[name] = number
    return counted
