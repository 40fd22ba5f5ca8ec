"""Pooling over windows and over whole images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from framework import ops
from framework.fields import structural
from framework.graph import Tensor
from framework.layers.base import LAYERS, Layer, Scope
from framework.layers.convolution import Padding, Sides, image_shape, pair


class Pool2D(Layer):
    """Reduces each window of `[batch, height, width, channels]` to one element."""

    operation: ClassVar[Callable[..., Any]]
    name: ClassVar[str]

    pool_size: Sides = structural(2, "height and width of the window", unit="pixels")
    strides: Sides | None = structural(None, "step of the window; its size when left out", unit="pixels")
    padding: Padding = structural("valid", "same: windows may overlap the edge; valid: inside the image only")

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        image_shape(x, self.name)
        size = pair(self.pool_size)
        strides = size if self.strides is None else pair(self.strides)
        return type(self).operation(x, ksize=[1, *size, 1], strides=[1, *strides, 1], padding=self.padding.upper())


@LAYERS.register("max_pool2d")
class MaxPool2D(Pool2D):
    """The greatest element of each window. Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/MaxPool"""

    operation = ops.max_pool
    name = "max_pool2d"


@LAYERS.register("average_pool2d")
class AveragePool2D(Pool2D):
    """The mean of each window. Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/AvgPool"""

    operation = ops.avg_pool
    name = "average_pool2d"


@LAYERS.register("global_average_pool2d")
class GlobalAveragePool2D(Layer):
    """The mean over height and width: `[batch, height, width, channels]` to `[batch, channels]`."""

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        image_shape(x, "global_average_pool2d")
        return ops.reduce_mean(x, [1, 2])


@LAYERS.register("global_max_pool2d")
class GlobalMaxPool2D(Layer):
    """The greatest over height and width: `[batch, height, width, channels]` to `[batch, channels]`."""

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        image_shape(x, "global_max_pool2d")
        return ops.reduce_max(x, [1, 2])
