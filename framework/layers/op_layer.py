"""Any operation of the graph as a layer."""

from __future__ import annotations

from typing import Any

from framework.errors import GraphError
from framework.fields import structural
from framework.graph import Tensor
from framework.layers.base import LAYERS, Layer, Scope


@LAYERS.register("op")
class Op(Layer):
    """Adds one node by the name of its op; its first output is the layer's. Example: `{type: op, op: Tanh}`.

    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops
    """

    arity = None

    op: str = structural(..., "name of the op, such as Tanh")
    attributes: dict[str, Any] = structural({}, "its attributes, such as {transpose_b: true}")

    def build(self, scope: Scope, *inputs: Tensor) -> Tensor:
        operation = scope.graph.add(self.op, inputs, self.attributes)
        if not operation.outputs:
            raise GraphError(f"{self.op} has no output, so no layer can be made of it")
        return operation.outputs[0]
