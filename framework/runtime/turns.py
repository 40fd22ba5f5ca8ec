"""How many turns a loop makes, where that follows from counters before the loop runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from framework.graph import Graph, Node
from framework.graph.node import split
from framework.graph.opdef import lookup
from framework.graph.passes import prune
from framework.ops.control_flow import passed_on
from framework.runtime.evaluation import Array, Run
from framework.runtime.lower import Lowering

# A comparison -> (whether its sides change places, whether it holds for equal sides too), as compared with a < b.
_COMPARISONS = {"Less": (False, 0), "LessEqual": (False, 1), "Greater": (True, 0), "GreaterEqual": (True, 1)}
_SAME = ("Identity", "LoopCond")


class Turns(NamedTuple):
    """The most turns that a loop makes, and whether it makes all of them whatever its values are."""

    most: int
    is_exact: bool


def count_turns(lowering: Lowering, node: Node, arguments: Sequence[Any]) -> Turns | None:
    """The turns of a While node with these inputs, or None where nothing bounds them before it runs.

    Its condition must compare a number that each turn changes by the same amount with one that none does; of several
    such conditions the tightest counts, and others can only end the loop earlier.
    """
    counter = _Counter(lowering, node, arguments)
    found = [counter.turns(tensor) for tensor in counter.conditions()]
    known = [count for count in found if count is not None]
    return Turns(min(known), len(known) == len(found)) if known else None


class _Counter:
    """Looks at the condition and the body of one While node."""

    def __init__(self, lowering: Lowering, node: Node, arguments: Sequence[Any]):
        self._lowering = lowering
        self._names = node.attrs["cond"].name, node.attrs["body"].name
        self._condition, self._body = (lowering.graph.library[name] for name in self._names)
        self._given = arguments
        self._fixed = [
            value if passed_on(self._body, k) == k and isinstance(value, np.ndarray) else None
            for k, value in enumerate(arguments)
        ]

    def conditions(self) -> Iterator[str]:
        """The tensors that must all be true for another turn."""
        pending = list(self._condition.outputs)
        while pending:
            tensor = _source(self._condition.graph, pending.pop())
            node = self._condition.graph.nodes[split(tensor)[0]]
            if node.op == "LogicalAnd":
                pending.extend(node.inputs)
            else:
                yield tensor

    def turns(self, tensor: str) -> int | None:
        """How many turns a condition allows."""
        node = self._condition.graph.nodes[split(tensor)[0]]
        if node.op not in _COMPARISONS:
            return None
        is_swapped, allowance = _COMPARISONS[node.op]
        left, right = reversed(node.inputs) if is_swapped else node.inputs
        for side, other, sign in ((left, right, 1), (right, left, -1)):
            counted, limit = self._line(side), self._value(0, other)
            if counted is not None and limit is not None:
                start, change = (sign * number for number in counted)
                distance = sign * int(limit) + allowance - start
                if distance <= 0:
                    return 0
                return -(-distance // change) if change > 0 else None
        return None

    def _line(self, tensor: str) -> tuple[int, int] | None:
        """Where a counter of the condition starts, and by how much each turn changes it."""
        inputs = list(self._condition.inputs)
        tensor = _source(self._condition.graph, tensor)
        if tensor not in inputs:
            return None
        place = inputs.index(tensor)
        start, graph = self._given[place], self._body.graph
        if not _is_whole(start):
            return None
        node = graph.nodes[split(_source(graph, self._body.outputs[place]))[0]]
        if node.op not in ("Add", "AddV2", "Sub"):
            return None
        counter, change = (_source(graph, name) for name in node.inputs)
        if node.op != "Sub" and counter != self._body.inputs[place]:
            counter, change = change, counter
        number = self._value(1, change)
        if counter != self._body.inputs[place] or number is None:
            return None
        return int(start), int(-number if node.op == "Sub" else number)

    def _value(self, which: int, tensor: str) -> Array | None:
        """The whole number that a tensor of the condition (0) or of the body (1) holds in every turn."""
        body = (self._condition, self._body)[which]
        nodes = prune(body.graph, [tensor], body.inputs)
        read = {tensor, *(name for node in nodes for name in node.inputs)}
        given = {name: value for name, value in zip(body.inputs, self._fixed, strict=True) if name in read}
        values: dict[str, Array] = {name: value for name, value in given.items() if value is not None}
        if len(values) < len(given):
            return None
        if any(lookup(node.op).fold is None or node.control_inputs for node in nodes):
            return None
        run = Run(values, {}, np.asarray(0, np.int32))
        self._lowering.function(self._names[which], {}).part(nodes, [tensor]).run(run)
        return run.values[tensor] if _is_whole(run.values[tensor]) else None


def _source(graph: Graph, tensor: str) -> str:
    """What a tensor is when identities are looked through."""
    name, index = split(tensor)
    while graph.nodes[name].op in _SAME and index == 0:
        name, index = split(graph.nodes[name].inputs[0])
    return f"{name}:{index}"


def _is_whole(value: Any) -> bool:
    return isinstance(value, (np.ndarray, np.generic)) and value.ndim == 0 and value.dtype.kind in "iu"
