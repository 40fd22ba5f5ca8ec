"""The graph of a function while it is written: what it uses of the graphs around it becomes its arguments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from framework.errors import GraphError
from framework.graph.body import Body
from framework.graph.graph import FOLD_LIMIT, Graph
from framework.graph.node import TensorSpec
from framework.graph.resources import VARIABLES, own_handle
from framework.graph.shapes import size
from framework.graph.tensor import Operation, Tensor


class FunctionGraph(Graph):
    """A graph within another one.

    While it is the default graph, nodes that would be added to a graph around it are added to it. A tensor of a graph
    around it becomes an argument, a small constant is written again, and a variable is named again.

    outer: the graph around it. captured: tensor of `outer` -> the placeholder that stands for it here.
    awaited: operations of `outer` that nodes here are to run after, as the node that runs this function must.
    """

    def __init__(self, outer: Graph):
        super().__init__()
        self.outer: Graph = outer
        self.library = outer.library
        self.captured: dict[Tensor, Tensor] = {}
        self.awaited: list[Operation] = []
        self._stand_ins: dict[Tensor, Tensor] = {}

    def argument(self, spec: TensorSpec, name: str = "argument") -> Tensor:
        """A new placeholder, which stands for an argument."""
        return self._add_free("Placeholder", {"dtype": spec.dtype, "shape": spec.shape}, name)

    def capture(self, tensor: Tensor) -> Tensor:
        """What stands here for a tensor of this graph or of one around it. Raises GraphError for any other."""
        if tensor.graph is self:
            return tensor
        if not self.is_within(tensor.graph):
            raise GraphError(f"input '{tensor.name}' belongs to another graph")
        near = self.outer.capture(tensor)
        if near not in self._stand_ins:
            self._stand_ins[near] = self._stand_in(near)
        return self._stand_ins[near]

    def body(self, arguments: Iterable[Tensor], outputs: Iterable[Tensor]) -> Body:
        """The function of these arguments, which are placeholders here."""
        return Body(self, tuple(tensor.name for tensor in arguments), tuple(tensor.name for tensor in outputs))

    def _names_of(self, operations: Iterable[Operation | Tensor | str]) -> list[str]:
        """Operations of the graphs around this one run before the whole function."""
        own: list[Operation | Tensor | str] = []
        for item in operations:
            operation = item.op if isinstance(item, Tensor) else item
            if isinstance(operation, Operation) and operation.graph is not self:
                self.awaited.append(operation)
            else:
                own.append(item)
        return super()._names_of(own)

    def _stand_in(self, tensor: Tensor) -> Tensor:
        node = tensor.op.node
        name = node.name.rpartition("/")[2]
        if node.op in VARIABLES:
            attrs = {**node.attrs, "shared_name": own_handle(node).variable}
        elif node.op == "Const" and (size(tensor.shape) or 0) <= FOLD_LIMIT:
            attrs = node.attrs
        else:
            self.captured[tensor] = self.argument(tensor.spec, name)
            return self.captured[tensor]
        return self._add_free(node.op, attrs, name)

    def _add_free(self, op: str, attrs: Mapping[str, Any], name: str) -> Tensor:
        """Adds a node without inputs outside of all scopes."""
        with self.name_scope(None), self.control_dependencies(None):
            return self._add(op, attrs=attrs, name=name).outputs[0]
