"""Graphs with the frames of TensorFlow 1, whose loops are cycles, as graphs that run functions instead.

The rules: "Implementation of Control Flow in TensorFlow", Yu et al., 2017 (the white paper of Switch, Merge, Enter,
Exit and NextIteration).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from framework.errors import GraphError
from framework.graph.graphdef.conditions import replace_conditions
from framework.graph.graphdef.parts import (
    FRAMES,
    Functions,
    Output,
    Part,
    Parts,
    argument,
    has_effect,
    read_part,
    unused,
)
from framework.graph.graphdef.proto import GraphDef

_STACKS = ("Stack", "StackV2", "StackPush", "StackPushV2", "StackPop", "StackPopV2")
_DEEPEST = 64  # loops within loops


def functional(message: Any) -> Any:
    """A GraphDef without Switch, Merge, Enter, Exit, NextIteration and LoopCond: with While and If in their place.

    What came out of a loop or of a condition can be fetched by the name that it had. A graph without frames is
    returned as it is. Raises GraphError that names the nodes which form no loop and no condition that is known, and
    for the gradient of a loop, which keeps values on stacks.
    """
    if not any(node.op in FRAMES or node.op.removeprefix("Ref") in FRAMES for node in message.node):
        return message
    parts = {node.name: read_part(node) for node in message.node}
    if len(parts) < len(message.node):
        raise GraphError("several nodes of the graph have one name")
    stacks = [name for name, part in parts.items() if part.op in _STACKS]
    if stacks:
        raise GraphError(
            f"{_listed(parts, stacks)} keep what a loop computes for its gradient",
            hint="import the graph without its gradients, and differentiate it here",
        )
    functions = Functions(function.signature.name for function in message.library.function)
    loops = _loops(parts)
    for path in sorted(loops, key=len, reverse=True):
        node = _replace_loop(parts, loops[path], functions)
        if path[:-1]:
            loops[path[:-1]].names.add(node)
    for name, part in parts.items():
        if inner := [parent for parent in part.parents if parent not in parts]:
            raise GraphError(f"reads '{inner[0]}' of a loop, but through no Exit of it", node=name)
    replace_conditions(parts, functions)
    left = [name for name, part in parts.items() if part.op in FRAMES]
    if left:
        raise GraphError(f"these nodes form no condition and no loop that is known: {_listed(parts, left)}")
    return _message(message, parts, functions)


def _message(before: Any, parts: Parts, functions: Functions) -> Any:
    message = GraphDef()
    message.versions.CopyFrom(before.versions)
    message.library.CopyFrom(before.library)
    message.library.function.extend(functions.messages)
    message.node.extend(part.written() for part in parts.values())
    return message


def _listed(parts: Mapping[str, Part], names: Iterable[str]) -> str:
    names = list(names)
    shown = ", ".join(f"'{name}' ({parts[name].op})" for name in names[:8])
    return shown + (f" and {len(names) - 8} more" if len(names) > 8 else "")


@dataclass
class _Loop:
    """The nodes of one loop, those of loops within it left out.

    names: of all nodes inside. entries: its Enter nodes. exits: its Exit nodes, which stand outside.
    """

    frame: str
    names: set[str] = field(default_factory=set)
    entries: list[str] = field(default_factory=list)
    exits: list[str] = field(default_factory=list)


def _loops(parts: Parts) -> dict[tuple[str, ...], _Loop]:
    """The loops by the frames that they stand in, the last of which is their own."""
    frames = _frames(parts)
    loops: dict[tuple[str, ...], _Loop] = {}
    for name, part in parts.items():
        inner = frames[part.inputs[0][0]] if part.op == "Exit" else frames[name]
        if inner:
            loop = loops.setdefault(inner, _Loop(inner[-1]))
            (loop.exits.append if part.op == "Exit" else loop.names.add)(name)
            if part.op == "Enter":
                loop.entries.append(name)
            if part.op == "Exit" and inner[:-1]:
                loops.setdefault(inner[:-1], _Loop(inner[-2])).names.add(name)
    return loops


def _frames(parts: Parts) -> dict[str, tuple[str, ...]]:
    """The frames around each node, from the outermost to the innermost."""
    frames: dict[str, tuple[str, ...]] = dict.fromkeys(parts, ())
    readers: dict[str, list[str]] = {}
    for name, part in parts.items():
        for parent in part.parents:
            if parent not in parts:
                raise GraphError(f"'{name}' reads '{parent}', which the graph does not hold", node=name)
            readers.setdefault(parent, []).append(name)
    pending = list(parts)
    while pending:
        name = pending.pop()
        part = parts[name]
        around = max((frames[parent] for parent in part.parents), key=len, default=())
        if part.op == "Enter":
            around = (*frames[part.inputs[0][0]], _frame_name(part))
        elif part.op == "Exit":
            around = frames[part.inputs[0][0]][:-1]
        if len(around) > _DEEPEST:
            raise GraphError(f"loops stand within loops, more than {_DEEPEST} deep", node=name)
        if around != frames[name] and (len(around) > len(frames[name]) or part.op == "Exit"):
            frames[name] = around
            pending.extend(readers.get(name, ()))
    return frames


def _frame_name(part: Part) -> str:
    attrs = part.message.attr
    return attrs["frame_name"].s.decode(errors="replace") if "frame_name" in attrs else ""


def _replace_loop(parts: Parts, loop: _Loop, functions: Functions) -> str:
    """Puts a While node in the place of a loop, and returns its name."""
    inside = {name: part for name, part in parts.items() if name in loop.names}
    variables = [name for name, part in inside.items() if _is_variable(part, inside)]
    fixed = [name for name in loop.entries if not any(_entry(inside, m) == name for m in variables)]
    conditions = [name for name, part in inside.items() if part.op == "LoopCond"]
    if len(conditions) != 1 or not variables:
        raise GraphError(
            f"the loop '{loop.frame}' has {len(conditions)} LoopCond nodes and {len(variables)} variables, "
            f"where one and at least one are needed: {_listed(parts, loop.names)}"
        )
    switches = _switches(inside, variables, conditions[0])
    places: dict[Output, Output] = {}
    for place, name in enumerate([*variables, *fixed]):
        places[name, 0] = argument(place), 0
        places.update({(switch, 1): (argument(place), 0) for switch, merge in switches.items() if merge == name})
    types = [inside[name].type_attr() for name in [*variables, *fixed]]
    test = _section(loop, inside, places, [inside[conditions[0]].inputs[0]])
    turn = _section(loop, inside, places, [_next(inside, name) for name in variables])
    kept = [*turn[1], *((argument(place), 0) for place in range(len(variables), len(types)))]
    arguments = {argument(place): number for place, number in enumerate(types)}
    for section, outputs in (test, turn):
        replace_conditions(section, functions, outputs, arguments)
    attrs = {
        "cond": functions.add(f"{loop.frame}_cond", types, *test),
        "body": functions.add(f"{loop.frame}_body", types, turn[0], kept),
    }
    is_stateful = any(has_effect(part) for section, _ in (test, turn) for part in section.values())
    entries = [inside[_entry(inside, name)] for name in variables] + [inside[name] for name in fixed]
    node = _while_node(unused(loop.frame, set(parts) - loop.names), is_stateful, types, attrs, entries)
    for name in loop.exits:
        merge = switches.get(parts[name].inputs[0][0])
        if merge is None:
            raise GraphError(f"leaves the loop '{loop.frame}' from no variable of it", node=name)
        parts[name] = parts[name].replaced((node.message.name, variables.index(merge)))
    for name in loop.names:
        del parts[name]
    parts[node.message.name] = node
    return node.message.name


def _is_variable(part: Part, inside: Mapping[str, Part]) -> bool:
    """Whether a node is a Merge of what enters a loop and of what the turn before left."""
    kinds = sorted(inside[name].op for name, _ in part.inputs if name in inside)
    return part.op == "Merge" and kinds == ["Enter", "NextIteration"]


def _entry(inside: Mapping[str, Part], merge: str) -> str:
    return next(name for name, _ in inside[merge].inputs if inside[name].op == "Enter")


def _next(inside: Mapping[str, Part], merge: str) -> Output:
    """What a turn leaves in a variable."""
    return next(inside[name].inputs[0] for name, _ in inside[merge].inputs if inside[name].op == "NextIteration")


def _switches(inside: Mapping[str, Part], variables: Iterable[str], condition: str) -> dict[str, str]:
    """The Switch nodes that let variables into a turn or out of the loop, and which variables."""
    found = set(variables)
    return {
        name: part.inputs[0][0]
        for name, part in inside.items()
        if part.op == "Switch" and part.inputs[1] == (condition, 0) and part.inputs[0][0] in found
    }


def _section(
    loop: _Loop, inside: Mapping[str, Part], places: Mapping[Output, Output], outputs: Iterable[Output]
) -> tuple[Parts, list[Output]]:
    """What of a loop these outputs need, reading arguments where `places` says so."""
    ends = {name for name, _ in places}
    section: Parts = {}
    results = [places.get(output, output) for output in outputs]
    pending = [name for name, _ in results]
    while pending:
        name = pending.pop()
        if name in section or (name, 0) in places.values():
            continue
        part = inside.get(name)
        if part is None or part.op in ("LoopCond", "NextIteration", "Enter", "Exit") or name in ends:
            raise GraphError(f"a turn of the loop '{loop.frame}' reads '{name}', which is no part of it", node=name)
        inputs = [places.get(output, output) for output in part.inputs]
        waits = [control for control in part.controls if control in inside and control not in ends]
        section[name] = Part(part.message, part.op, inputs, [c for c in waits if inside[c].op != "LoopCond"])
        pending.extend(section[name].parents)
    return {name: section[name] for name in inside if name in section}, results


def _while_node(
    name: str, is_stateful: bool, types: Iterable[int], functions: Mapping[str, str], entries: list[Part]
) -> Part:
    message = GraphDef().node.add(name=name)
    message.attr["T"].list.type.extend(types)
    for key, function in functions.items():
        message.attr[key].func.name = function
    controls = dict.fromkeys(control for part in entries for control in part.controls)
    return Part(message, "While" if is_stateful else "StatelessWhile", [p.inputs[0] for p in entries], list(controls))
