"""The nodes of a message while frames are rewritten: they may stand in cycles, and change what they read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from framework.errors import GraphError
from framework.graph.dtypes import as_dtype, resource
from framework.graph.graphdef import limits
from framework.graph.graphdef.proto import FunctionDef
from framework.graph.graphdef.sorting import CycleError, in_order
from framework.graph.node import split
from framework.graph.opdef import OPS, OpDef

Output = tuple[str, int]  # a node, and which of its outputs
Parts = dict[str, "Part"]


@dataclass
class Part:
    """One node: its message, whose inputs are not looked at any more, and what it reads and waits for."""

    message: Any
    op: str
    inputs: list[Output]
    controls: list[str] = field(default_factory=list)

    @property
    def parents(self) -> list[str]:
        return [*(name for name, _ in self.inputs), *self.controls]

    def type_attr(self, name: str = "T") -> int:
        """The number of the element type that an attribute holds."""
        return self.message.attr[name].type if name in self.message.attr else 1

    def written(self) -> Any:
        """The message, with these inputs."""
        message = type(self.message)()
        message.CopyFrom(self.message)
        message.op = self.op
        del message.input[:]
        message.input.extend(f"{name}:{index}" if index else name for name, index in self.inputs)
        message.input.extend(f"^{name}" for name in self.controls)
        return message

    def replaced(self, output: Output) -> Part:
        """An identity of `output` under the name of this node."""
        message = type(self.message)(name=self.message.name, op="Identity", device=self.message.device)
        message.attr["T"].type = self.type_attr()
        return Part(message, "Identity", [output], [])


def read_part(message: Any) -> Part:
    """A node of a message; the forms for references of the ops of frames are read as the others.

    Raises GraphError for a node of a frame without its inputs.
    """
    op = message.op.removeprefix("Ref") if message.op.removeprefix("Ref") in FRAMES else message.op
    inputs = [split(text) for text in message.input if not text.startswith("^")]
    if op in FRAMES and len(inputs) < (2 if op in ("Switch", "_SwitchN") else 1):
        raise GraphError(f"{message.op} has {len(inputs)} inputs, which are too few", node=message.name)
    return Part(message, op, inputs, [text[1:] for text in message.input if text.startswith("^")])


FRAMES = ("Switch", "_SwitchN", "Merge", "Enter", "Exit", "NextIteration", "LoopCond")


def sorted_names(parts: Mapping[str, Part]) -> list[str]:
    """The nodes in an order in which each stands behind what it reads. Raises GraphError for a cycle."""
    names = list(parts)
    places = {name: place for place, name in enumerate(names)}
    needs = [[places[parent] for parent in part.parents if parent in places] for part in parts.values()]
    try:
        return [names[place] for place in in_order(needs)]
    except CycleError as error:
        listed = ", ".join(f"'{names[place]}' ({parts[names[place]].op})" for place in error.positions[:8])
        raise GraphError(f"these nodes stand in a cycle that is no loop of TensorFlow's: {listed}") from None


def reached(parts: Mapping[str, Part], roots: Iterable[str]) -> set[str]:
    """Names of the roots and of all that they read or wait for."""
    found: set[str] = set()
    pending = list(roots)
    while pending:
        name = pending.pop()
        if name in parts and name not in found:
            found.add(name)
            pending.extend(parts[name].parents)
    return found


def output_types(part: Part) -> list[int]:
    """The numbers of the element types of a node's outputs; float for what an unknown op gives."""
    definition = OPS.get(part.op)
    if definition is None:
        return [1]
    return [number for _, numbers in _arguments(part, definition) for number in numbers]


def type_of(parts: Mapping[str, Part], output: Output, arguments: Mapping[str, int]) -> int:
    """The number of the element type of an output, or of an argument of the function that the nodes are part of."""
    if output[0] in arguments:
        return arguments[output[0]]
    types = output_types(parts[output[0]])
    return types[output[1]] if output[1] < len(types) else 1


def _arguments(part: Part, definition: OpDef) -> list[tuple[str, list[int]]]:
    """The declared outputs of a node, each with the types of the tensors that it is."""
    found, attrs = [], part.message.attr
    for argument in definition.outputs:
        if argument.type_list_attr:
            types = attrs[argument.type_list_attr].list.type if argument.type_list_attr in attrs else ()
            found.append((argument.name, list(types)))
            continue
        count = attrs[argument.number_attr].i if argument.number_attr and argument.number_attr in attrs else 1
        if not 0 <= count <= limits.OUTPUTS:
            raise GraphError(f"{part.op} asks for {count:,} outputs", node=part.message.name)
        found.append((argument.name, [_single(part, definition, argument)] * count))
    return found


def _single(part: Part, definition: OpDef, argument: Any) -> int:
    if argument.dtype is not None:
        return argument.dtype.number
    if argument.type_attr in part.message.attr:
        return as_dtype(part.message.attr[argument.type_attr].type).number
    default = definition.attrs[argument.type_attr].default
    return default.number if default is not None else 1


def has_effect(part: Part) -> bool:
    """Whether a node is more than what it computes; so is any of an unknown op."""
    definition = OPS.get(part.op)
    if definition is None:
        return True
    touches = any(arg.is_ref or arg.dtype is resource for arg in (*definition.inputs, *definition.outputs))
    return definition.is_stateful or touches


class Functions:
    """The functions that a rewriting adds to a library."""

    def __init__(self, taken: Iterable[str]):
        self.messages: list[Any] = []
        self._taken = set(taken)

    def add(self, name: str, types: Sequence[int], parts: Parts, outputs: Sequence[Output]) -> str:
        """Adds a function and returns its name. Its argument k is what the nodes read as `(argument(k), 0)`."""
        free = unused("".join(c if c.isalnum() else "_" for c in name), self._taken)
        message = FunctionDef()
        message.signature.name = free
        for place, number in enumerate(types):
            message.signature.input_arg.add(name=argument(place), type=number)
        arguments = {argument(place): number for place, number in enumerate(types)}
        for place, output in enumerate(outputs):
            number = type_of(parts, output, arguments)
            message.signature.output_arg.add(name=f"result_{place}", type=number)
            message.ret[f"result_{place}"] = _within(parts, output)
        for part in parts.values():
            node = message.node_def.add()
            node.CopyFrom(part.written())
            del node.input[:]
            node.input.extend(_within(parts, output) for output in part.inputs)
            node.input.extend(f"^{name}" for name in part.controls)
        message.signature.is_stateful = any(has_effect(part) for part in parts.values())
        self.messages.append(message)
        return free


def argument(place: int) -> str:
    """The name of an argument of a function that `Functions` adds."""
    return f"argument_{place}"


def unused(name: str, taken: set[str]) -> str:
    """`name`, or with a number behind it where it is taken; takes it."""
    found, number = name, 0
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    taken.add(found)
    return found


def _within(parts: Mapping[str, Part], output: Output) -> str:
    """An output as the nodes of a function write it: `node:argument:index`."""
    name, index = output
    if name not in parts:
        return name
    definition = OPS.get(parts[name].op)
    for argument_name, types in _arguments(parts[name], definition) if definition else ():
        if index < len(types):
            return f"{name}:{argument_name}:{index}"
        index -= len(types)
    return f"{name}:output:{index}"
