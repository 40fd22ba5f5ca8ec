"""A learned vector for each of a number of ids."""

from __future__ import annotations

from framework import ops
from framework.errors import GraphError
from framework.fields import structural
from framework.graph import Tensor, show
from framework.layers.base import LAYERS, Layer, Scope
from framework.layers.initializers import InitializerOption, initializer


@LAYERS.register("embedding")
class Embedding(Layer):
    """The vector of each id: integers `[batch]` or `[batch, time]` to `[batch, ..., output_dim]`."""

    input_dim: int | str = structural(..., "number of ids, or a name that the data set declares (vocabulary_size)")
    output_dim: int | str = structural(..., "length of a vector, or a name that the data set declares")
    embeddings_initializer: InitializerOption = initializer("uniform", "first value of the vectors")

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        if x.dtype.name not in ("int32", "int64"):
            raise GraphError(
                f"embedding needs ids, int32 or int64, found {x.dtype} {show(x.shape)}",
                hint="read a feature of ids, such as the tokens of dataset=text, "
                "or insert a layer {type: op, op: Cast, attributes: {DstT: int32}} before it",
            )
        shape = [scope.dimension(self.input_dim), scope.dimension(self.output_dim)]
        return ops.gather(scope.variable("embeddings", shape, self.embeddings_initializer), x)
