"""Max pooling, ahead of what only rises with the elements it chooses among: a bias and a rectifier.

max(relu(x + b)) is relu(max(x) + b), exactly, since rounding keeps the order too; but behind the pooling it is computed
of fewer elements, and so is its gradient, the same up to rounding: fewer terms are summed for b, and of elements
whose sums with b are rounded to one number the largest takes it, no longer the first. Integers may wrap, and stay as
they are.
"""

from __future__ import annotations

from collections.abc import Sequence

from framework.graph import Node
from framework.graph.node import node_of
from framework.runtime.evaluation import Array, Run
from framework.runtime.lower import FORMS, Lowering

POOLINGS = ("MaxPool", "MaxPool3D")
_RISING = ("BiasAdd", "Relu", "Relu6")


def _max_pool(lowering: Lowering, node: Node, run: Run) -> Sequence[Array]:
    rising, tensor = list[Node](), node.inputs[0]
    while True:
        source = lowering.graph.nodes[node_of(tensor)]
        is_rising = source.op in _RISING and source.outputs[0].dtype.is_floating
        if not (is_rising and lowering.is_read_once(tensor) and source.inputs[0] in run.values):
            break
        rising.append(source)
        tensor = source.inputs[0]
    values = lowering.compute(node, [lowering.read(node, tensor, run)], run)
    for source in reversed(rising):
        others = [lowering.read(source, name, run) for name in source.inputs[1:]]
        values = lowering.compute(source, [values[0], *others], run)
    return values


FORMS.update(dict.fromkeys(POOLINGS, _max_pool))
