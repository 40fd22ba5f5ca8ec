"""The graph is GraphDef in memory: nodes, tensors, scopes, op declarations, passes, fingerprint and cost."""

from framework.graph.body import Body
from framework.graph.declare import register_op
from framework.graph.dtypes import DType, as_dtype
from framework.graph.graph import Graph, get_default_graph
from framework.graph.node import Node, TensorSpec
from framework.graph.opdef import OPS, Call, OpDef
from framework.graph.shapes import Shape, show
from framework.graph.tensor import Operation, Tensor, convert_to_tensor

__all__ = [
    "OPS",
    "Body",
    "Call",
    "DType",
    "Graph",
    "Node",
    "OpDef",
    "Operation",
    "Shape",
    "Tensor",
    "TensorSpec",
    "as_dtype",
    "convert_to_tensor",
    "get_default_graph",
    "register_op",
    "show",
]
