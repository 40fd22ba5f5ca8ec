"""The fully connected layer."""

from __future__ import annotations

from framework import ops
from framework.errors import GraphError
from framework.fields import structural
from framework.graph import Tensor, show
from framework.layers.activations import ActivationName, activate, activation
from framework.layers.base import LAYERS, Layer, Scope
from framework.layers.initializers import InitializerOption, initializer


@LAYERS.register("dense")
class Dense(Layer):
    """`activation(x @ kernel + bias)`: `[batch, features]` to `[batch, units]`."""

    units: int | str = structural(..., "size of the output, or the name of a number that the data set declares")
    activation: ActivationName | None = activation()
    use_bias: bool = structural(True, "whether a bias is added")
    kernel_initializer: InitializerOption = initializer("glorot_uniform", "first value of the kernel")
    bias_initializer: InitializerOption = initializer("zeros", "first value of the bias")

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        if x.shape is None or len(x.shape) != 2 or x.shape[1] is None:
            hint = "insert a layer {type: flatten} between them" if x.shape is not None and len(x.shape) > 2 else None
            raise GraphError(
                f"dense needs a rank-2 input [batch, features], found {x.dtype} {show(x.shape)}", hint=hint
            )
        units = scope.dimension(self.units)
        kernel = scope.variable("kernel", [x.shape[1], units], self.kernel_initializer)
        y = ops.matmul(x, kernel)
        if self.use_bias:
            y = ops.bias_add(y, scope.variable("bias", [units], self.bias_initializer))
        return activate(y, self.activation)
