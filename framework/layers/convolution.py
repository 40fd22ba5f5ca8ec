"""The two-dimensional convolution."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from framework import ops
from framework.errors import GraphError
from framework.fields import structural
from framework.graph import Tensor, show
from framework.layers.activations import ActivationName, activate, activation
from framework.layers.base import LAYERS, Layer, Scope
from framework.layers.initializers import InitializerOption, initializer

Side = Annotated[int, Field(ge=1)]
# YAML has lists where Python has tuples.
Sides = Side | Annotated[tuple[Side, Side], Strict(False)]
Padding = Literal["same", "valid"]


def pair(sides: int | tuple[int, int]) -> tuple[int, int]:
    """Height and width from one number for both, or from the two."""
    return (sides, sides) if isinstance(sides, int) else sides


def image_shape(x: Tensor, layer: str) -> tuple[int, int, int]:
    """Height, width and channels of `[batch, height, width, channels]`. Raises GraphError for any other shape."""
    shape = x.shape
    if shape is None or len(shape) != 4:
        raise GraphError(
            f"{layer} needs a rank-4 input [batch, height, width, channels], found {x.dtype} {show(shape)}",
            hint="insert a layer {type: reshape, shape: [height, width, channels]} before it",
        )
    _, height, width, channels = shape
    if height is None or width is None or channels is None:
        raise GraphError(f"{layer} needs a known height, width and number of channels, found {show(shape)}")
    return height, width, channels


def check_groups(layer: str, groups: int, channels: int, filters: int) -> None:
    """Raises GraphError unless the channels and the filters fall into so many groups of one size."""
    if channels % groups or filters % groups:
        raise GraphError(
            f"{layer}: groups must divide the input's channels and the filters, "
            f"found groups {groups}, channels {channels}, filters {filters}"
        )


@LAYERS.register("conv2d")
class Conv2D(Layer):
    """Cross-correlation of `[batch, height, width, channels]` with `filters` windows, plus a bias.

    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Conv2D
    """

    filters: int | str = structural(..., "number of output channels, or a name that the data set declares")
    kernel_size: Sides = structural(..., "height and width of the window", unit="pixels")
    strides: Sides = structural(1, "step of the window", unit="pixels")
    padding: Padding = structural("same", "same: zeros around the image; valid: windows inside the image only")
    dilation_rate: Sides = structural(1, "distance between the elements of the window", unit="pixels")
    groups: int = structural(1, "number of groups of channels that do not see each other", ge=1)
    activation: ActivationName | None = activation()
    use_bias: bool = structural(True, "whether a bias is added")
    kernel_initializer: InitializerOption = initializer("glorot_uniform", "first value of the kernel")
    bias_initializer: InitializerOption = initializer("zeros", "first value of the bias")

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        _, _, channels = image_shape(x, "conv2d")
        filters = scope.dimension(self.filters)
        check_groups("conv2d", self.groups, channels, filters)
        window = [*pair(self.kernel_size), channels // self.groups, filters]
        kernel = scope.variable("kernel", window, self.kernel_initializer)
        y = ops.conv2d(
            x,
            kernel,
            strides=[1, *pair(self.strides), 1],
            dilations=[1, *pair(self.dilation_rate), 1],
            padding=self.padding.upper(),
        )
        if self.use_bias:
            y = ops.bias_add(y, scope.variable("bias", [filters], self.bias_initializer))
        return activate(y, self.activation)
