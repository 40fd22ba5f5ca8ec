"""Max pooling, ahead of what only rises with the elements it chooses among: a bias and a rectifier.

max(relu(x + b)) is relu(max(x) + b), exactly, since rounding keeps the order too; behind the pooling there are fewer
elements to compute it of, and so has its gradient.
"""

from __future__ import annotations

from collections.abc import Sequence

from framework.graph import Node
from framework.graph.node import node_of
from framework.runtime.evaluation import Array, Run
from framework.runtime.lower import Lowering, form

_RISING = ("BiasAdd", "Relu", "Relu6")


@form("MaxPool3D")
@form("MaxPool")
def _max_pool(lowering: Lowering, node: Node, run: Run) -> Sequence[Array]:
    rising, tensor = list[Node](), node.inputs[0]
    while True:
        source = lowering.graph.nodes[node_of(tensor)]
        if source.op not in _RISING or not lowering.is_read_once(tensor) or source.inputs[0] not in run.values:
            break
        rising.append(source)
        tensor = source.inputs[0]
    values = lowering.compute(node, [lowering.read(node, tensor, run)], run)
    for source in reversed(rising):
        others = [lowering.read(source, name, run) for name in source.inputs[1:]]
        values = lowering.compute(source, [values[0], *others], run)
    return values
