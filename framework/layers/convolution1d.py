"""The one-dimensional convolution."""

from __future__ import annotations

from typing import Literal

from framework import ops
from framework.errors import GraphError
from framework.fields import structural
from framework.graph import Tensor, show
from framework.layers.activations import ActivationName, activate, activation
from framework.layers.base import LAYERS, Layer, Scope
from framework.layers.convolution import check_groups
from framework.layers.initializers import InitializerOption, initializer


def sequence_shape(x: Tensor, layer: str) -> tuple[int, int]:
    """Length and channels of `[batch, length, channels]`. Raises GraphError for any other shape."""
    if x.shape is None or len(x.shape) != 3:
        raise GraphError(
            f"{layer} needs a rank-3 input [batch, length, channels], found {x.dtype} {show(x.shape)}",
            hint="insert a layer {type: reshape, shape: [length, channels]} before it",
        )
    _, length, channels = x.shape
    if length is None or channels is None:
        raise GraphError(f"{layer} needs a known length and number of channels, found {show(x.shape)}")
    return length, channels


@LAYERS.register("conv1d")
class Conv1D(Layer):
    """Cross-correlation of `[batch, length, channels]` with `filters` windows, plus a bias.

    It is the two-dimensional one of an image of height 1.
    """

    filters: int | str = structural(..., "number of output channels, or a name that the data set declares")
    kernel_size: int = structural(..., "length of the window", unit="elements", ge=1)
    strides: int = structural(1, "step of the window", unit="elements", ge=1)
    padding: Literal["same", "valid", "causal"] = structural(
        "same",
        "same: zeros at both ends; valid: windows inside the sequence only; causal: zeros before it, so that no "
        "output sees what comes after it",
    )
    dilation_rate: int = structural(1, "distance between the elements of the window", unit="elements", ge=1)
    groups: int = structural(1, "number of groups of channels that do not see each other", ge=1)
    activation: ActivationName | None = activation()
    use_bias: bool = structural(True, "whether a bias is added")
    kernel_initializer: InitializerOption = initializer("glorot_uniform", "first value of the kernel")
    bias_initializer: InitializerOption = initializer("zeros", "first value of the bias")

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        _, channels = sequence_shape(x, "conv1d")
        filters = scope.dimension(self.filters)
        check_groups("conv1d", self.groups, channels, filters)
        kernel = scope.variable("kernel", [self.kernel_size, channels // self.groups, filters], self.kernel_initializer)
        if self.padding == "causal":
            x = ops.pad(x, [[0, 0], [self.dilation_rate * (self.kernel_size - 1), 0], [0, 0]])
        y = ops.conv2d(
            ops.expand_dims(x, 1),
            ops.expand_dims(kernel, 0),
            strides=[1, 1, self.strides, 1],
            dilations=[1, 1, self.dilation_rate, 1],
            padding="SAME" if self.padding == "same" else "VALID",
        )
        y = ops.squeeze(y, axis=[1])
        if self.use_bias:
            y = ops.bias_add(y, scope.variable("bias", [filters], self.bias_initializer))
        return activate(y, self.activation)
