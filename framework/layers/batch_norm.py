"""Batch normalisation."""

from __future__ import annotations

import math

from framework import ops
from framework.errors import GraphError
from framework.fields import structural, value
from framework.graph import Tensor, show
from framework.layers.activations import ActivationName, activate, activation
from framework.layers.base import LAYERS, Layer, Mode, Scope
from framework.layers.initializers import Ones, Zeros
from framework.ops.precision import narrowed, widened


@LAYERS.register("batch_norm")
class BatchNorm(Layer):
    """Normalises each channel (the last axis) over the batch while training, by moving averages afterwards.

    Rows that only pad the last batch do not count. Source: Ioffe and Szegedy, ICML 2015.
    """

    momentum: float = value(0.9, "share of a moving average that stays at each step", ge=0, lt=1)
    epsilon: float = structural(1e-3, "added to the variance", gt=0)
    center: bool = structural(True, "whether a learned offset is added")
    scale: bool = structural(True, "whether a learned factor is applied")
    activation: ActivationName | None = activation()

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        if x.shape is None or len(x.shape) < 2 or x.shape[-1] is None:
            raise GraphError(f"batch_norm needs an input [batch, ..., channels], found {x.dtype} {show(x.shape)}")
        channels = [x.shape[-1]]
        offset = scope.variable("beta", channels, Zeros(), exact=True) if self.center else ops.fill(channels, 0.0)
        factor = scope.variable("gamma", channels, Ones(), exact=True) if self.scale else ops.fill(channels, 1.0)
        mean = scope.variable("moving_mean", channels, Zeros(), trainable=False)
        variance = scope.variable("moving_variance", channels, Ones(), trainable=False)
        if scope.mode is not Mode.TRAIN:
            y, *_ = _fused(x, factor, offset, mean, variance, self.epsilon, is_training=False)
            return activate(y, self.activation)
        if scope.weights is None:
            y, new_mean, new_variance = _fused(x, factor, offset, mean, variance, self.epsilon, is_training=True)
        else:
            y, new_mean, new_variance = _weighted(widened(x), factor, offset, scope.weights, self.epsilon)
            y = narrowed(y, x)
        momentum = scope.value("momentum", self.momentum, exact=True)
        scope.update(mean, mean * momentum + new_mean * (1.0 - momentum))
        scope.update(variance, variance * momentum + new_variance * (1.0 - momentum))
        return activate(y, self.activation)


def _fused(
    x: Tensor, factor: Tensor, offset: Tensor, mean: Tensor, variance: Tensor, epsilon: float, *, is_training: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """The normalised tensor, and the mean and unbiased variance `[channels]` of the batch."""
    inner = list(x.shape or ())[1:]
    is_image = len(inner) == 3
    rows = x if is_image else ops.reshape(x, [-1, 1, 1, inner[-1]])
    y, new_mean, new_variance, *_ = ops.fused_batch_norm(
        rows, factor, offset, mean, variance, epsilon=epsilon, is_training=is_training
    )
    if not is_image:
        y = ops.reshape(y, ops.shape(x) if None in inner else [-1, *inner])
    return y, new_mean, new_variance


def _weighted(
    x: Tensor, factor: Tensor, offset: Tensor, weights: Tensor, epsilon: float
) -> tuple[Tensor, Tensor, Tensor]:
    """The same over the rows of weight 1 alone: the fused op knows no weights."""
    shape = x.shape or ()
    axes = list(range(len(shape) - 1))
    each = ops.reshape(weights, [-1, *(1 for _ in axes)])
    count = ops.reduce_sum(weights) * float(math.prod(d or 1 for d in shape[1:-1]))
    mean = ops.reduce_sum(x * each, axes) / count
    variance = ops.reduce_sum(ops.square(x - mean) * each, axes) / count
    inverse = ops.rsqrt(variance + epsilon) * factor
    unbiased = variance * (count / ops.maximum(count - 1.0, 1.0))
    return x * inverse + (offset - mean * inverse), mean, unbiased
