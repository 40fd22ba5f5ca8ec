"""What of a run one compiled program can hold, and what runs op by op before and behind it.

    leading nodes, op by op -> one compiled program -> trailing nodes, op by op

Sizes that follow from values (Where, Unique), strings and files are for concrete arrays alone. What such nodes need is
compiled where it can be; all that follows from them runs as they do. Only what follows from constants, or turns fed
strings and files into arrays, runs before: the program then takes it like a feed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from framework.graph import Graph, Node
from framework.graph.attrs import Function
from framework.graph.dtypes import resource, string
from framework.graph.node import node_of
from framework.graph.opdef import lookup
from framework.graph.passes import ancestors


@dataclass(frozen=True)
class Stages:
    """The nodes of a run by where they run, each part in a valid order.

    given: tensors that the compiled part takes from the leading one, or as feeds.
    crossing: tensors that the compiled part hands on, to the trailing one or as fetches.
    """

    leading: tuple[Node, ...]
    compiled: tuple[Node, ...]
    trailing: tuple[Node, ...]
    given: tuple[str, ...]
    crossing: tuple[str, ...]

    @property
    def op_by_op(self) -> tuple[str, ...]:
        """Names of the nodes that no compiled program holds."""
        compiled = {node.name for node in self.compiled}
        return tuple(
            node.name for node in (*self.leading, *self.trailing) if node.name not in compiled and not _is_free(node)
        )


class _Origin(IntEnum):
    """What a node follows from, at most."""

    CONSTANTS = 0
    FEEDS = 1
    PROGRAM = 2


def arrange(
    graph: Graph,
    nodes: Sequence[Node],
    fetches: Sequence[str],
    operations: Sequence[str],
    feeds: Collection[str],
    forced: Collection[str] = (),
) -> Stages:
    """The stages of a run of `nodes`, which stand in a valid order.

    forced: names of nodes that were found to need concrete arrays, whatever their declaration says.
    """
    texts = {node_of(tensor) for tensor in fetches if tensor not in feeds and graph.spec(tensor).dtype is string}
    wanted = {*forced, *texts}  # a constant text, which a program may read, it cannot give
    concrete = {node.name for node in nodes if node.name in wanted or _needs_arrays(graph, node, feeds)}
    leading = _leading(nodes, concrete - set(forced), feeds)
    trailing = _trailing(graph, nodes, concrete - leading)
    if not trailing and not leading:
        return Stages((), tuple(nodes), (), tuple(feeds), tuple(dict.fromkeys(fetches)))
    rest = {node.name: node for node in nodes if node.name not in trailing and node.name not in concrete}
    last = [node for node in nodes if node.name in trailing]
    crossing = tuple(_crossing(rest, last, fetches, feeds))
    awaited = (name for node in nodes if node.name in concrete | trailing for name in node.control_inputs)
    roots = [name for name in (*map(node_of, crossing), *operations, *awaited) if name in rest]
    compiled = _behind(rest, roots, feeds)
    before = _behind({node.name: node for node in nodes}, leading, feeds)
    return Stages(
        leading=tuple(node for node in nodes if node.name in before),
        compiled=tuple(node for node in nodes if node.name in compiled),
        trailing=_with_free(graph, nodes, last, [tensor for tensor in fetches if tensor not in feeds]),
        given=tuple(_given(graph, [rest[name] for name in compiled], leading, feeds)),
        crossing=crossing,
    )


def nested(graph: Graph, node: Node) -> Iterator[tuple[Graph, Node]]:
    """A node and all nodes of the functions that it calls, each with the graph that it stands in."""
    pending, seen = [(graph, node)], set()
    while pending:
        graph, node = pending.pop()
        yield graph, node
        for function in _functions(node):
            body = graph.library.get(function.name)
            if body is not None and function.name not in seen:
                seen.add(function.name)
                pending.extend((body.graph, inner) for inner in body.graph)


def _functions(node: Node) -> Iterator[Function]:
    for value in node.attrs.values():
        yield from (item for item in (value if isinstance(value, tuple) else (value,)) if isinstance(item, Function))


def _needs_arrays(graph: Graph, node: Node, feeds: Collection[str]) -> bool:
    """Whether the declaration of a node, or of one in a function that it calls, says that it cannot be traced.

    One that follows from constants is folded while the program is made.
    """
    if any(
        not lookup(inner.op).is_traceable and body.constant_value(f"{inner.name}:0") is None
        for body, inner in nested(graph, node)
    ):
        return True
    if node.op != "Const" and any(value is string for value in node.attrs.values()):
        return True  # lists of texts among them, which hold no array that a program could
    if node.op != "Const" and any(spec.dtype is string for spec in node.outputs):
        return True
    return any(graph.spec(tensor).dtype is string and not _is_constant(graph, tensor, feeds) for tensor in node.inputs)


def _is_constant(graph: Graph, tensor: str, feeds: Collection[str]) -> bool:
    return tensor not in feeds and graph.nodes[node_of(tensor)].op == "Const"


def _leading(nodes: Sequence[Node], concrete: Collection[str], feeds: Collection[str]) -> set[str]:
    """The concrete nodes that can run before the program."""
    origins: dict[str, _Origin] = {}
    for node in nodes:
        behind = [_Origin.FEEDS if tensor in feeds else origins[node_of(tensor)] for tensor in node.inputs]
        behind += [origins[name] for name in node.control_inputs]
        origin = max(behind, default=_Origin.CONSTANTS)
        if node.op in ("Placeholder", "PlaceholderWithDefault"):
            origin = max(origin, _Origin.FEEDS)
        elif node.name in concrete:
            # A size that follows from fed values would be another at each run, and each would compile anew.
            if origin is _Origin.FEEDS and not _is_about_strings(node):
                origin = _Origin.PROGRAM
        elif lookup(node.op).fold is None and node.op != "NoOp":
            origin = _Origin.PROGRAM
        origins[node.name] = origin
    return {name for name in concrete if origins[name] < _Origin.PROGRAM}


def _is_about_strings(node: Node) -> bool:
    definition = lookup(node.op)
    arguments = (*definition.inputs, *definition.outputs)
    types = [argument.dtype or node.attrs.get(argument.type_attr or "") for argument in arguments]
    return string in types


def _trailing(graph: Graph, nodes: Sequence[Node], concrete: Collection[str]) -> set[str]:
    """The concrete nodes and all that follows from them.

    A gradient among these takes all between its xs and its ys along, since that is one function to it.
    """
    found = set(concrete)
    while True:
        for node in nodes:
            if any(parent in found for parent in node.parents):
                found.add(node.name)
        functions = [node for node in nodes if node.op in ("Gradients", "Update") and node.name in found]
        more = {name for node in functions for name in between(graph, nodes, node)} - found
        if not more:
            return found
        found |= more


def between(graph: Graph, nodes: Sequence[Node], function: Node) -> set[str]:
    """Names of the nodes that stand between what a Gradients or Update node varies and what it looks at."""
    first = len(function.attrs["Tys"]) if function.op == "Gradients" else 0
    count = len(function.attrs["Txs"] if function.op == "Gradients" else function.attrs["T"])
    varied = {node_of(tensor) for tensor in function.inputs[first : first + count]}
    before = ancestors(graph, function.parents)
    found = set(varied)  # what is fed does not stand among the nodes
    for node in nodes:
        if node.name in before and any(parent in found for parent in node.parents):
            found.add(node.name)
    return found


def _behind(nodes: Mapping[str, Node], roots: Iterable[str], feeds: Collection[str]) -> set[str]:
    """The roots and all that they need among `nodes`."""
    found: set[str] = set()
    pending = list(roots)
    while pending:
        name = pending.pop()
        if name in nodes and name not in found:
            found.add(name)
            pending.extend(node_of(tensor) for tensor in nodes[name].inputs if tensor not in feeds)
            pending.extend(nodes[name].control_inputs)
    return found


def _is_free(node: Node) -> bool:
    """Whether a node may run in several stages: it has no effect, costs nothing, and some hold no array at all."""
    return node.op in ("Const", "VariableV2") or any(spec.dtype is resource for spec in node.outputs)


def _with_free(graph: Graph, nodes: Sequence[Node], last: Sequence[Node], fetches: Sequence[str]) -> tuple[Node, ...]:
    """The trailing nodes, with those that they read and that run wherever they are read."""
    wanted = {node.name for node in last}
    pending = [*(node_of(tensor) for node in last for tensor in node.inputs), *(node_of(tensor) for tensor in fetches)]
    while pending:
        name = pending.pop()
        if name not in wanted and _is_free(graph.nodes[name]):
            wanted.add(name)
            pending.extend(node_of(tensor) for tensor in graph.nodes[name].inputs)
    return tuple(node for node in nodes if node.name in wanted)


def _given(graph: Graph, compiled: Sequence[Node], leading: Collection[str], feeds: Collection[str]) -> Iterator[str]:
    yield from (tensor for tensor in feeds if graph.spec(tensor).dtype is not string)
    read = dict.fromkeys(tensor for node in compiled for tensor in node.inputs)
    yield from (tensor for tensor in read if node_of(tensor) in leading and tensor not in feeds)


def _crossing(
    compiled: Mapping[str, Node], trailing: Sequence[Node], fetches: Sequence[str], feeds: Collection[str]
) -> Iterator[str]:
    for tensor in dict.fromkeys((*(tensor for node in trailing for tensor in node.inputs), *fetches)):
        node = compiled.get(node_of(tensor))
        if node is not None and not _is_free(node) and tensor not in feeds:
            yield tensor
