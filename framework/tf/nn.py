"""Neural networks: activations, convolutions, pooling, normalisation and losses.

Source: https://www.tensorflow.org/api_docs/python/tf/nn
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from framework import ops
from framework.errors import GraphError
from framework.graph import Tensor, convert_to_tensor, get_default_graph
from framework.ops.apply import TensorLike
from framework.ops.wrappers import (
    avg_pool,
    bias_add,
    conv2d,
    conv3d,
    depthwise_conv2d,
    elu,
    gelu,
    in_top_k,
    l2_loss,
    leaky_relu,
    lrn,
    max_pool,
    max_pool_with_argmax,
    relu,
    relu6,
    selu,
    sigmoid,
    softplus,
    softsign,
    tanh,
    top_k,
)
from framework.tf.arrays import tensor

__all__ = [
    "avg_pool",
    "batch_normalization",
    "bias_add",
    "conv2d",
    "conv2d_transpose",
    "conv3d",
    "depthwise_conv2d",
    "dropout",
    "elu",
    "embedding_lookup",
    "gelu",
    "in_top_k",
    "l2_loss",
    "l2_normalize",
    "leaky_relu",
    "local_response_normalization",
    "log_softmax",
    "lrn",
    "max_pool",
    "max_pool_with_argmax",
    "moments",
    "relu",
    "relu6",
    "selu",
    "separable_conv2d",
    "sigmoid",
    "sigmoid_cross_entropy_with_logits",
    "softmax",
    "softmax_cross_entropy_with_logits",
    "softmax_cross_entropy_with_logits_v2",
    "softplus",
    "softsign",
    "sparse_softmax_cross_entropy_with_logits",
    "swish",
    "tanh",
    "top_k",
]
local_response_normalization = lrn


def softmax(logits: TensorLike, axis: int = -1, name: str = "Softmax") -> Tensor:
    """exp(logits), divided by its sum along an axis."""
    return _along(ops.softmax, logits, axis, name)


def log_softmax(logits: TensorLike, axis: int = -1, name: str = "LogSoftmax") -> Tensor:
    """The logarithm of the softmax along an axis, exact where it is small."""
    return _along(ops.log_softmax, logits, axis, name)


def _along(op: Any, logits: TensorLike, axis: int, name: str) -> Tensor:
    """An op of the last axis, along another one."""
    x = tensor(logits)
    rank = None if x.shape is None else len(x.shape)
    if axis == -1 or (rank is not None and axis == rank - 1):
        return op(x, name=name)
    if rank is None or not -rank <= axis < rank:
        raise GraphError(f"there is no axis {axis} in {x!r}")
    order = list(range(rank))
    order[axis], order[-1] = order[-1], order[axis]
    return ops.transpose(op(ops.transpose(x, order)), order, name=name)


def dropout(x: TensorLike, rate: TensorLike, seed: int | None = None, name: str = "dropout") -> Tensor:
    """x with a fraction `rate` of its elements at zero and the rest divided by 1 - rate. rate: may be a tensor.

    Source: https://www.tensorflow.org/api_docs/python/tf/nn/dropout
    """
    from framework.tf.arrays import random_uniform

    x = tensor(x)
    with x.graph.name_scope(name) as scope:
        rate = convert_to_tensor(rate, x.graph, dtype=x.dtype, name="rate")
        kept = ops.greater_equal(random_uniform(ops.shape(x), dtype=x.dtype, seed=seed), rate)
        return ops.where(kept, x / (1.0 - rate), ops.zeros_like(x), name=scope)


def softmax_cross_entropy_with_logits(
    labels: TensorLike, logits: TensorLike, name: str = "softmax_cross_entropy_with_logits"
) -> Tensor:
    """[batch]: the cross-entropy of the softmax of `logits` [batch, classes] with the probabilities `labels`."""
    return ops.softmax_cross_entropy_with_logits(logits, labels, name=name)[0]


def sparse_softmax_cross_entropy_with_logits(
    labels: TensorLike, logits: TensorLike, name: str = "sparse_softmax_cross_entropy_with_logits"
) -> Tensor:
    """[batch]: the cross-entropy of the softmax of `logits` [batch, classes] with the class numbers `labels`."""
    return ops.sparse_softmax_cross_entropy_with_logits(logits, labels, name=name)[0]


def sigmoid_cross_entropy_with_logits(labels: TensorLike, logits: TensorLike, name: str = "logistic_loss") -> Tensor:
    """The cross-entropy of the sigmoid of `logits` with the probabilities `labels`, elementwise.

    Source: https://www.tensorflow.org/api_docs/python/tf/nn/sigmoid_cross_entropy_with_logits
    """
    x = tensor(logits)
    with x.graph.name_scope(name) as scope:
        return ops.add(ops.relu(x) - x * labels, ops.log1p(ops.exp(-ops.abs(x))), name=scope)


def moments(x: TensorLike, axes: Sequence[int], keepdims: bool = False, name: str = "moments") -> tuple[Tensor, Tensor]:
    """The mean and the variance over some axes."""
    x = tensor(x)
    with x.graph.name_scope(name):
        mean = ops.reduce_mean(x, list(axes), keepdims=True, name="mean")
        variance = ops.reduce_mean(ops.squared_difference(x, ops.stop_gradient(mean)), list(axes), keepdims=keepdims)
        return (mean if keepdims else ops.squeeze(mean, axis=list(axes))), variance


def batch_normalization(
    x: TensorLike,
    mean: TensorLike,
    variance: TensorLike,
    offset: TensorLike | None,
    scale: TensorLike | None,
    variance_epsilon: float,
    name: str = "batchnorm",
) -> Tensor:
    """(x - mean) / sqrt(variance + variance_epsilon) * scale + offset, under broadcasting.

    Source: https://www.tensorflow.org/api_docs/python/tf/nn/batch_normalization
    """
    x = tensor(x)
    with x.graph.name_scope(name) as scope:
        factor = ops.rsqrt(ops.add(variance, variance_epsilon))
        factor = factor if scale is None else factor * scale
        shift = -factor * mean if offset is None else offset - factor * mean
        return ops.add(x * factor, shift, name=scope)


def separable_conv2d(
    input: TensorLike,
    depthwise_filter: TensorLike,
    pointwise_filter: TensorLike,
    strides: Sequence[int],
    padding: str,
    name: str = "separable_conv2d",
) -> Tensor:
    """A convolution of each channel by itself, and one of a pixel over all channels behind it.

    depthwise_filter: [height, width, channels, filters of a channel]; pointwise_filter: [1, 1, all of those, filters].
    strides: of the first. Raises GraphError for shapes that do not fit.

    Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/nn/separable_conv2d
    """
    with get_default_graph().name_scope(name):
        found = depthwise_conv2d(input, depthwise_filter, strides=strides, padding=padding, name="depthwise")
        return conv2d(found, pointwise_filter, strides=[1, 1, 1, 1], padding="VALID")


def conv2d_transpose(
    input: TensorLike,
    filter: TensorLike,
    output_shape: TensorLike,
    strides: Sequence[int],
    padding: str = "SAME",
    data_format: str = "NHWC",
    name: str = "conv2d_transpose",
) -> Tensor:
    """The gradient of a convolution by its input. filter: [height, width, output channels, input channels].

    Source: https://www.tensorflow.org/api_docs/python/tf/nn/conv2d_transpose
    """
    return ops.conv2d_backprop_input(output_shape, filter, input, strides, padding, data_format=data_format, name=name)


def embedding_lookup(params: TensorLike, ids: TensorLike, name: str = "embedding_lookup") -> Tensor:
    """The rows of `params` that `ids` name: [*ids, *row]."""
    return ops.gather(params, ids, name=name)


def l2_normalize(x: TensorLike, axis: TensorLike, epsilon: float = 1e-12, name: str = "l2_normalize") -> Tensor:
    """x divided by its Euclidean norm along some axes.

    Source: https://www.tensorflow.org/api_docs/python/tf/math/l2_normalize
    """
    x = tensor(x)
    with get_default_graph().name_scope(name) as scope:
        squares = ops.reduce_sum(ops.square(x), axis, keepdims=True)
        return ops.multiply(x, ops.rsqrt(ops.maximum(squares, epsilon)), name=scope)


def swish(features: TensorLike, name: str = "swish") -> Tensor:
    """x * sigmoid(x) (Ramachandran et al., 2017)."""
    with get_default_graph().name_scope(name):
        features = tensor(features)
        return ops.multiply(features, sigmoid(features))


softmax_cross_entropy_with_logits_v2 = softmax_cross_entropy_with_logits
