"""The messages of GraphDef and of event files, as TensorBoard brings them without TensorFlow."""
# protobuf makes its classes while it imports, where no type checker sees them.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from typing import Any

from tensorboard.compat.proto import (
    attr_value_pb2,
    event_pb2,
    function_pb2,
    graph_pb2,
    meta_graph_pb2,
    summary_pb2,
    tensor_pb2,
    tensor_shape_pb2,
)

AttrValue: Any = attr_value_pb2.AttrValue
FunctionDef: Any = function_pb2.FunctionDef
GraphDef: Any = graph_pb2.GraphDef
MetaGraphDef: Any = meta_graph_pb2.MetaGraphDef
TensorProto: Any = tensor_pb2.TensorProto
TensorShapeProto: Any = tensor_shape_pb2.TensorShapeProto

Event: Any = event_pb2.Event
SessionLog: Any = event_pb2.SessionLog
HistogramProto: Any = summary_pb2.HistogramProto
Summary: Any = summary_pb2.Summary
