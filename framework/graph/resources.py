"""Which variable a tensor stands for: a reference or a handle, followed back to the node that made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from framework.graph.attrs import Function
from framework.graph.body import Body
from framework.graph.dtypes import resource
from framework.graph.node import Node, TensorSpec, split
from framework.graph.opdef import lookup

if TYPE_CHECKING:
    from framework.graph.graph import Graph

VARIABLES = ("VariableV2", "VarHandleOp")
# The outputs of these are the inputs of the same position.
_PASS_ON = ("Identity", "IdentityN", "While", "StatelessWhile")
# The first input is the one that comes out, whichever output it comes out of.
_PASS_FIRST = ("Switch", "Enter", "Exit")
_DEEPEST = 100  # calls within calls


@dataclass(frozen=True)
class Handle:
    """The value that flows along a tensor of type `resource`: which variable it stands for, and what that holds."""

    variable: str
    spec: TensorSpec


def own_handle(node: Node) -> Handle:
    """The variable that a VariableV2 or VarHandleOp node makes; its name in the state is `shared_name`, else `name`."""
    return Handle(node.attrs["shared_name"] or node.name, TensorSpec(node.attrs["dtype"], node.attrs["shape"]))


def handle_of(graph: Graph, tensor: str, arguments: Mapping[str, Handle] | None = None) -> Handle | None:
    """The variable that a tensor stands for, or None where it stands for none, or for one that only a run can know.

    arguments: in the body of a function, placeholders and what they stand for. A handle is followed through
    identities, calls, loops and branches that agree; a reference through the ops that assign to it.
    """
    return _Trail().follow(graph, tensor, arguments or {})


class _Trail:
    """What was followed already: a graph may come from anybody, with functions that call each other without end."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, str, frozenset[tuple[str, Handle]]], Handle | None] = {}
        self._depth = 0

    def follow(self, graph: Graph, tensor: str, arguments: Mapping[str, Handle]) -> Handle | None:
        """As `handle_of`."""
        while tensor not in arguments:
            name, index = split(tensor)
            node = graph.nodes[name]
            if node.op in VARIABLES:
                return own_handle(node)
            before = _before(node, index)
            if before is None:
                return self._follow_bodies(graph, tensor, arguments)
            tensor = before
        return arguments[tensor]

    def _follow_bodies(self, graph: Graph, tensor: str, arguments: Mapping[str, Handle]) -> Handle | None:
        """What the functions that a node may run give it, where they agree."""
        name, index = split(tensor)
        node = graph.nodes[name]
        if node.outputs[index].dtype is not resource or self._depth == _DEEPEST:
            return None
        key = id(graph), tensor, frozenset(arguments.items())
        if key not in self._found:
            self._found[key] = None  # what a circle stands for
            self._depth += 1
            found = {
                self.follow(body.graph, body.outputs[index], self.arguments(graph, node, body, arguments))
                for body in bodies(graph, node)
            }
            self._depth -= 1
            self._found[key] = found.pop() if len(found) == 1 else None
        return self._found[key]

    def arguments(self, graph: Graph, node: Node, body: Body, arguments: Mapping[str, Handle]) -> dict[str, Handle]:
        """As `body_arguments`."""
        given = node.inputs[len(node.inputs) - len(body.inputs) :]
        found = {
            placeholder: self.follow(graph, tensor, arguments)
            for placeholder, tensor in zip(body.inputs, given, strict=True)
            if graph.spec(tensor).dtype is resource
        }
        return {placeholder: handle for placeholder, handle in found.items() if handle is not None}


def _before(node: Node, index: int) -> str | None:
    """The input of a node that comes out of it as output `index`, where that is a reference or a handle."""
    outputs = lookup(node.op).outputs
    if not node.inputs:
        return None
    if index < len(outputs) and outputs[index].is_ref:
        return node.inputs[0]
    if node.outputs[index].dtype is not resource:
        return None
    if node.op in _PASS_ON:
        return node.inputs[index]
    return node.inputs[0] if node.op in _PASS_FIRST else None


def variable_of(graph: Graph, tensor: str) -> str | None:
    """The name, in the state of a session, of the variable that a tensor stands for; see `handle_of`."""
    found = handle_of(graph, tensor)
    return None if found is None else found.variable


def function_names(node: Node) -> tuple[str, ...]:
    """The functions that a node may run."""
    values = (v for value in node.attrs.values() for v in (value if isinstance(value, tuple) else (value,)))
    return tuple(value.name for value in values if isinstance(value, Function))


def bodies(graph: Graph, node: Node) -> list[Body]:
    """The bodies of the functions that a node may run."""
    return [graph.library[name] for name in function_names(node)]


def body_arguments(
    graph: Graph, node: Node, body: Body, arguments: Mapping[str, Handle] | None = None
) -> dict[str, Handle]:
    """The placeholders of a body that stand for variables when `node` runs it.

    The arguments of a function are the last inputs of the node; before them may stand what chooses among functions.
    """
    return _Trail().arguments(graph, node, body, arguments or {})
