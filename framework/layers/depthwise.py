"""Convolutions that read each channel by itself, and maybe all channels of a pixel afterwards."""

from __future__ import annotations

from framework import ops
from framework.errors import GraphError
from framework.fields import structural
from framework.graph import Tensor
from framework.layers.activations import ActivationName, activate, activation
from framework.layers.base import LAYERS, Layer, Scope
from framework.layers.convolution import Padding, Sides, image_shape, pair
from framework.layers.initializers import InitializerOption, initializer


class Depthwise(Layer):
    """What both have in common: windows for each channel, then a bias and an activation."""

    kernel_size: Sides = structural(..., "height and width of the window", unit="pixels")
    strides: int = structural(1, "step of the window", unit="pixels", ge=1)
    padding: Padding = structural("same", "same: zeros around the image; valid: windows inside the image only")
    dilation_rate: Sides = structural(1, "distance between the elements of the window", unit="pixels")
    depth_multiplier: int = structural(1, "number of windows for each input channel", ge=1)
    activation: ActivationName | None = activation()
    use_bias: bool = structural(True, "whether a bias is added")
    depthwise_initializer: InitializerOption = initializer("glorot_uniform", "first value of the windows")
    bias_initializer: InitializerOption = initializer("zeros", "first value of the bias")

    def depthwise(self, scope: Scope, x: Tensor, kernel: str) -> tuple[Tensor, int]:
        """What comes of the windows, which are the variable `kernel`, and how many channels it has."""
        name, dilations = LAYERS.name_of(self), pair(self.dilation_rate)
        _, _, channels = image_shape(x, name)
        if self.strides > 1 and dilations != (1, 1):
            raise GraphError(f"{name} takes strides or a dilation_rate, found {self.strides} and {list(dilations)}")
        window = [*pair(self.kernel_size), channels, self.depth_multiplier]
        y = ops.depthwise_conv2d(
            x,
            scope.variable(kernel, window, self.depthwise_initializer),
            strides=[1, self.strides, self.strides, 1],
            dilations=[1, *dilations, 1],
            padding=self.padding.upper(),
        )
        return y, channels * self.depth_multiplier

    def finish(self, scope: Scope, y: Tensor, channels: int) -> Tensor:
        """`y` plus the bias, through the activation."""
        if self.use_bias:
            y = ops.bias_add(y, scope.variable("bias", [channels], self.bias_initializer))
        return activate(y, self.activation)


@LAYERS.register("depthwise_conv2d")
class DepthwiseConv2D(Depthwise):
    """Cross-correlation of each channel of `[batch, height, width, channels]` with windows of its own, plus a bias.

    The output has `channels * depth_multiplier` channels, those of one input channel side by side.
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/DepthwiseConv2dNative
    """

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        return self.finish(scope, *self.depthwise(scope, x, "kernel"))


@LAYERS.register("separable_conv2d")
class SeparableConv2D(Depthwise):
    """A depthwise convolution, and behind it one of 1 x 1 windows that mixes the channels, plus a bias.

    Source: Chollet, CVPR 2017.
    """

    filters: int | str = structural(..., "number of output channels, or a name that the data set declares")
    pointwise_initializer: InitializerOption = initializer("glorot_uniform", "first value of the 1 x 1 windows")

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        y, channels = self.depthwise(scope, x, "depthwise_kernel")
        filters = scope.dimension(self.filters)
        kernel = scope.variable("pointwise_kernel", [1, 1, channels, filters], self.pointwise_initializer)
        return self.finish(scope, ops.conv2d(y, kernel, strides=[1, 1, 1, 1], padding="VALID"), filters)
