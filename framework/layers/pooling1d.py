"""Pooling over windows of sequences and over whole sequences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from framework import ops
from framework.fields import structural
from framework.graph import Tensor
from framework.layers.base import LAYERS, Layer, Scope
from framework.layers.convolution import Padding
from framework.layers.convolution1d import sequence_shape


class Pool1D(Layer):
    """Reduces each window of `[batch, length, channels]` to one element."""

    operation: ClassVar[Callable[..., Any]]

    pool_size: int = structural(2, "length of the window", unit="elements", ge=1)
    strides: int | None = structural(None, "step of the window; its length when left out", unit="elements", ge=1)
    padding: Padding = structural("valid", "same: windows may overlap the ends; valid: inside the sequence only")

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        sequence_shape(x, LAYERS.name_of(self))
        strides = self.strides or self.pool_size
        y = type(self).operation(
            ops.expand_dims(x, 1),
            ksize=[1, 1, self.pool_size, 1],
            strides=[1, 1, strides, 1],
            padding=self.padding.upper(),
        )
        return ops.squeeze(y, axis=[1])


@LAYERS.register("max_pool1d")
class MaxPool1D(Pool1D):
    """The greatest element of each window."""

    operation = ops.max_pool


@LAYERS.register("average_pool1d")
class AveragePool1D(Pool1D):
    """The mean of each window."""

    operation = ops.avg_pool


@LAYERS.register("global_average_pool1d")
class GlobalAveragePool1D(Layer):
    """The mean over the length: `[batch, length, channels]` to `[batch, channels]`."""

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        sequence_shape(x, "global_average_pool1d")
        return ops.reduce_mean(x, [1])


@LAYERS.register("global_max_pool1d")
class GlobalMaxPool1D(Layer):
    """The greatest over the length: `[batch, length, channels]` to `[batch, channels]`."""

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        sequence_shape(x, "global_max_pool1d")
        return ops.reduce_max(x, [1])
