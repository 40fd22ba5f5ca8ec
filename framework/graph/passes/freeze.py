"""Freezing: variables and runtime values become constants, so that the graph alone says what a model computes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from framework.errors import FailedPreconditionError, GraphError
from framework.graph.body import Body
from framework.graph.dtypes import resource
from framework.graph.graph import Graph
from framework.graph.hyper import is_hyper
from framework.graph.node import Node, node_of
from framework.graph.opdef import lookup
from framework.graph.passes.copying import Copy, completed, emptied
from framework.graph.passes.reach import prune
from framework.graph.passes.simplify import keep_needed
from framework.graph.resources import VARIABLES, function_names, own_handle
from framework.graph.shapes import fits, show
from framework.graph.tensor import Tensor, convert_to_tensor
from framework.registry import did_you_mean


def freeze(graph: Graph, values: Mapping[str, Any], outputs: Iterable[str]) -> Graph:
    """What the tensors `outputs` follow from, with constants for the variables and for the values under `Hyper/`.

    values: variable name -> array, such as the `state` of a Session. outputs: tensor names; they, and the placeholders
    that they follow from, keep their names.
    Raises NotFoundError for an output that the graph does not hold, FailedPreconditionError for a variable without a
    value, and GraphError where a value does not fit its variable or an output needs a node that writes a variable.
    """
    wanted = [graph.tensor(name).name for name in outputs]
    copy = Copy(emptied(graph))
    needed = prune(graph, wanted)
    _freeze_functions(copy.target.library, needed, values)
    for node in needed:
        _add(copy, graph, node, values)
    return keep_needed(completed(copy.target, graph), wanted)


def _freeze_functions(library: dict[str, Body], nodes: Iterable[Node], values: Mapping[str, Any]) -> None:
    """Freezes the functions that the nodes may run, inner ones first."""
    for name in dict.fromkeys(name for node in nodes for name in function_names(node)):
        body = library[name]
        if body.graph.library is library:
            continue  # it is frozen already
        _freeze_functions(library, body.graph, values)
        copy = Copy(Graph())
        copy.target.library = library
        for node in body.graph:
            _add(copy, body.graph, node, values)
        library[name] = Body(copy.target, body.inputs, body.outputs)


def _add(copy: Copy, graph: Graph, node: Node, values: Mapping[str, Any]) -> None:
    if node.op in VARIABLES:
        _add_constant(copy, node, _value(node, values))
    elif node.op == "ReadVariableOp":
        _add_as(copy, node, "Identity", copy.inputs(node), {})
    elif node.op == "ResourceGather":
        axis = convert_to_tensor(np.int32(0), copy.target, name=f"{node.name}/axis")
        _add_as(copy, node, "GatherV2", [*copy.inputs(node), axis], {"batch_dims": node.attrs["batch_dims"]})
    elif is_hyper(node):
        _add_constant(copy, node, graph.nodes[node_of(node.inputs[0])].attrs["value"])
    elif node.op == "Gradients" or _writes(graph, node):
        message = f"{node.op} changes with the variables, which a frozen graph has no more"
        raise GraphError(message, node.name, "freeze the outputs of a graph that only infers")
    else:
        copy.add(node)


def _writes(graph: Graph, node: Node) -> bool:
    """Whether a node needs a variable itself, to write it or to hand it on to a function."""
    arguments = lookup(node.op).inputs
    is_target = any(argument.is_ref for argument in arguments)
    return is_target or any(graph.spec(tensor).dtype is resource for tensor in node.inputs)


def _value(node: Node, values: Mapping[str, Any]) -> np.ndarray:
    name = own_handle(node).variable
    if name not in values:
        raise FailedPreconditionError(f"variable '{name}' has no value to freeze{did_you_mean(name, values)}")
    value, shape = np.asarray(values[name], node.attrs["dtype"].numpy), node.attrs["shape"]
    if not fits(shape, value.shape):
        raise GraphError(f"the variable has shape {show(shape)}, its value {show(value.shape)}", node.name)
    return value


def _add_constant(copy: Copy, node: Node, value: np.ndarray) -> None:
    _add_as(copy, node, "Const", [], {"value": value, "dtype": node.attrs["dtype"]})


def _add_as(copy: Copy, node: Node, op: str, inputs: Sequence[Tensor], attrs: Mapping[str, Any]) -> None:
    """A node of another op under the same name."""
    operation = copy.target.add(op, inputs, attrs, node.name, copy.controls(node), node.device or None)
    copy.replace(node, operation.outputs, [operation.name])
