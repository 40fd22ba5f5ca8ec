"""Passes that make a graph smaller, to be chosen by name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from framework.errors import GraphError
from framework.graph.fingerprint import encode
from framework.graph.graph import Graph
from framework.graph.node import Node, node_of
from framework.graph.opdef import lookup
from framework.graph.passes.batch_norm import fold_batch_norm
from framework.graph.passes.constants import fold_constants
from framework.graph.passes.copying import Copy, completed, emptied, names_of
from framework.graph.passes.dropout import remove_dropout
from framework.graph.passes.reach import prune
from framework.graph.tensor import Tensor
from framework.registry import did_you_mean

Pass = Callable[[Graph, Collection[str]], Graph]


def keep_needed(graph: Graph, outputs: Collection[str]) -> Graph:
    """The nodes that the tensors `outputs` follow from, and no others."""
    copy = Copy(emptied(graph))
    for node in prune(graph, outputs):
        copy.add(node)
    return completed(copy.target, graph)


def merge_equal(graph: Graph, outputs: Collection[str]) -> Graph:
    """One node where several compute the same: same op, inputs, attributes, device and order.

    What holds state, draws at random, is fed or writes stays as it is.
    """
    copy, kept, seen = Copy(emptied(graph)), names_of(outputs), dict[tuple[object, ...], tuple[Tensor, ...]]()
    for node in graph:
        key = _meaning(copy, node)
        if key in seen and node.name not in kept:
            copy.replace(node, seen[key])
        else:
            operation = copy.add(node)
            if key is not None:
                seen.setdefault(key, operation.outputs)
    return completed(copy.target, graph)


_FED = ("Placeholder", "PlaceholderWithDefault")


def _meaning(copy: Copy, node: Node) -> tuple[object, ...] | None:
    """Equal for nodes that compute the same; None for one that stands for itself alone."""
    definition = lookup(node.op)
    writes = any(argument.is_ref for argument in definition.inputs)
    if definition.is_stateful or writes or node.op in _FED or not node.outputs:
        return None
    inputs = tuple(tensor.name for tensor in copy.inputs(node))
    return node.op, inputs, tuple(copy.controls(node)), encode(node.attrs), node.device


# They pass on what they are given, to whoever runs the graph without differentiating it.
_PASSING = ("Identity", "Snapshot", "StopGradient", "PreventGradient")


def remove_identities(graph: Graph, outputs: Collection[str]) -> Graph:
    """Lets the readers of an identity read what it reads.

    Identities that read a variable, wait for other nodes, or are asked for stay; those that stop gradients stay in a
    graph that computes some.
    """
    copy, kept = Copy(emptied(graph)), names_of(outputs)
    passing = _PASSING[:2] if any(node.op == "Gradients" for node in graph) else _PASSING
    for node in graph:
        is_free = not node.control_inputs and node.name not in kept
        if node.op in passing and is_free and not _is_variable(graph, node.inputs[0]):
            copy.replace(node, copy.inputs(node))
        else:
            copy.add(node)
    return completed(copy.target, graph)


def _is_variable(graph: Graph, tensor: str) -> bool:
    """Whether a tensor is a variable, or what was assigned to it: when it is read makes a difference."""
    return any(argument.is_ref for argument in lookup(graph.nodes[node_of(tensor)].op).outputs)


# In the order in which they are best run. Only the last two change how a number is rounded, or what is drawn.
PASSES: dict[str, Pass] = {
    "keep_needed": keep_needed,
    "remove_identities": remove_identities,
    "fold_constants": fold_constants,
    "merge_equal": merge_equal,
    "remove_dropout": remove_dropout,
    "fold_batch_norm": fold_batch_norm,
}
ALL = tuple(PASSES)


def simplify(graph: Graph, outputs: Iterable[str], passes: Sequence[str] = ALL) -> Graph:
    """The graph, smaller, with the same values of the tensors `outputs` under the same names.

    outputs: tensor names; what they do not follow from is left out by `keep_needed`, and other tensors may be gone.
    passes: names in PASSES, in the order in which they are run: by default all. `remove_dropout` and `fold_batch_norm`
    are for graphs that will only infer.
    Raises GraphError for a pass that does not exist, and NotFoundError for an output that does not.
    """
    wanted = [graph.tensor(name).name for name in outputs]
    for name in passes:
        if name not in PASSES:
            raise GraphError(
                f"there is no pass '{name}'{did_you_mean(name, PASSES)}", hint=f"known: {', '.join(PASSES)}"
            )
    for name in passes:
        graph = PASSES[name](graph, wanted)
    # What a pass has left unused.
    return keep_needed(graph, wanted) if passes else graph
