"""A node as a NodeDef message, with its attributes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from framework.graph.attrs import Function
from framework.graph.dtypes import DType
from framework.graph.graphdef.proto import AttrValue
from framework.graph.graphdef.tensor_proto import to_shape_proto, to_tensor_proto
from framework.graph.node import Node
from framework.graph.opdef import lookup

LARGE = 1024  # bytes of a constant that a picture of the graph leaves out
_FIELDS = {"int": "i", "float": "f", "bool": "b"}


def fill_node(message: Any, node: Node, name_of: Callable[[str], str], *, picture: bool = False) -> None:
    """Writes a node into an empty NodeDef.

    name_of: how the message names a tensor. picture: for TensorBoard, see `to_graph_def`.
    """
    message.name, message.op, message.device = node.name, node.op, node.device
    message.input.extend(name_of(tensor) for tensor in node.inputs)
    message.input.extend(f"^{name}" for name in node.control_inputs)
    definitions = lookup(node.op).attrs
    for name in sorted(node.attrs):
        value = node.attrs[name]
        if picture and isinstance(value, np.ndarray) and value.nbytes > LARGE:
            value = np.zeros((), value.dtype)
        if value is not None or definitions[name].type == "shape":
            kind = definitions[name].type if name in definitions else _kind_of(value)
            _fill_attr(message.attr[name], kind, value)
    if picture:
        shapes = message.attr["_output_shapes"].list
        shapes.shape.extend(to_shape_proto(spec.shape) for spec in node.outputs)


def _fill_attr(message: Any, kind: str, value: Any) -> None:
    if kind.startswith("list("):
        message.list.SetInParent()
        for item in value:
            single = AttrValue()
            _fill_attr(single, kind[5:-1], item)
            field = single.WhichOneof("value")
            getattr(message.list, field).append(getattr(single, field))
    elif kind == "string":
        message.s = value if isinstance(value, bytes) else value.encode()
    elif kind == "type":
        message.type = value.number
    elif kind == "shape":
        message.shape.CopyFrom(to_shape_proto(value))
    elif kind == "tensor":
        message.tensor.CopyFrom(to_tensor_proto(value))
    elif kind == "func":
        message.func.name = value.name
        for name, inner in value.attrs.items():
            _fill_attr(message.func.attr[name], _kind_of(inner), inner)
    else:
        setattr(message, _FIELDS[kind], value)


def _kind_of(value: Any) -> str:
    """The attribute type of a value that no declaration speaks of."""
    kinds = {bool: "bool", int: "int", float: "float", str: "string", bytes: "string", DType: "type"}
    if isinstance(value, np.ndarray):
        return "tensor"
    if isinstance(value, Function):
        return "func"
    if isinstance(value, tuple):
        return f"list({_kind_of(value[0]) if value else 'int'})"
    return kinds[type(value)]
