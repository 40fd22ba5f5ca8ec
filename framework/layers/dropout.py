"""Dropout."""

from __future__ import annotations

from framework import ops
from framework.fields import value
from framework.graph import Tensor
from framework.layers.base import LAYERS, Layer, Mode, Scope
from framework.layers.convolution import image_shape
from framework.ops.precision import narrowed


@LAYERS.register("dropout")
class Dropout(Layer):
    """While training, sets elements to zero at random and scales the rest so that the sum is kept in expectation.

    Source: Srivastava et al., JMLR 2014.
    """

    rate: float | None = value(
        ..., "fraction of the elements set to zero; null draws nothing, and is compiled apart", ge=0, lt=1
    )

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        return drop(scope, x, "rate", self.rate)


def drop(scope: Scope, x: Tensor, field: str, fraction: float | None) -> Tensor:
    """x with a fraction of its elements dropped while training; `field` is the option that says it. None drops none."""
    if fraction is None or scope.mode is not Mode.TRAIN:
        return x
    return _dropped(scope, x, field, fraction, ops.shape(x))


def _dropped(scope: Scope, x: Tensor, field: str, fraction: float, shape: Tensor) -> Tensor:
    """x with a fraction of its elements at zero, and the rest scaled; what is drawn has a shape that broadcasts."""
    rate = scope.value(field, fraction, exact=True)  # random bfloat16 numbers below 1 have 128 values
    kept = ops.greater_equal(ops.random_uniform(shape, dtype="float32"), rate)
    return ops.where(kept, x / narrowed(1.0 - rate, x), ops.zeros_like(x))


@LAYERS.register("spatial_dropout2d")
class SpatialDropout2D(Layer):
    """While training, sets whole channels of `[batch, height, width, channels]` to zero, as dropout does elements.

    Source: Tompson et al., CVPR 2015.
    """

    rate: float = value(..., "fraction of the channels set to zero", ge=0, lt=1)

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        _, _, channels = image_shape(x, "spatial_dropout2d")
        if scope.mode is not Mode.TRAIN:
            return x
        examples = ops.strided_slice(ops.shape(x), [0], [1], [1])
        return _dropped(scope, x, "rate", self.rate, ops.concat([examples, [1, 1, channels]], 0))
