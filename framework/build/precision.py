"""The type that numbers are computed in: float32 everywhere, or bfloat16 within the layers.

Parameters, their gradients and slots, losses and metrics are float32 all the same: a layer reads a bfloat16 copy of
each parameter, and its outputs are cast back where anything but a layer reads them. Source: Micikevicius et al., ICLR
2018, with bfloat16, whose range is that of float32, so that no loss needs to be scaled.
"""

from __future__ import annotations

from framework import ops
from framework.graph import Graph, Tensor
from framework.graph.node import split

_FLOATS = ("float32", "bfloat16")


def converted(graph: Graph, tensor: Tensor, dtype: str) -> Tensor:
    """The tensor in float32 or bfloat16, by one cast for all who read it; what holds other numbers stays as it is."""
    if tensor.dtype.name == dtype or tensor.dtype.name not in _FLOATS:
        return tensor
    node, output = split(tensor.name)
    name = f"{node}_{output}_{dtype}" if output else f"{node}_{dtype}"
    if name in graph.nodes:
        return graph.tensor(name)
    with graph.as_default(), graph.name_scope(None):
        return ops.cast(tensor, dtype, name=name)
