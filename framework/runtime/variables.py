"""Which variables a program reads and writes, and in what order a node stands to a write.

A variable is read as it was before the run, unless a data or control dependency orders the read behind a write. What
changes a variable rather than replaces it (AssignAdd, ApplyMomentum) starts from what the writes before it left. Writes
that nothing orders happen in the order in which their nodes were added to the graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import jax

from framework.graph import Graph, Node, TensorSpec
from framework.graph.dtypes import resource
from framework.graph.node import node_of
from framework.graph.opdef import lookup
from framework.graph.resources import Handle, body_arguments, function_names, handle_of, own_handle, variable_of

__all__ = ["READS", "REPLACES", "Handle", "Uses", "Variables", "effects", "is_set", "variable_of"]

# A handle holds no array: it goes through loops and branches as part of their structure.
jax.tree_util.register_static(Handle)

# Ops that look at the variable of a handle without changing it; those that ask whether it has a value.
READS = frozenset({"ReadVariableOp", "ResourceGather", "ResourceGatherNd", "VariableShape"})
ASKS = frozenset({"IsVariableInitialized", "VarIsInitializedOp"})
# Ops that give a variable a value without regard to the one it had.
REPLACES = frozenset({"Assign", "AssignVariableOp"})
# Ops that run their function's body once, whatever the values.
CALLS = frozenset({"PartitionedCall", "StatefulPartitionedCall"})


class Uses(NamedTuple):
    """What some nodes do with variables.

    read: whose value they need; written: to which they give a new one; replaced: those of the written whose value
    before is never needed behind these nodes; asked: those of which they ask whether there is a value.
    """

    read: frozenset[Handle] = frozenset()
    written: frozenset[Handle] = frozenset()
    replaced: frozenset[Handle] = frozenset()
    asked: frozenset[Handle] = frozenset()


_NONE = Uses()


class Variables:
    """The variables that some nodes of a graph use.

    arguments: for the body of a function, its placeholders that stand for variables. within: the functions whose
    bodies are looked at already, for one that calls itself. fed: tensors that are given; what is fed for a variable is
    what it reads as.
    read: name -> what it holds, for every variable whose value before the run is needed. written: names of those that
    take a new value. asked: names of those of which a node asks whether they have a value; `is_set` names the answer.
    Slots of optimizers are variables that no node stands for; they are added by `runtime.forms`.
    """

    def __init__(
        self,
        graph: Graph,
        nodes: Sequence[Node],
        fetches: Iterable[str],
        arguments: Mapping[str, Handle] | None = None,
        within: frozenset[str] = frozenset(),
        fed: frozenset[str] = frozenset(),
    ):
        self.graph, self.arguments, self._within, self._fed = graph, dict(arguments or {}), within, fed
        self._known: dict[str, Uses] = {}
        self.updates = [node for node in nodes if node.op in ("Update", "InitializeUpdate")]
        self.read: dict[str, TensorSpec] = {}
        self.written: dict[str, TensorSpec] = {}
        asked: dict[str, None] = {}
        for node in nodes:
            used = self.uses(node)
            self.written.update(_specs(used.written))
            asked.update((handle.variable, None) for handle in used.asked)
            if used.read:
                needed = (h for h in used.read if not self._is_ordered_behind_replacement(node, h.variable))
                self.read.update(_specs(needed))
        self.asked = tuple(asked)
        for tensor in fetches:
            source = graph.nodes[node_of(tensor)]
            if source.op == "VariableV2" and tensor not in fed:
                self.read.update(_specs([own_handle(source)]))

    def add_slots(self, node: Node, slots: Mapping[str, TensorSpec]) -> None:
        """Adds the state that `node` keeps beside the graph's variables: an Update reads it, both kinds write it."""
        self.written.update(slots)
        if node.op == "Update":
            self.read.update(slots)

    def of(self, tensor: str) -> str | None:
        """The variable that a reference or handle stands for, where that is known before the run."""
        found = handle_of(self.graph, tensor, self.arguments)
        return None if found is None else found.variable

    def uses(self, node: Node) -> Uses:
        """What a node does with variables, the functions that it runs included."""
        if node.name not in self._known:
            self._known[node.name] = self._find(node)
        return self._known[node.name]

    def is_ordered_behind_write(self, node: Node, variable: str) -> bool:
        """Whether a data or control dependency makes `node` run after a node that writes `variable`."""
        return variable in self._before.get(node.name, _NOTHING).written

    def _is_ordered_behind_replacement(self, node: Node, variable: str) -> bool:
        return variable in self._before.get(node.name, _NOTHING).replaced

    @cached_property
    def _before(self) -> dict[str, _Before]:
        """By node: the variables that the nodes before it write. Nodes behind no write are left out."""
        found: dict[str, _Before] = {}
        after: dict[str, _Before] = {}
        for node in self.graph:
            behind = list(dict.fromkeys(after[parent] for parent in node.parents if parent in after))
            if behind:
                found[node.name] = _union(behind)
            used = self.uses(node)
            if used.written:
                own = _Before(_names(used.written), _names(used.replaced))
                after[node.name] = _union([found.get(node.name, _NOTHING), own])
            elif node.name in found:
                after[node.name] = found[node.name]
        return found

    def _find(self, node: Node) -> Uses:
        if node.op == "Update":
            count = len(node.attrs["T"])
            return Uses(self._read_by(node.inputs), written=self._read_by(node.inputs[:count]))
        if function_names(node):
            return self._find_in_bodies(node)
        arguments = lookup(node.op).inputs
        places = {k for k, argument in enumerate(arguments) if argument.is_ref or argument.dtype is resource}
        targets = [tensor for k, tensor in enumerate(node.inputs) if k in places]
        read = self._read_by(tensor for k, tensor in enumerate(node.inputs) if k not in places)
        if not targets:
            return Uses(read) if read else _NONE
        found = (handle_of(self.graph, tensor, self.arguments) for tensor in targets)
        handles = frozenset(handle for handle in found if handle is not None)
        if node.op in ASKS:
            return Uses(asked=handles)
        if node.op in REPLACES:
            return Uses(read, handles, handles)
        return Uses(read | handles, frozenset() if node.op in READS else handles)

    def _find_in_bodies(self, node: Node) -> Uses:
        """What the functions of a node do; only a function that is sure to run can make an older value needless."""
        read, written, replaced, asked = self._read_by(node.inputs), set(), set(), set()
        for name in function_names(node):
            if name in self._within:
                continue
            body = self.graph.library[name]
            inner = Variables(
                body.graph,
                list(body.graph),
                body.outputs,
                body_arguments(self.graph, node, body, self.arguments),
                self._within | {name},
            )
            read |= {Handle(*item) for item in inner.read.items()}
            written |= {Handle(*item) for item in inner.written.items()}
            asked |= {handle for used in inner._known.values() for handle in used.asked}
            if node.op in CALLS:
                replaced |= {handle for used in inner._known.values() for handle in used.replaced}
            else:  # what no turn or branch changes keeps its value
                read |= written
        return Uses(read, frozenset(written), frozenset(replaced), frozenset(asked))

    def _read_by(self, tensors: Iterable[str]) -> frozenset[Handle]:
        """The variables of the older kind whose references are among `tensors`, and are read there."""
        sources = (self.graph.nodes[node_of(tensor)] for tensor in tensors if tensor not in self._fed)
        return frozenset(own_handle(source) for source in sources if source.op == "VariableV2")


class _Before(NamedTuple):
    """Names of the variables that were written, and of those that were replaced, before a node runs."""

    written: frozenset[str] = frozenset()
    replaced: frozenset[str] = frozenset()


_NOTHING = _Before()


def _union(parts: Sequence[_Before]) -> _Before:
    first, *rest = parts
    if not rest:
        return first
    return _Before(first.written.union(*(p.written for p in rest)), first.replaced.union(*(p.replaced for p in rest)))


def _specs(handles: Iterable[Handle]) -> dict[str, TensorSpec]:
    return {handle.variable: handle.spec for handle in handles}


def _names(handles: Iterable[Handle]) -> frozenset[str]:
    return frozenset(handle.variable for handle in handles)


def effects(graph: Graph, arguments: Mapping[str, Handle] | None = None) -> list[str]:
    """Names of the nodes in the body of a function that run whatever its outputs need: writes, and checks."""
    variables = Variables(graph, [], (), arguments)
    return [
        node.name
        for node in graph
        if variables.uses(node).written or (lookup(node.op).is_stateful and not node.outputs)
    ]


def is_set(variable: str) -> str:
    """The name under which a program is told whether a variable has a value; no variable can have this name."""
    return f"{variable}?"
