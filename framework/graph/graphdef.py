"""A graph as a GraphDef message: the format of TensorBoard, of frozen models, and of the run folder's `graph.pb`."""

from __future__ import annotations

from typing import Any

import numpy as np

from framework.graph.attrs import Function
from framework.graph.dtypes import DType, as_dtype, string
from framework.graph.graph import Graph
from framework.graph.node import Node, split
from framework.graph.opdef import lookup
from framework.graph.proto import AttrValue, GraphDef, TensorProto, TensorShapeProto
from framework.graph.shapes import Shape

PRODUCER = 1087  # the GraphDef version whose rules we write by
LARGE = 1024  # bytes of a constant that a picture of the graph leaves out


def to_graph_def(graph: Graph, *, picture: bool = False) -> Any:
    """The graph as a GraphDef message, nodes in the order they were added.

    picture: for TensorBoard, which labels edges by `_output_shapes` and needs no contents of large constants.
    """
    message = GraphDef()
    message.versions.producer = PRODUCER
    for node in graph:
        _fill_node(message.node.add(), node, picture)
    return message


def _fill_node(message: Any, node: Node, picture: bool) -> None:
    message.name, message.op, message.device = node.name, node.op, node.device
    message.input.extend(_short(tensor) for tensor in node.inputs)
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
        shapes.shape.extend(_shape(spec.shape) for spec in node.outputs)


def _short(tensor: str) -> str:
    """GraphDef writes output 0 of a node by the node's name alone."""
    name, index = split(tensor)
    return f"{name}:{index}" if index else name


_FIELDS = {"int": "i", "float": "f", "bool": "b"}


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
        message.shape.CopyFrom(_shape(value))
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


def _shape(shape: Shape) -> Any:
    message = TensorShapeProto()
    if shape is None:
        message.unknown_rank = True
    else:
        for dim in shape:
            message.dim.add().size = -1 if dim is None else dim
    return message


def to_tensor_proto(array: np.ndarray) -> Any:
    """An array as a TensorProto."""
    dtype = as_dtype(array.dtype)
    message = TensorProto(dtype=dtype.number, tensor_shape=_shape(array.shape))
    if dtype is string:
        flat = array.reshape(-1).tolist()
        message.string_val.extend(item if isinstance(item, bytes) else str(item).encode() for item in flat)
    else:
        message.tensor_content = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes()
    return message
