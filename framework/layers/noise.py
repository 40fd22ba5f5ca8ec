"""Noise that is added or multiplied while training."""

from __future__ import annotations

from framework import ops
from framework.fields import value
from framework.graph import Tensor
from framework.layers.base import LAYERS, Layer, Mode, Scope


@LAYERS.register("gaussian_noise")
class GaussianNoise(Layer):
    """While training, adds normally distributed numbers of mean 0."""

    stddev: float = value(..., "standard deviation of what is added", ge=0)

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        if scope.mode is not Mode.TRAIN:
            return x
        return x + ops.random_normal(ops.shape(x), dtype=x.dtype) * scope.value("stddev", self.stddev)


@LAYERS.register("gaussian_dropout")
class GaussianDropout(Layer):
    """While training, multiplies by normally distributed numbers of mean 1 and variance rate / (1 - rate).

    Source: Srivastava et al., JMLR 2014, section 10.
    """

    rate: float = value(..., "the fraction that dropout of the same variance would set to zero", ge=0, lt=1)

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        if scope.mode is not Mode.TRAIN:
            return x
        rate = scope.value("rate", self.rate)
        return x * (1.0 + ops.random_normal(ops.shape(x), dtype=x.dtype) * ops.sqrt(rate / (1.0 - rate)))
