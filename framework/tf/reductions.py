"""Numbers that sum tensors up, made of several ops.

Source: https://www.tensorflow.org/api_docs/python/tf/math
"""

from __future__ import annotations

from collections.abc import Sequence

from framework import ops
from framework.graph import Tensor
from framework.ops.apply import TensorLike
from framework.tf.arrays import tensor


def reduce_logsumexp(
    input: TensorLike, axis: TensorLike | None = None, keepdims: bool = False, name: str = "ReduceLogSumExp"
) -> Tensor:
    """log(sum(exp(input))) over some axes, by default all, which overflows for no input.

    Source: https://www.tensorflow.org/api_docs/python/tf/math/reduce_logsumexp
    """
    x = tensor(input)
    with x.graph.name_scope(name) as scope:
        greatest = ops.reduce_max(x, axis, keepdims=True)
        finite = ops.stop_gradient(ops.where(ops.is_finite(greatest), greatest, ops.zeros_like(greatest)))
        total = ops.log(ops.reduce_sum(ops.exp(x - finite), axis, keepdims=keepdims))
        return ops.add(total, finite if keepdims else ops.reshape(finite, ops.shape(total)), name=scope)


def reduce_variance(
    input: TensorLike, axis: TensorLike | None = None, keepdims: bool = False, name: str = "reduce_variance"
) -> Tensor:
    """The mean square distance from the mean, over some axes, by default all."""
    x = tensor(input)
    with x.graph.name_scope(name) as scope:
        squares = ops.square(x - ops.reduce_mean(x, axis, keepdims=True))
        return ops.reduce_mean(squares, axis, keepdims=keepdims, name=scope)


def reduce_std(
    input: TensorLike, axis: TensorLike | None = None, keepdims: bool = False, name: str = "reduce_std"
) -> Tensor:
    """The square root of `reduce_variance`."""
    x = tensor(input)
    with x.graph.name_scope(name) as scope:
        return ops.sqrt(reduce_variance(x, axis, keepdims), name=scope)


def global_norm(t_list: Sequence[TensorLike], name: str = "global_norm") -> Tensor:
    """The Euclidean norm of several tensors, as if they were one vector.

    Source: https://www.tensorflow.org/api_docs/python/tf/linalg/global_norm
    """
    tensors = [tensor(t) for t in t_list]
    with tensors[0].graph.name_scope(name) as scope:
        return ops.sqrt(ops.add_n([ops.reduce_sum(ops.square(t)) for t in tensors]), name=scope)
