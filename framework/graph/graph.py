"""Graph: named nodes in the order they were added, checked as they are added. No array library, no device."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from framework.errors import GraphError, NotFoundError
from framework.graph.attrs import complete
from framework.graph.body import Body
from framework.graph.dtypes import DType
from framework.graph.node import Node, TensorSpec, split
from framework.graph.opdef import Call, OpDef, lookup
from framework.graph.resources import Handle, handle_of
from framework.graph.shapes import size
from framework.graph.tensor import Operation, Tensor
from framework.registry import did_you_mean

_NAME = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\\-/>]*\Z")
FOLD_LIMIT = 4096  # elements: shapes and axes are smaller, weights are larger
_SHAPE_OPS = ("Shape", "ShapeN", "Size", "Rank")  # they read no element
FOLD_TOTAL = 2**24  # elements of a graph: no chain of nodes may fill the memory


class Graph:
    """A static computation graph.

    nodes: name -> Node, in an order in which every node stands behind its inputs.
    collections: lists of names under a key, such as the trainable variables. They are not part of a GraphDef.
    library: name -> function, for control flow and calls.
    seed_node: the node that random ops take their seed from; they run after it. None for no common seed.
    outer: the graph within which this one is written, for the graph of a function; see `FunctionGraph`.
    """

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.collections: dict[str, list[str]] = {}
        self.library: dict[str, Body] = {}
        self.seed_node: str | None = None
        self.outer: Graph | None = None
        self._used: dict[str, int] = {}  # lower-cased names that are taken -> next suffix to try
        self._scope = ""
        self._device = ""
        self._control: tuple[str, ...] = ()
        self._constants: dict[str, np.ndarray | None] = {}
        self._is_finished = False
        self._folded = 0  # elements that were computed for `_constants`

    # -- building -------------------------------------------------------------------------------------------------

    def add(
        self,
        op: str,
        inputs: Sequence[Tensor] = (),
        attrs: Mapping[str, Any] | None = None,
        name: str | None = None,
        control_inputs: Iterable[Operation | Tensor | str] = (),
        device: str | None = None,
    ) -> Operation:
        """Adds a node and returns it.

        name: placed into the current name scope and made unique; by default the name of the op. A name that ends in
        `/`, such as the one that `name_scope` gives, is taken as it stands without the `/`.
        Raises GraphError (naming the node) for an unknown op, inputs or attributes that do not fit its declaration,
        shapes that its shape function refuses, and tensors of another graph.
        """
        written = get_default_graph()
        if written is not self and written.is_within(self):
            return written.add(op, inputs, attrs, name, control_inputs, device)
        return self._add(op, inputs, attrs, name, control_inputs, device)

    def _add(
        self,
        op: str,
        inputs: Sequence[Tensor] = (),
        attrs: Mapping[str, Any] | None = None,
        name: str | None = None,
        control_inputs: Iterable[Operation | Tensor | str] = (),
        device: str | None = None,
    ) -> Operation:
        """Adds a node to this graph, whichever one is being written."""
        full_name = self._of_scope(name) if name and name.endswith("/") else self.unique_name(name or op)
        definition = lookup(op, full_name)
        inputs = [
            tensor if tensor.graph is self else self._captured(tensor, definition.input(index).is_ref, full_name)
            for index, tensor in enumerate(inputs)
        ]
        controls = [*self._control, *self._names_of(control_inputs)]
        if self.seed_node and "seed2" in definition.attrs:
            controls.append(self.seed_node)
        names = [tensor.name for tensor in inputs]
        return Operation(self, self._insert(full_name, definition, names, attrs or {}, controls, device))

    def insert(
        self,
        name: str,
        op: str,
        inputs: Sequence[str],
        attrs: Mapping[str, Any],
        control_inputs: Sequence[str] = (),
        device: str | None = None,
    ) -> Node:
        """Adds a node under exactly this name, as one that was read from a file; scopes and contexts leave it alone.

        inputs: tensors of this graph by name. Raises GraphError as `add` does, and for a name that is taken.
        """
        self._check_name(name)
        if name in self.nodes:
            raise GraphError("another node has this name", node=name)
        definition = lookup(op, name)
        self._used.setdefault(name.lower(), 1)
        return self._insert(name, definition, inputs, attrs, control_inputs, device)

    def _insert(
        self,
        name: str,
        definition: OpDef,
        inputs: Sequence[str],
        attrs: Mapping[str, Any],
        control_inputs: Sequence[str],
        device: str | None,
    ) -> Node:
        if self._is_finished:
            raise RuntimeError(f"the graph was finalized, and '{name}' cannot be added to it")
        specs = [self.spec(tensor) for tensor in inputs]
        complete_attrs = complete(definition, name, attrs, [spec.dtype for spec in specs])
        node = Node(
            name=name,
            op=definition.name,
            inputs=tuple(inputs),
            control_inputs=tuple(dict.fromkeys(control_inputs)),
            attrs=complete_attrs,
            device=self._device if device is None else device,
            outputs=self._infer_outputs(definition, name, complete_attrs, inputs, specs),
        )
        self.nodes[name] = node
        return node

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Nodes and functions added inside are taken back when an error leaves the block."""
        mappings: list[dict[str, Any]] = [self.nodes, self._used, self.library]
        before = [dict(mapping) for mapping in mappings]
        try:
            yield
        except BaseException:
            for mapping, kept in zip(mappings, before, strict=True):
                mapping.clear()
                mapping.update(kept)
            self._constants.clear()
            raise

    def _infer_outputs(
        self, op: OpDef, node: str, attrs: Mapping[str, Any], inputs: Sequence[str], specs: Sequence[TensorSpec]
    ) -> tuple[TensorSpec, ...]:
        call = Call(
            op=op,
            node=node,
            attrs=attrs,
            shapes=[spec.shape for spec in specs],
            dtypes=[spec.dtype for spec in specs],
            constants=_Constants(self, inputs),
            library=self.library,
            handles=_Handles(self, inputs),
        )
        try:
            shapes = op.shape(call)
        except GraphError as error:
            if error.node is None:
                raise GraphError(f"{op.name}: {error.message}", node=node, hint=error.hint) from None
            raise
        dtypes = output_dtypes(op, attrs)
        return tuple(TensorSpec(dtype, shape) for dtype, shape in zip(dtypes, shapes, strict=True))

    def is_within(self, graph: Graph) -> bool:
        """Whether this is the graph of a function that is written within `graph`, or within a function of it."""
        return self.outer is not None and (self.outer is graph or self.outer.is_within(graph))

    def capture(self, tensor: Tensor, is_ref: bool = False) -> Tensor:
        """What stands in this graph for `tensor`. Raises GraphError for a tensor of another graph.

        is_ref: whether it is for an input that is a reference.
        """
        if tensor.graph is not self:
            raise GraphError(f"input '{tensor.name}' belongs to another graph")
        return tensor

    def _captured(self, tensor: Tensor, is_ref: bool, node: str) -> Tensor:
        try:
            return self.capture(tensor, is_ref)
        except GraphError as error:
            raise GraphError(error.message, node=node) from None

    # -- names ----------------------------------------------------------------------------------------------------

    def unique_name(self, name: str) -> str:
        """`name` in the current scope, with `_1`, `_2`, ... when it is taken (regardless of case), and takes it.

        Raises GraphError for characters that GraphDef does not allow in a name.
        """
        full = f"{self._scope}{name}"
        self._check_name(full)
        key = full.lower()
        if key not in self._used:
            self._used[key] = 1
            return full
        while True:
            candidate = f"{full}_{self._used[key]}"
            self._used[key] += 1
            if candidate.lower() not in self._used:
                self._used[candidate.lower()] = 1
                return candidate

    def _of_scope(self, scope: str) -> str:
        """The name of the node that a scope belongs to. Raises GraphError when there is one already."""
        name = scope.rstrip("/")
        self._check_name(name)
        if name in self.nodes:
            raise GraphError("another node has this name", node=name)
        self._used.setdefault(name.lower(), 1)
        return name

    @staticmethod
    def _check_name(name: str) -> None:
        if not _NAME.match(name):
            raise GraphError(f"{name!r} is no name for a node", hint="letters, digits and _ . - / are allowed")

    @contextmanager
    def name_scope(self, name: str | None) -> Iterator[str]:
        """Names given inside begin with `name/`; a name ending in `/` is taken as it stands; None is the top level."""
        before = self._scope
        if not name:
            self._scope = ""
        elif name.endswith("/"):
            self._scope = name
        else:
            self._scope = self.unique_name(name) + "/"
        try:
            yield self._scope
        finally:
            self._scope = before

    @contextmanager
    def device(self, device: str) -> Iterator[None]:
        """Nodes added inside carry this device."""
        before, self._device = self._device, device
        try:
            yield
        finally:
            self._device = before

    @contextmanager
    def control_dependencies(self, operations: Iterable[Operation | Tensor | str] | None) -> Iterator[None]:
        """Nodes added inside run after the given ones; None forgets the dependencies of the blocks outside."""
        before = self._control
        self._control = () if operations is None else (*before, *self._names_of(operations))
        try:
            yield
        finally:
            self._control = before

    def _names_of(self, operations: Iterable[Operation | Tensor | str]) -> list[str]:
        """The nodes of this graph to wait for."""
        return [_node_name(operation) for operation in operations]

    # -- reading --------------------------------------------------------------------------------------------------

    def operation(self, name: str) -> Operation:
        """The node called `name`. Raises NotFoundError with the nearest name."""
        if name not in self.nodes:
            raise NotFoundError(f"the graph has no node '{name}'{did_you_mean(name, self.nodes)}")
        return Operation(self, self.nodes[name])

    def tensor(self, name: str) -> Tensor:
        """The tensor called `node:k`; a bare node name is its output 0. Raises NotFoundError."""
        node_name, index = split(name)
        operation = self.operation(node_name)
        if index >= len(operation.outputs):
            raise NotFoundError(
                f"node '{node_name}' ({operation.type}) has {len(operation.outputs)} outputs, no '{name}'"
            )
        return operation.outputs[index]

    def get_operations(self) -> list[Operation]:
        """All operations, in the order in which they were added."""
        return [Operation(self, node) for node in self]

    def get_operation_by_name(self, name: str) -> Operation:
        """The operation called `name`. Raises NotFoundError with the nearest name."""
        return self.operation(name)

    def get_tensor_by_name(self, name: str) -> Tensor:
        """The tensor called `node:k`. Raises NotFoundError with the nearest name."""
        return self.tensor(name)

    def finalize(self) -> None:
        """Lets nobody add a node any more: that raises RuntimeError."""
        self._is_finished = True

    def __contains__(self, name: str) -> bool:
        return split(name)[0] in self.nodes

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes.values())

    def __len__(self) -> int:
        return len(self.nodes)

    def spec(self, tensor: str) -> TensorSpec:
        """Element type and static shape of the tensor called `node:k`."""
        name, index = split(tensor)
        return self.nodes[name].outputs[index]

    def collect(self, key: str, name: str) -> None:
        """Appends a name to a collection."""
        self.collections.setdefault(key, []).append(name)

    def constant_value(self, tensor: str) -> np.ndarray | None:
        """The value of a tensor where it follows from constants and static shapes alone, else None."""
        pending = [tensor]  # a chain of nodes may be longer than Python's stack
        while pending:
            missing = () if pending[-1] in self._constants else self._needed_constants(pending[-1])
            if missing:
                pending.extend(missing)
            else:
                current = pending.pop()
                if current not in self._constants:
                    self._constants[current] = self._compute_constant(current)
        return self._constants[tensor]

    def _needed_constants(self, tensor: str) -> list[str]:
        """The inputs whose value must be looked up before that of `tensor`."""
        name, index = split(tensor)
        node = self.nodes[name]
        is_folded = lookup(node.op).fold is not None and (size(node.outputs[index].shape) or 0) <= FOLD_LIMIT
        return [parent for parent in node.inputs if parent not in self._constants] if is_folded else []

    def _compute_constant(self, tensor: str) -> np.ndarray | None:
        name, index = split(tensor)
        node = self.nodes[name]
        if node.op == "Const":
            return node.attrs["value"]
        fold = lookup(node.op).fold
        if fold is None or (size(node.outputs[index].shape) or 0) > FOLD_LIMIT or self._folded > FOLD_TOTAL:
            return None
        values: list[Any] = []
        for position, parent in enumerate(node.inputs):
            value = self._constants[parent]
            if value is None and node.op in _SHAPE_OPS:
                shape = self.spec(parent).shape
                known = shape is not None and (node.op == "Rank" or None not in shape)
                known = known or (node.op == "ShapeN" and position != index)  # each output is of one input alone
                value = np.broadcast_to(np.int8(0), [d or 0 for d in shape or ()]) if known else None
            if value is None or (value.size > FOLD_LIMIT and node.op not in _SHAPE_OPS):
                return None
            values.append(value)
        result = fold(node.attrs, *values)
        found = np.asarray(result[index] if isinstance(result, (tuple, list)) else result)
        self._folded += found.size
        return found

    def as_graph_def(self) -> Any:
        """The graph as a GraphDef message; see `graph.graphdef.to_graph_def`."""
        from framework.graph.graphdef.message import to_graph_def  # it reads graphs

        return to_graph_def(self)

    # -- the default graph ----------------------------------------------------------------------------------------

    @contextmanager
    def as_default(self) -> Iterator[Graph]:
        """Wrappers called inside without a tensor of another graph add to this one."""
        stack = _default_stack()
        stack.append(self)
        try:
            yield self
        finally:
            # Blocks may be left in another order than they were entered: generators, interactive sessions.
            del stack[max(index for index, graph in enumerate(stack) if graph is self)]


class _Handles(Sequence[Handle | None]):
    """The variables that a node's inputs stand for, looked up only when a shape function asks."""

    def __init__(self, graph: Graph, inputs: Sequence[str]):
        self._graph, self._inputs = graph, inputs

    def __getitem__(self, index: Any) -> Any:
        chosen: Any = self._inputs[index]
        return handle_of(self._graph, chosen)

    def __len__(self) -> int:
        return len(self._inputs)


class _Constants(Sequence[np.ndarray | None]):
    """The static values of a node's inputs, looked up only when a shape function asks."""

    def __init__(self, graph: Graph, inputs: Sequence[str]):
        self._graph, self._inputs = graph, inputs

    def __getitem__(self, index: Any) -> Any:
        chosen: Any = self._inputs[index]
        if isinstance(index, slice):
            return [self._graph.constant_value(tensor) for tensor in chosen]
        return self._graph.constant_value(chosen)

    def __len__(self) -> int:
        return len(self._inputs)


def output_dtypes(op: OpDef, attrs: Mapping[str, Any]) -> list[DType]:
    """The element types of an op's outputs, in order, for complete attributes."""
    dtypes: list[DType] = []
    for arg in op.outputs:
        if arg.type_list_attr:
            dtypes.extend(attrs[arg.type_list_attr])
        else:
            count = attrs[arg.number_attr] if arg.number_attr else 1
            dtypes.extend([arg.dtype or attrs[arg.type_attr or ""]] * count)
    return dtypes


def _node_name(item: Operation | Tensor | str) -> str:
    if isinstance(item, str):
        return split(item)[0]
    return item.op.name if isinstance(item, Tensor) else item.name


_local = threading.local()


def _default_stack() -> list[Graph]:
    if not hasattr(_local, "stack"):
        _local.stack = [Graph()]
    return _local.stack


def get_default_graph() -> Graph:
    """The graph of the innermost `as_default()`, or the thread's own."""
    return _default_stack()[-1]


def restart_default_graph() -> None:
    """Gives the thread a new default graph. Raises RuntimeError within a block that has made a graph the default."""
    stack = _default_stack()
    if len(stack) > 1:
        raise RuntimeError("the default graph cannot begin anew inside of a `with graph.as_default()` block")
    stack[0] = Graph()
