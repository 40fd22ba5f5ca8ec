"""How many floating-point operations a training step makes: forward, gradients, and the optimizer's update."""

from __future__ import annotations

from framework.build import Built
from framework.graph import Node
from framework.graph.cost import cost
from framework.graph.node import node_of
from framework.graph.passes import ancestors

# Kernels whose numbers XLA fuses with what reads them: the gradient draws them again, rather than keep them.
_DRAWN_AGAIN = ("RandomUniform",)
# One operation for the sum of products, the rest for each array that the optimizer keeps: its mean, and its use.
_UPDATE, _UPDATE_OF_A_SLOT = 2, 6


def forward_flops(built: Built) -> dict[str, int | None]:
    """Node -> operations, of all that a training step computes before the gradients; None where a shape is unknown."""
    reported = [node_of(report.mean) for report in built.reports.values()]
    needed = ancestors(built.graph, [*reported, *map(node_of, built.outputs.values())])
    return {node.name: cost(built.graph, node).flops for node in built.graph if node.name in needed}


def training_flops(built: Built, slots: int) -> int | None:
    """The operations of one training step; None where a shape is unknown.

    The gradient of a product or a convolution costs as much as itself for each factor that has a gradient; that of
    any other op as much as itself, once. Masks of dropout are drawn once more. slots: arrays of the size of the
    parameters that training keeps beside them.
    """
    graph, spent = built.graph, forward_flops(built)
    if None in spent.values():
        return None
    of_loss = ancestors(graph, [node_of(built.reports["loss"].mean)])
    trained: set[str] = set(built.trained)
    total = sum(count or 0 for count in spent.values())
    for node in graph:
        if node.name in of_loss and node.op in _DRAWN_AGAIN:
            total += spent[node.name] or 0
        elif node.name in of_loss and node.op != "StopGradient" and node.name in spent:
            factors = sum(node_of(tensor) in trained for tensor in node.inputs)
            if factors and any(spec.dtype.is_floating for spec in node.outputs):
                trained.add(node.name)
                total += (spent[node.name] or 0) * (factors if _is_product(node) else 1)
    parameters = sum(_size(graph.nodes[name]) for name in built.trained)
    return total + parameters * (_UPDATE + _UPDATE_OF_A_SLOT * slots)


def _is_product(node: Node) -> bool:
    return "MatMul" in node.op or "Conv" in node.op or node.op == "Einsum"


def _size(node: Node) -> int:
    total = 1
    for dimension in node.outputs[0].shape or ():
        total *= dimension or 0
    return total
