"""The transposed convolution, which makes images larger."""

from __future__ import annotations

from framework import ops
from framework.fields import structural
from framework.graph import Tensor
from framework.layers.activations import ActivationName, activate, activation
from framework.layers.base import LAYERS, Layer, Scope
from framework.layers.convolution import Padding, Sides, image_shape, pair
from framework.layers.initializers import InitializerOption, initializer


@LAYERS.register("conv2d_transpose")
class Conv2DTranspose(Layer):
    """What the gradient of a convolution does with `[batch, height, width, channels]`, plus a bias.

    With padding `same` the output is `strides` times as high and wide; with `valid` larger still, where the window is
    larger than the stride. Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Conv2DBackpropInput
    """

    filters: int | str = structural(..., "number of output channels, or a name that the data set declares")
    kernel_size: Sides = structural(..., "height and width of the window", unit="pixels")
    strides: Sides = structural(1, "distance in the output between neighbours of the input", unit="pixels")
    padding: Padding = structural("same", "same: windows cut off at the edge; valid: whole windows")
    activation: ActivationName | None = activation()
    use_bias: bool = structural(True, "whether a bias is added")
    kernel_initializer: InitializerOption = initializer("glorot_uniform", "first value of the kernel")
    bias_initializer: InitializerOption = initializer("zeros", "first value of the bias")

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        height, width, channels = image_shape(x, "conv2d_transpose")
        filters, window, strides = scope.dimension(self.filters), pair(self.kernel_size), pair(self.strides)
        size = [
            length * stride + (max(reach - stride, 0) if self.padding == "valid" else 0)
            for length, stride, reach in zip((height, width), strides, window, strict=True)
        ]
        examples = ops.strided_slice(ops.shape(x), [0], [1], [1])
        y = ops.conv2d_backprop_input(
            ops.concat([examples, [*size, filters]], 0),
            scope.variable("kernel", [*window, filters, channels], self.kernel_initializer),
            x,
            strides=[1, *strides, 1],
            padding=self.padding.upper(),
        )
        y = ops.reshape(y, [-1, *size, filters])  # where the batch is unknown, so is the shape that was computed
        if self.use_bias:
            y = ops.bias_add(y, scope.variable("bias", [filters], self.bias_initializer))
        return activate(y, self.activation)
