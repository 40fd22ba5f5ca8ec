"""The nodes of a message on their way into a graph: put in order, named, read and checked one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from framework.errors import FrameworkError, GraphError
from framework.graph.graph import Graph
from framework.graph.graphdef import limits
from framework.graph.graphdef.reading import read_attrs
from framework.graph.graphdef.sorting import CycleError, in_order
from framework.graph.node import Node
from framework.graph.opdef import ArgDef, OpDef, lookup
from framework.registry import did_you_mean

CONTROL = -1  # the output of a node that a control input names
_SCALAR_IS_UNKNOWN = 21  # up to this producer, a placeholder of unknown shape was written as a scalar
# What shape functions and folds meet in contents that no program wrote.
NONSENSE = (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError)


class Reference(NamedTuple):
    """A tensor as a message names it: an output by its number, or by its argument's name and the place in that."""

    node: str
    output: int | str = 0
    place: int = 0


def parse(text: str) -> Reference:
    """What `node`, `node:k` or `^node` names. Raises GraphError for anything else."""
    if text.startswith("^"):
        return Reference(text[1:], CONTROL)
    name, colon, index = text.rpartition(":")
    if not colon:
        return Reference(text)
    return Reference(name, _number(index, text))


def parse_inside(text: str) -> Reference:
    """What an input inside a function names: an argument, `node:output:k`, or `^node`. Raises GraphError."""
    if text.startswith("^"):
        return Reference(text[1:], CONTROL)
    name, *rest = text.split(":")
    if not rest:
        return Reference(name)
    if len(rest) == 1:
        return Reference(name, int(rest[0]) if rest[0].isdecimal() and len(rest[0]) < 9 else rest[0])
    if len(rest) > 2:
        raise GraphError(f"{clip(text)!r} names no tensor; inside a function that is 'node:output:index'")
    return Reference(name, rest[0], _number(rest[1], text))


def _number(digits: str, text: str) -> int:
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 10):
        raise GraphError(f"{clip(text)!r} names no tensor; that is 'node', 'node:1', or '^node' to run after it")
    return int(digits)


def clip(text: str, length: int = 120) -> str:
    """A text that a message can hold."""
    return text if len(text) <= length else f"{text[:length]}... ({len(text):,} characters)"


class NodeReader:
    """Adds nodes of a message to a graph.

    prefix: what their names begin with there. names: name in the message -> name in the graph, of the nodes that are
    there already. given: the tensors of the graph, and nodes to run after, that stand for those of the message.
    producer: the version of the program that wrote the message.
    """

    def __init__(
        self,
        graph: Graph,
        allowance: limits.Allowance,
        producer: int,
        *,
        parse: Callable[[str], Reference] = parse,
        prefix: str = "",
        names: Mapping[str, str] | None = None,
        given: Mapping[Reference, str] | None = None,
    ):
        self.graph, self.prefix, self._allowance, self._producer = graph, prefix, allowance, producer
        self.names = dict(names or {})
        self._parse = parse
        self._given = given or {}

    def add_all(self, nodes: Sequence[Any]) -> None:
        """Adds the nodes, in an order in which each stands behind what it reads, else in theirs. Raises GraphError."""
        position, inputs = self.read(nodes)
        needs = [[position[r.node] for r in read if r.node in position and r not in self._given] for read in inputs]
        try:
            order = in_order(needs)
        except CycleError as error:
            circle = [nodes[k].name for k in error.positions]
            raise GraphError(f"nodes need each other in a circle: {shown_circle(circle)}", node=circle[0]) from None
        self.names.update({name: self.prefix + name for name in position})
        for k in order:
            self._add(nodes[k], inputs[k])

    def read(self, nodes: Sequence[Any]) -> tuple[dict[str, int], list[list[Reference]]]:
        """The places of the nodes by name, and what each reads. Raises GraphError for names that cannot be."""
        position: dict[str, int] = {}
        for k, node in enumerate(nodes):
            _check_name(node.name)
            if node.name in position or node.name in self.names:
                raise GraphError("two nodes have this name", node=node.name)
            position[node.name] = k
        return position, [self._inputs(node, position) for node in nodes]

    def tensor(self, reference: Reference) -> str:
        """The tensor of the graph that a reference names. Raises GraphError where its node has no such output."""
        if reference in self._given:
            return self._given[reference]
        node = self.graph.nodes[self.names[reference.node]]
        output = reference.output
        if isinstance(output, str):
            output = _flat(node, output, reference.place)
        if output >= len(node.outputs):
            count = f"{len(node.outputs)} output{'s' * (len(node.outputs) != 1)}"
            raise GraphError(f"node '{reference.node}' ({node.op}) has {count}, none is number {output}")
        return f"{node.name}:{output}"

    def _inputs(self, node: Any, position: Mapping[str, int]) -> list[Reference]:
        """What a node reads. Raises GraphError for what is no name of a tensor, and for absent nodes."""
        try:
            read = [self._parse(text) for text in node.input]
        except GraphError as error:
            raise GraphError(error.message, node=node.name) from None
        is_control = [reference.output == CONTROL for reference in read]
        if is_control != sorted(is_control):
            raise GraphError("a control input stands before an input that is data", node=node.name)
        for reference in read:
            if reference.node not in position and reference.node not in self.names and reference not in self._given:
                near = _near(reference.node, position)
                raise GraphError(f"it reads '{clip(reference.node)}', which is no node{near}", node=node.name)
        return read

    def _add(self, node: Any, read: Sequence[Reference]) -> None:
        name = self.names[node.name]
        definition = lookup(node.op, name)
        try:
            attrs = self._attrs(node, definition)
            inputs = [self.tensor(r) for r in read if r.output != CONTROL]
            controls = [self._given.get(r) or self.names[r.node] for r in read if r.output == CONTROL]
            self._count(definition, attrs, len(inputs))
            self.graph.insert(name, node.op, inputs, attrs, controls, node.device or None)
        except FrameworkError as error:
            if isinstance(error, GraphError) and error.node is None:
                raise GraphError(error.message, node=name, hint=error.hint) from None
            raise
        except NONSENSE as error:
            message = f"{node.op}: its inputs and attributes cannot be: {clip(str(error)) or type(error).__name__}"
            raise GraphError(message, node=name) from error

    def _attrs(self, node: Any, definition: OpDef) -> dict[str, Any]:
        attrs = read_attrs(node, definition, self._allowance)
        if node.op == "Placeholder" and attrs.get("shape") == () and 0 < self._producer <= _SCALAR_IS_UNKNOWN:
            attrs["shape"] = None
        if self.prefix and isinstance(attrs.get("_class"), tuple):
            attrs["_class"] = tuple(self._beside(place) for place in attrs["_class"])
        return attrs

    def _beside(self, place: Any) -> Any:
        """The name of the node that a node shall stand beside, as it is here."""
        name = place.removeprefix("loc:@") if isinstance(place, str) else place
        return f"loc:@{self.names[name]}" if name != place and name in self.names else place

    def _count(self, definition: OpDef, attrs: Mapping[str, Any], inputs: int) -> None:
        """Refuses a number of outputs that only an attribute asks for, before any memory is taken for them."""
        asked = max((attrs.get(arg.number_attr, 0) for arg in definition.outputs if arg.number_attr), default=0)
        if asked > inputs:
            self._allowance.take("outputs", asked)


def output_places(op: OpDef, attrs: Mapping[str, Any]) -> list[tuple[str, int]]:
    """The name of the argument, and the place in it, of each output of a node with complete attributes."""

    def count(arg: ArgDef) -> int:
        return (
            len(attrs[arg.type_list_attr]) if arg.type_list_attr else attrs[arg.number_attr] if arg.number_attr else 1
        )

    return [(arg.name, place) for arg in op.outputs for place in range(count(arg))]


def _flat(node: Node, argument: str, place: int) -> int:
    places = output_places(lookup(node.op), node.attrs)
    if (argument, place) in places:
        return places.index((argument, place))
    known = ", ".join(dict.fromkeys(name for name, _ in places)) or "none"
    raise GraphError(f"node '{node.name}' ({node.op}) has no output '{clip(argument)}:{place}'  outputs: {known}")


def shown_circle(names: Sequence[str]) -> str:
    """The names of a circle, each of which needs the next."""
    few = list(names) if len(names) <= 12 else [*names[:6], "...", *names[-5:]]
    return " -> ".join([*(clip(name) for name in few), clip(names[0])])


def _check_name(name: str) -> None:
    if len(name) > limits.NAME:
        raise GraphError(f"the name of a node has {len(name):,} characters, at most {limits.NAME:,}", clip(name))
    if ".." in name and ".." in name.split("/"):
        raise GraphError(f"{name!r} is no name for a node: '..' is none for a scope")


_COMPARED = 500  # names that a wrong one is compared with, which takes some microseconds each


def _near(name: str, known: Iterable[str]) -> str:
    """The nearest of perhaps very many names: among those that begin or end like the wrong one."""
    name = name[:200]
    start, end = name[: (len(name) + 2) // 3], name.rpartition("/")[2]
    alike = [k for k in known if len(k) <= 200 and (k.startswith(start) or k.endswith(end))]
    return did_you_mean(name, alike[:_COMPARED])
