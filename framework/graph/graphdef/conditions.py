"""Switch and Merge nodes of graphs without cycles as If and Case nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from framework.errors import GraphError
from framework.graph.dtypes import bool_, int32
from framework.graph.graphdef.parts import (
    Functions,
    Output,
    Part,
    Parts,
    argument,
    has_effect,
    reached,
    sorted_names,
    type_of,
    unused,
)
from framework.graph.graphdef.proto import GraphDef

# What must be so for a node to run: predicates, and what they must be.
Context = frozenset[tuple[Output, int]]
_SWITCHES = ("Switch", "_SwitchN")  # by a bool, and by the number of a branch


def replace_conditions(
    parts: Parts,
    functions: Functions,
    outputs: Sequence[Output] | None = None,
    arguments: Mapping[str, int] | None = None,
) -> None:
    """Puts If and Case nodes in the place of Switch and Merge nodes, inner conditions before those around them.

    outputs: what is needed of the nodes; by default all that does not depend on a predicate. arguments: names and
    types of the arguments of the function that the nodes are part of.
    Raises GraphError for a Merge that does not join the branches of one predicate.
    """
    known: dict[str, Context] = {}
    while any(part.op == "Merge" for part in parts.values()):
        found = _Conditions(parts, known)
        group, predicate = found.next_group()
        _replace(parts, functions, found, group, predicate, known, arguments or {})
    contexts = _Conditions(parts, known).contexts
    roots = (
        [name for name, part in parts.items() if part.op not in _SWITCHES and not contexts[name]]
        if outputs is None
        else [name for name, _ in outputs]
    )
    needed = reached(parts, roots)
    for name in [name for name in parts if name not in needed]:
        del parts[name]


class _Conditions:
    """Under which conditions each node runs."""

    def __init__(self, parts: Parts, known: Mapping[str, Context]):
        self.parts = parts
        self.order = sorted_names(parts)
        self.contexts: dict[str, Context] = {}
        self.predicates: dict[str, Output] = {}  # of each Merge
        self.branches = {self.predicate(part): _branches(part) for part in parts.values() if part.op in _SWITCHES}
        for name in self.order:
            part = parts[name]
            inputs = [self.context(output) for output in part.inputs]
            if part.op == "Merge":
                found = self._joined(name, inputs)
            else:
                found = frozenset().union(*inputs, *(self.contexts.get(c, frozenset()) for c in part.controls))
            self.contexts[name] = found | known.get(name, frozenset())

    def context(self, output: Output) -> Context:
        """What must be so for an output to have a value."""
        name, index = output
        found = self.contexts.get(name, frozenset())
        part = self.parts.get(name)
        return found | {(self.predicate(part), index)} if part is not None and part.op in _SWITCHES else found

    def predicate(self, switch: Part) -> Output:
        """The predicate of a Switch, looked up through identities."""
        name, index = switch.inputs[1]
        while name in self.parts and self.parts[name].op == "Identity" and self.parts[name].inputs:
            name, index = self.parts[name].inputs[0]
        return name, index

    def branch(self, output: Output, predicate: Output) -> int | None:
        """Which value of a predicate an output needs, or None where it needs none."""
        return next((value for found, value in self.context(output) if found == predicate), None)

    def _joined(self, name: str, inputs: Sequence[Context]) -> Context:
        """What must be so for a Merge: what all of its inputs need."""
        needed = frozenset().union(*inputs)
        differing = {item for item in needed if any(item not in context for context in inputs)}
        found = {predicate for predicate, _ in differing}
        if len(found) == 1:
            self.predicates[name] = predicate = found.pop()
            count = self.branches[predicate]
            values = [[value for asked, value in context if asked == predicate] for context in inputs]
            known = [value for taken in values for value in taken]
            # One input may need no value, and is that of the branch that the others leave.
            is_divided = len(set(known)) == len(known) >= count - 1 and all(len(taken) < 2 for taken in values)
            if len(inputs) == count and is_divided and all(0 <= value < count for value in known):
                return frozenset(needed - differing)
        raise GraphError("Merge: its inputs are not the branches of one predicate", node=name)

    def next_group(self) -> tuple[list[str], Output]:
        """Merge nodes that one If can stand for, of the innermost conditions, and their predicate."""
        merges = [name for name in self.order if self.parts[name].op == "Merge"]
        first = max(merges, key=lambda name: len(self.contexts[name]))
        predicate, context = self.predicates[first], self.contexts[first]
        group: list[str] = []
        behind: set[str] = set()  # what follows from the group, which one If cannot give as well
        for name in self.order:
            part = self.parts[name]
            is_behind = not behind.isdisjoint(part.parents)
            is_alike = part.op == "Merge" and self.predicates[name] == predicate and self.contexts[name] == context
            if is_alike and not is_behind:
                group.append(name)
            if is_alike or is_behind:
                behind.add(name)
        return group, predicate


def _replace(
    parts: Parts,
    functions: Functions,
    found: _Conditions,
    group: Sequence[str],
    predicate: Output,
    known: dict[str, Context],
    around: Mapping[str, int],
) -> None:
    """Puts one If or Case node in the place of Merge nodes; these become identities of what it gives."""
    scope = group[0].rpartition("/")[0]
    arguments: dict[Output, int] = {}
    waits: dict[str, None] = {}
    is_bool = _is_bool(found, predicate)
    branches = []
    for value in (1, 0) if is_bool else range(found.branches[predicate]):
        outputs = [_input(found, parts[name], predicate, value) for name in group]
        branches.append(_branch(found, predicate, value, outputs, arguments, waits))
    types = [type_of(parts, output, around) for output in arguments]
    label = scope or group[0]
    words = ("true", "false") if is_bool else [f"branch_{value}" for value in range(len(branches))]
    names = [functions.add(f"{label}_{word}", types, *branch) for word, branch in zip(words, branches, strict=True)]
    is_stateful = any(has_effect(part) for section, _ in branches for part in section.values())
    word = "if" if is_bool else "case"
    node = GraphDef().node.add(name=unused(f"{scope}/{word}" if scope else word, set(parts)))
    node.attr["Tin"].list.type.extend(types)
    node.attr["Tout"].list.type.extend(parts[name].type_attr() for name in group)
    if is_bool:
        node.attr["Tcond"].type = bool_.number
        node.attr["then_branch"].func.name, node.attr["else_branch"].func.name = names
    else:
        for name in names:
            node.attr["branches"].list.func.add(name=name)
    controls = dict.fromkeys((*waits, *(control for name in group for control in parts[name].controls)))
    op = ("" if is_stateful else "Stateless") + word.capitalize()
    parts[node.name] = Part(node, op, [predicate, *arguments], list(controls))
    known[node.name] = found.contexts[group[0]]
    for place, name in enumerate(group):
        _replace_index(parts, name, predicate, found, known)
        known[name] = found.contexts[name]
        parts[name] = parts[name].replaced((node.name, place))


def _branches(switch: Part) -> int:
    return 2 if switch.op == "Switch" else switch.message.attr["num_outs"].i


def _is_bool(found: _Conditions, predicate: Output) -> bool:
    """Whether a predicate is one of Switch nodes, rather than the number of a branch."""
    return any(part.op == "Switch" and found.predicate(part) == predicate for part in found.parts.values())


def _input(found: _Conditions, merge: Part, predicate: Output, value: int) -> Output:
    """The input of a Merge that comes from the branch of this value."""
    branches = [found.branch(output, predicate) for output in merge.inputs]
    return merge.inputs[branches.index(value) if value in branches else branches.index(None)]


def _branch(
    found: _Conditions,
    predicate: Output,
    value: int,
    outputs: Sequence[Output],
    arguments: dict[Output, int],
    waits: dict[str, None],
) -> tuple[Parts, list[Output]]:
    """What one branch runs for these outputs; what it reads from around it becomes an argument."""

    def inner(output: Output) -> Output:
        part = found.parts.get(output[0])
        if part is not None and part.op in _SWITCHES and found.predicate(part) == predicate:
            output = part.inputs[0]
        elif found.branch(output, predicate) is not None:
            return output
        return argument(arguments.setdefault(output, len(arguments))), 0

    section: Parts = {}
    results = [inner(output) for output in outputs]
    pending = [name for name, _ in results]
    while pending:
        name = pending.pop()
        if name in section or name not in found.parts:
            continue
        part = found.parts[name]
        own = [control for control in part.controls if found.branch((control, 0), predicate) == value]
        waits.update((c, None) for c in part.controls if c not in own and found.parts[c].op not in _SWITCHES)
        own = [control for control in own if not _is_pivot(found, control, predicate)]
        section[name] = Part(part.message, part.op, [inner(output) for output in part.inputs], own)
        pending.extend(section[name].parents)
    return {name: section[name] for name in found.order if name in section}, results


def _is_pivot(found: _Conditions, name: str, predicate: Output) -> bool:
    """Whether a node says only that a branch is taken: the predicate, behind a Switch by itself."""
    part = found.parts[name]
    while part.op == "Identity" and not part.controls and part.inputs and part.inputs[0][0] in found.parts:
        part = found.parts[part.inputs[0][0]]
    return part.op in _SWITCHES and found.predicate(part) == predicate


def _replace_index(parts: Parts, merge: str, predicate: Output, found: _Conditions, known: dict[str, Context]) -> None:
    """Lets the readers of a Merge's second output, which says what branch was taken, read the predicate instead."""
    readers = [part for part in parts.values() if (merge, 1) in part.inputs]
    if not readers:
        return
    if not _is_bool(found, predicate):
        raise GraphError("Merge: which of several branches was taken cannot be read", node=merge)
    is_first_true = found.branch(parts[merge].inputs[0], predicate) == 1
    source = predicate
    if is_first_true:
        source = (_added(parts, f"{merge}/otherwise", "LogicalNot", [predicate], {}), 0)
    index = _added(parts, f"{merge}/value_index", "Cast", [source], {"SrcT": bool_.number, "DstT": int32.number})
    known[index] = found.contexts[merge]
    for part in readers:
        part.inputs = [(index, 0) if output == (merge, 1) else output for output in part.inputs]


def _added(parts: Parts, name: str, op: str, inputs: list[Output], types: Mapping[str, int]) -> str:
    message: Any = GraphDef().node.add(name=unused(name, set(parts)))
    for key, number in types.items():
        message.attr[key].type = number
    parts[message.name] = Part(message, op, inputs)
    return message.name
