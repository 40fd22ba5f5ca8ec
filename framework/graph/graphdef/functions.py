"""The functions of a graph's library: FunctionDef messages as bodies, and back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from framework.errors import GraphError
from framework.graph.body import Body
from framework.graph.dtypes import as_dtype
from framework.graph.graph import Graph
from framework.graph.graphdef import limits
from framework.graph.graphdef.nodes import NodeReader, clip, output_places, parse_inside, shown_circle
from framework.graph.graphdef.proto import FunctionDef
from framework.graph.graphdef.sorting import CycleError, in_order
from framework.graph.graphdef.tensor_proto import from_shape_proto, to_shape_proto
from framework.graph.graphdef.writing import fill_node
from framework.graph.node import split
from framework.graph.opdef import lookup
from framework.graph.shapes import Shape

# -- reading ----------------------------------------------------------------------------------------------------------


def read_library(functions: Sequence[Any], graph: Graph, allowance: limits.Allowance, producer: int) -> None:
    """Adds the functions to the library of a graph, each behind those that it calls.

    Raises GraphError, naming function and node, for what cannot be read, for functions that call each other in a
    circle or too deep, and for one that is in the library already and another.
    """
    named: dict[str, Any] = {}
    for function in functions:
        name = function.signature.name
        if not name or len(name) > limits.NAME or not name.isprintable() or ".." in name.split("/"):
            raise GraphError(f"{clip(name)!r} is no name for a function")
        if name in named:
            raise GraphError(f"two functions are called '{name}'")
        named[name] = function
    names = list(named)
    for name in _callees_first(named):
        function = named[names[name]]
        try:
            body = _body(function, graph, allowance, producer)
        except GraphError as error:
            where = clip(f"{names[name]}/{error.node}" if error.node else names[name], limits.NAME)
            raise GraphError(f"in a function: {error.message}", where, error.hint) from error.__cause__
        _enter(graph, names[name], body)


def functions_of(node: Any) -> Iterable[str]:
    """The functions that a NodeDef names."""
    for value in node.attr.values():
        kind = value.WhichOneof("value")
        if kind == "func":
            yield value.func.name
        elif kind == "list":
            yield from (function.name for function in value.list.func)


def _callees_first(named: Mapping[str, Any]) -> list[int]:
    position = {name: k for k, name in enumerate(named)}
    calls = [
        [position[called] for node in function.node_def for called in functions_of(node) if called in position]
        for function in named.values()
    ]
    names = list(named)
    try:
        order = in_order(calls)
    except CycleError as error:
        circle = shown_circle([names[k] for k in error.positions])
        raise GraphError(f"functions call each other in a circle, which is not supported: {circle}") from None
    depth = [0] * len(calls)
    for k in order:
        depth[k] = 1 + max((depth[called] for called in calls[k]), default=0)
        if depth[k] > limits.CALLS:
            raise GraphError(f"function '{names[k]}' calls functions more than {limits.CALLS} deep")
    return order


def _enter(graph: Graph, name: str, body: Body) -> None:
    """Puts a body into the library. Raises GraphError where another is called so."""
    taken = graph.library.setdefault(name, body)
    if taken is not body and _bytes(name, taken) != _bytes(name, body):
        raise GraphError(f"the graph has another function called '{name}'")


def _bytes(name: str, body: Body) -> bytes:
    message = FunctionDef()
    fill_function(message, name, body)
    return message.SerializeToString(deterministic=True)


def _body(function: Any, outer: Graph, allowance: limits.Allowance, producer: int) -> Body:
    graph = Graph()
    graph.library = outer.library
    signature = function.signature
    taken = {node.name for node in function.node_def}
    names = {
        argument.name: _placeholder(graph, argument, _shape_of_argument(function, k), taken)
        for k, argument in enumerate(signature.input_arg)
    }
    if len(names) < len(signature.input_arg):
        raise GraphError("two arguments have the same name")
    reader = NodeReader(graph, allowance, producer, parse=parse_inside, names=names)
    reader.add_all(function.node_def)
    outputs = tuple(_returned(function, result, reader) for result in signature.output_arg)
    return Body(graph, tuple(f"{name}:0" for name in names.values()), outputs)


def _placeholder(graph: Graph, argument: Any, shape: Shape, taken: set[str]) -> str:
    """Adds the placeholder of an argument, and gives its name."""
    if argument.number_attr or argument.type_list_attr or not argument.type:
        raise GraphError(f"argument '{clip(argument.name)}' has no single type, which is not supported")
    name = re.sub(r"[^A-Za-z0-9_.\-/]", "_", argument.name[: limits.NAME]).lstrip("_-/") or "argument"
    while name != argument.name and name in taken:
        name += "_"
    attrs = {"dtype": as_dtype(argument.type), "shape": shape}
    return graph.add("Placeholder", attrs=attrs, name=name, device="").name


def _shape_of_argument(function: Any, index: int) -> Shape:
    attrs = function.arg_attr[index].attr if index in function.arg_attr else {}
    shapes = attrs["_output_shapes"].list.shape if "_output_shapes" in attrs else ()
    return from_shape_proto(shapes[0]) if len(shapes) == 1 else None


def _returned(function: Any, result: Any, reader: NodeReader) -> str:
    if result.name not in function.ret:
        raise GraphError(f"it does not say what its output '{clip(result.name)}' is")
    reference = parse_inside(function.ret[result.name])
    if reference.node not in reader.names or reference.output == -1:
        raise GraphError(f"its output '{clip(result.name)}' is '{clip(function.ret[result.name])}', which is no tensor")
    tensor = reader.tensor(reference)
    found, declared = reader.graph.spec(tensor).dtype, as_dtype(result.type)
    if found is not declared:
        raise GraphError(f"its output '{clip(result.name)}' must be {declared}, found {found}")
    return tensor


# -- writing ----------------------------------------------------------------------------------------------------------


def fill_function(message: Any, name: str, body: Body, *, picture: bool = False) -> None:
    """Writes a function into an empty FunctionDef, its outputs named by their number."""
    signature, graph = message.signature, body.graph
    signature.name = name
    arguments = _arguments(body)
    for k, (tensor, argument) in enumerate(arguments.items()):
        spec = graph.spec(tensor)
        signature.input_arg.add(name=argument, type=spec.dtype.number)
        if spec.shape is not None:
            message.arg_attr[k].attr["_output_shapes"].list.shape.append(to_shape_proto(spec.shape))
    for k, tensor in enumerate(body.outputs):
        signature.output_arg.add(name=f"output_{k}", type=graph.spec(tensor).dtype.number)
        message.ret[f"output_{k}"] = _name_inside(graph, arguments, tensor)
    placeholders = {split(tensor)[0] for tensor in body.inputs}
    for node in [node for node in graph if node.name not in placeholders]:
        fill_node(message.node_def.add(), node, partial(_name_inside, graph, arguments), picture=picture)
        if lookup(node.op).is_stateful and node.op not in _SILENT:
            signature.is_stateful = True
            signature.control_output.append(node.name)
            message.control_ret[node.name] = node.name


_SILENT = ("Placeholder", "VarHandleOp", "VariableV2")  # stateful, but nothing happens when they run


def _arguments(body: Body) -> dict[str, str]:
    """The placeholders of a function by the names that its signature gives them."""
    names: dict[str, str] = {}
    taken = {node.name for node in body.graph} - {split(tensor)[0] for tensor in body.inputs}
    for tensor in body.inputs:
        plain = re.sub(r"[^a-z0-9_]", "_", split(tensor)[0].lower())
        name = base = plain if plain[:1].isalpha() else f"x{plain}"
        number = 1
        while name in taken:
            name = f"{base}_{number}"
            number += 1
        taken.add(name)
        names[tensor] = name
    return names


def _name_inside(graph: Graph, arguments: Mapping[str, str], tensor: str) -> str:
    if tensor in arguments:
        return arguments[tensor]
    name, index = split(tensor)
    node = graph.nodes[name]
    argument, place = output_places(lookup(node.op), node.attrs)[index]
    return f"{name}:{argument}:{place}"
