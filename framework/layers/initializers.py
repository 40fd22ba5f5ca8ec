"""Initialisers: how a variable gets its first value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from framework import ops
from framework.fields import structural, value
from framework.graph import Tensor
from framework.layers.base import INITIALIZERS, Initializer, Scope


@INITIALIZERS.register("zeros")
class Zeros(Initializer):
    """Every element 0."""

    def build(self, scope: Scope, shape: Sequence[int]) -> Tensor:
        return ops.fill(list(shape), 0.0)


@INITIALIZERS.register("ones")
class Ones(Initializer):
    """Every element 1."""

    def build(self, scope: Scope, shape: Sequence[int]) -> Tensor:
        return ops.fill(list(shape), 1.0)


@INITIALIZERS.register("constant")
class Constant(Initializer):
    """Every element the same number."""

    value: float = value(0.0, "the number that every element gets")

    def build(self, scope: Scope, shape: Sequence[int]) -> Tensor:
        return ops.fill(list(shape), scope.value("value", self.value))


@INITIALIZERS.register("normal")
class Normal(Initializer):
    """Drawn from a normal distribution."""

    mean: float = value(0.0, "mean of the distribution")
    stddev: float = value(0.05, "standard deviation of the distribution", ge=0)

    def build(self, scope: Scope, shape: Sequence[int]) -> Tensor:
        drawn = ops.random_normal(list(shape), dtype="float32")
        return drawn * scope.value("stddev", self.stddev) + scope.value("mean", self.mean)


@INITIALIZERS.register("uniform")
class Uniform(Initializer):
    """Drawn from a uniform distribution."""

    low: float = value(-0.05, "lower end of the interval")
    high: float = value(0.05, "upper end of the interval")

    def build(self, scope: Scope, shape: Sequence[int]) -> Tensor:
        low, high = scope.value("low", self.low), scope.value("high", self.high)
        return ops.random_uniform(list(shape), dtype="float32") * (high - low) + low


class VarianceScaling(Initializer):
    """Drawn so that the variance is `scale / fan`, a choice of distribution and of fan."""

    gain: ClassVar[float]
    fan: ClassVar[Literal["in", "average"]]
    is_normal: ClassVar[bool]

    scale: float = value(1.0, "factor of the variance", gt=0)

    def build(self, scope: Scope, shape: Sequence[int]) -> Tensor:
        fan_in, fan_out = fans(shape)
        fan = fan_in if self.fan == "in" else (fan_in + fan_out) / 2
        deviation = ops.sqrt(scope.value("scale", self.scale) * (self.gain / max(fan, 1.0)))
        if self.is_normal:
            # Cutting the tails at two deviations shrinks the deviation by this factor.
            return ops.truncated_normal(list(shape), dtype="float32") * (deviation / 0.87962566103423978)
        drawn = ops.random_uniform(list(shape), dtype="float32")
        return (drawn * 2.0 - 1.0) * (deviation * math.sqrt(3.0))


@INITIALIZERS.register("glorot_uniform")
class GlorotUniform(VarianceScaling):
    """Uniform, variance 2 / (fan in + fan out). Glorot and Bengio, AISTATS 2010."""

    gain, fan, is_normal = 1.0, "average", False


@INITIALIZERS.register("glorot_normal")
class GlorotNormal(VarianceScaling):
    """Truncated normal, variance 2 / (fan in + fan out). Glorot and Bengio, AISTATS 2010."""

    gain, fan, is_normal = 1.0, "average", True


@INITIALIZERS.register("he_uniform")
class HeUniform(VarianceScaling):
    """Uniform, variance 2 / fan in. He et al., ICCV 2015."""

    gain, fan, is_normal = 2.0, "in", False


@INITIALIZERS.register("he_normal")
class HeNormal(VarianceScaling):
    """Truncated normal, variance 2 / fan in. He et al., ICCV 2015."""

    gain, fan, is_normal = 2.0, "in", True


def fans(shape: Sequence[int]) -> tuple[float, float]:
    """Inputs and outputs of one unit: the last two dimensions, times the size of the window before them."""
    if len(shape) < 2:
        size = float(shape[0]) if shape else 1.0
        return size, size
    window = math.prod(shape[:-2])
    return float(window * shape[-2]), float(window * shape[-1])


def _parse(raw: Any) -> Any:
    if isinstance(raw, Initializer):
        return raw
    options = {"type": raw} if isinstance(raw, str) else raw
    if not isinstance(options, dict) or "type" not in options:
        raise PydanticCustomError("initializer", "must be the name of an initializer, or a mapping with a 'type'")
    kind = INITIALIZERS.get(str(options["type"]))
    if kind is None:
        raise PydanticCustomError("initializer", "{reason}", {"reason": INITIALIZERS.unknown(options["type"])})
    return kind.model_validate({key: option for key, option in options.items() if key != "type"})


InitializerOption = Annotated[Initializer, BeforeValidator(_parse)]


def initializer(default: str, description: str) -> Any:
    """A field that takes an initialiser, by name or as a mapping with a `type`."""
    return structural(INITIALIZERS[default](), f"{description}: {', '.join(INITIALIZERS)}, or a mapping with a type")
