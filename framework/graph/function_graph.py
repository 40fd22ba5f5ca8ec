"""The graph of a function while it is written: what it uses of the graphs around it becomes its arguments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from framework.errors import GraphError
from framework.graph.body import Body
from framework.graph.graph import FOLD_LIMIT, Graph
from framework.graph.node import TensorSpec
from framework.graph.opdef import lookup
from framework.graph.resources import VARIABLES, own_handle
from framework.graph.shapes import size
from framework.graph.tensor import Operation, Tensor


class FunctionGraph(Graph):
    """A graph within another one.

    While it is the default graph, nodes that would be added to a graph around it are added to it. A tensor of a graph
    around it becomes an argument, so that gradients flow through it; small whole numbers, which shapes and counters
    are made of, are written again; a variable that is changed here is named again.

    outer: the graph around it. written: the variables that are changed here, as far as that is known beforehand.
    captured: tensor of `outer` -> the placeholder that stands for it here.
    awaited: operations of `outer` that nodes here are to run after, as the node that runs this function must.
    is_stale: whether the value of a variable became an argument before it turned out that the variable is changed here;
    the function is then to be written again, with what `written` is now.
    """

    def __init__(self, outer: Graph, written: Iterable[str] = ()):
        super().__init__()
        self.outer: Graph = outer
        self.library = outer.library
        self.written = set(written)
        self.captured: dict[Tensor, Tensor] = {}
        self.awaited: list[Operation] = []
        self.is_stale = False
        self._stand_ins: dict[Tensor, Tensor] = {}
        self._read: set[str] = set()

    def argument(self, spec: TensorSpec, name: str = "argument") -> Tensor:
        """A new placeholder, which stands for an argument."""
        return self._add_free("Placeholder", {"dtype": spec.dtype, "shape": spec.shape}, name)

    def capture(self, tensor: Tensor, is_ref: bool = False) -> Tensor:
        """What stands here for a tensor of this graph or of one around it. Raises GraphError for any other."""
        if tensor.graph is self:
            return tensor
        if not self.is_within(tensor.graph):
            raise GraphError(f"input '{tensor.name}' belongs to another graph")
        if is_ref and tensor.op.type in VARIABLES:
            self._write(own_handle(tensor.op.node).variable)
        near = self.outer.capture(tensor)
        if near not in self._stand_ins:
            self._stand_ins[near] = self._stand_in(near)
        return self._stand_ins[near]

    def _add(self, op: str, *args: Any, **kwargs: Any) -> Operation:
        operation = super()._add(op, *args, **kwargs)
        if "seed2" in lookup(op).attrs:
            root: Graph = self
            while root.outer is not None:
                root = root.outer
            if root.seed_node is not None:
                self.awaited.append(root.operation(root.seed_node))
        return operation

    def _write(self, variable: str) -> None:
        """Notes that a variable is changed here, and so in the functions around this one."""
        self.is_stale = self.is_stale or (variable in self._read and variable not in self.written)
        self.written.add(variable)
        if isinstance(self.outer, FunctionGraph):
            self.outer._write(variable)

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
            variable = own_handle(node).variable
            if node.op == "VarHandleOp" or variable in self.written:
                return self._add_free(node.op, {**node.attrs, "shared_name": variable}, name)
            self._read.add(variable)
        elif node.op == "Const" and tensor.dtype.is_integer and (size(tensor.shape) or 0) <= FOLD_LIMIT:
            return self._add_free(node.op, node.attrs, name)
        self.captured[tensor] = self.argument(tensor.spec, name)
        return self.captured[tensor]

    def _add_free(self, op: str, attrs: Mapping[str, Any], name: str) -> Tensor:
        """Adds a node without inputs outside of all scopes."""
        with self.name_scope(None), self.control_dependencies(None):
            return self._add(op, attrs=attrs, name=name).outputs[0]
