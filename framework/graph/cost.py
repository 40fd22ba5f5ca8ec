"""What a graph costs, from its shapes alone: floating-point operations and bytes a node."""

from __future__ import annotations

from dataclasses import dataclass

from framework.graph.graph import Graph
from framework.graph.node import Node
from framework.graph.opdef import Call, lookup
from framework.graph.shapes import size


@dataclass(frozen=True)
class Cost:
    """flops: floating-point operations; bytes: written by the node. None where a shape is unknown."""

    flops: int | None
    bytes: int | None


def cost(graph: Graph, node: Node) -> Cost:
    """The cost of running `node` once."""
    definition = lookup(node.op)
    specs = [graph.spec(tensor) for tensor in node.inputs]
    shapes = [spec.shape for spec in node.outputs]
    written = [size(spec.shape) for spec in node.outputs]
    flops: int | None
    if definition.flops is None:
        flops = sum(n or 0 for n in written) if None not in written else None
    else:
        constants = [graph.constant_value(tensor) for tensor in node.inputs]
        given = [s.shape for s in specs], [s.dtype for s in specs], constants
        call = Call(definition, node.name, node.attrs, *given, library=graph.library)
        flops = definition.flops(call, shapes)
    total = None
    if None not in written:
        total = sum((n or 0) * spec.dtype.size for n, spec in zip(written, node.outputs, strict=True))
    return Cost(flops, total)
