"""The fully connected layer."""

from __future__ import annotations

from framework import ops
from framework.errors import GraphError
from framework.fields import structural
from framework.graph import Tensor, show
from framework.layers.activations import ActivationName, activate, activation
from framework.layers.base import LAYERS, Initializer, Layer, Scope
from framework.layers.initializers import InitializerOption, initializer


@LAYERS.register("dense")
class Dense(Layer):
    """`activation(x @ kernel + bias)`: `[batch, features]` to `[batch, units]`.

    Of a sequence `[batch, time, features]`, each element alike, to `[batch, time, units]`.
    """

    units: int | str = structural(..., "size of the output, or the name of a number that the data set declares")
    activation: ActivationName | None = activation()
    use_bias: bool = structural(True, "whether a bias is added")
    kernel_initializer: InitializerOption = initializer("glorot_uniform", "first value of the kernel")
    bias_initializer: InitializerOption = initializer("zeros", "first value of the bias")

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        if x.shape is None or len(x.shape) not in (2, 3) or None in x.shape[1:]:
            hint = "insert a layer {type: flatten} between them" if x.shape is not None and len(x.shape) > 3 else None
            raise GraphError(
                f"dense needs a rank-2 input [batch, features], found {x.dtype} {show(x.shape)}", hint=hint
            )
        units = scope.dimension(self.units)
        bias_initializer = self.bias_initializer if self.use_bias else None
        return activate(affine(scope, x, units, self.kernel_initializer, bias_initializer), self.activation)


def affine(
    scope: Scope,
    x: Tensor,
    units: int,
    kernel_initializer: Initializer,
    bias_initializer: Initializer | None,
    prefix: str = "",
) -> Tensor:
    """`x @ kernel + bias` along the last axis: `[batch, ..., features]` to `[batch, ..., units]`.

    bias_initializer: None for no bias. prefix: of the names of the two variables.
    """
    shape = [d or -1 for d in x.shape or ()]  # only the batch may be unknown
    inner, features = shape[1:-1], shape[-1]
    kernel = scope.variable(f"{prefix}kernel", [features, units], kernel_initializer)
    y = ops.matmul(ops.reshape(x, [-1, features]) if inner else x, kernel)
    if bias_initializer is not None:
        y = ops.bias_add(y, scope.variable(f"{prefix}bias", [units], bias_initializer))
    return ops.reshape(y, [-1, *inner, units]) if inner else y
