"""Attention of several heads."""

from __future__ import annotations

from framework import ops
from framework.errors import GraphError
from framework.fields import structural, value
from framework.graph import Tensor, show
from framework.layers.base import LAYERS, Layer, Mode, Scope
from framework.layers.convolution1d import sequence_shape
from framework.layers.dense import affine
from framework.layers.dropout import drop
from framework.layers.initializers import InitializerOption, initializer

_HIDDEN = -3e4  # added to the score of what is not to be read: its weight is 0, and float16 holds it


@LAYERS.register("multi_head_attention")
class MultiHeadAttention(Layer):
    """Each element of a sequence reads the elements of a sequence, `[batch, time, width]` to `[batch, time, width]`.

    It reads its own sequence where the layer has one input; of two, the first reads the second. Each head weighs
    `value` by `softmax(query key' / sqrt(key_dim))`; the output is projected back to the width of the input.
    Source: Vaswani et al., NeurIPS 2017.
    """

    arity = None

    heads: int = structural(..., "number of heads", ge=1)
    key_dim: int | None = structural(None, "size of a head; by default the width divided by the heads", ge=1)
    causal: bool = structural(False, "whether an element reads only those up to its own place")
    mask: str | None = structural(
        None, "name of a tensor [batch, time] of integers or booleans, 0 for the elements that are not to be read"
    )
    dropout: float | None = value(None, "fraction of the weights set to zero while training", ge=0, lt=1)
    use_bias: bool = structural(True, "whether the four projections add a bias")
    kernel_initializer: InitializerOption = initializer("glorot_uniform", "first value of the four kernels")
    bias_initializer: InitializerOption = initializer("zeros", "first value of the four biases")

    def build(self, scope: Scope, *inputs: Tensor) -> Tensor:
        reader, *others = inputs
        if len(others) > 1:
            raise GraphError(f"multi_head_attention reads one sequence, or a query and a memory; found {len(inputs)}")
        memory = others[0] if others else reader
        time, width = sequence_shape(reader, "multi_head_attention")
        other_time, _ = sequence_shape(memory, "multi_head_attention")
        depth = self._depth(width)
        query, key, values = (
            ops.reshape(self._project(scope, x, self.heads * depth, name), [-1, length, self.heads, depth])
            for name, x, length in (("query", reader, time), ("key", memory, other_time), ("value", memory, other_time))
        )
        bias = [] if self.mask is None else [_bias(scope.tensor(self.mask), other_time, reader)]
        factor = self._kept(scope, reader, [self.heads, time, other_time])
        read = ops.attention(query, key, values, bias, factor, depth**-0.5, causal=self.causal)
        return self._project(scope, ops.reshape(read, [-1, time, self.heads * depth]), width, "output")

    def _depth(self, width: int) -> int:
        if self.key_dim is not None:
            return self.key_dim
        if width % self.heads:
            allowed = ", ".join(str(n) for n in range(1, width + 1) if width % n == 0)
            raise GraphError(
                f"multi_head_attention: {self.heads} heads do not divide the width {width}",
                hint=f"set heads to one of {allowed}, or set key_dim",
            )
        return width // self.heads

    def _project(self, scope: Scope, x: Tensor, units: int, name: str) -> Tensor:
        bias_initializer = self.bias_initializer if self.use_bias else None
        return affine(scope, x, units, self.kernel_initializer, bias_initializer, f"{name}/")

    def _kept(self, scope: Scope, x: Tensor, shape: list[int]) -> list[Tensor]:
        """What the weights are multiplied by, where some of them are dropped."""
        if self.dropout is None or scope.mode is not Mode.TRAIN:
            return []
        examples = ops.strided_slice(ops.shape(x), [0], [1], [1])
        ones = ops.fill(ops.concat([examples, shape], 0), ops.constant(1.0, x.dtype, graph=scope.graph))
        return [drop(scope, ones, "dropout", self.dropout)]


def _bias(mask: Tensor, time: int, like: Tensor) -> Tensor:
    """A mask as what is added to the scores, `[batch, 1, 1, time]`."""
    is_fitting = mask.shape is not None and len(mask.shape) == 2 and mask.shape[1] == time
    if not is_fitting or not (mask.dtype.is_integer or mask.dtype.name == "bool"):
        raise GraphError(
            f"multi_head_attention: the mask must be integers or booleans [batch, {time}], "
            f"found {mask.dtype} {show(mask.shape)}"
        )
    is_read = mask if mask.dtype.name == "bool" else ops.not_equal(mask, 0)
    read, hidden = (ops.constant(number, like.dtype, graph=like.graph) for number in (0.0, _HIDDEN))
    return ops.where(ops.reshape(is_read, [-1, 1, 1, time]), read, hidden)
