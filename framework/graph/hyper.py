"""Runtime values: `PlaceholderWithDefault` nodes below `Hyper/`, one for each option whose change must not recompile.

They show in TensorBoard, are given at every run, and become constants when a graph is frozen.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from framework.graph.graph import Graph
from framework.graph.node import Node, node_of
from framework.graph.tensor import Tensor, convert_to_tensor

SCOPE = "Hyper/"
SEED = "Hyper/seed:0"


def add_hyper(graph: Graph, path: str, number: float | int) -> Tensor:
    """The scalar tensor `Hyper/<path>`, float32 (int32 for an int), added when it is not there yet."""
    name = SCOPE + path
    if name in graph.nodes:
        return graph.tensor(name)
    with graph.name_scope(None), graph.control_dependencies(None):
        default = convert_to_tensor(number, graph, name=f"{name}/default")
        attrs = {"dtype": default.dtype, "shape": ()}
        return graph.add("PlaceholderWithDefault", [default], attrs, name=name).outputs[0]


def is_hyper(node: Node) -> bool:
    """Whether a node is a runtime value."""
    return node.op == "PlaceholderWithDefault" and node.name.startswith(SCOPE)


def defaults(graph: Graph, nodes: Iterable[Node]) -> dict[str, np.ndarray]:
    """Tensor name -> default of every runtime value among `nodes`."""
    return {f"{n.name}:0": graph.nodes[node_of(n.inputs[0])].attrs["value"] for n in nodes if is_hyper(n)}
