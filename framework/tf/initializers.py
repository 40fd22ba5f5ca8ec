"""First values of variables: functions of a shape and a type.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/initializers
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from framework.graph import Tensor, as_dtype
from framework.ops.apply import DTypeLike, constant
from framework.tf import arrays

Initializer = Callable[[Sequence[int], DTypeLike], Tensor]


@dataclass(frozen=True)
class zeros_initializer:  # noqa: N801  (the names of TensorFlow 1)
    """Zeros."""

    def __call__(self, shape: Sequence[int], dtype: DTypeLike = "float32") -> Tensor:
        return arrays.zeros(list(shape), dtype)


@dataclass(frozen=True)
class ones_initializer:  # noqa: N801
    """Ones."""

    def __call__(self, shape: Sequence[int], dtype: DTypeLike = "float32") -> Tensor:
        return arrays.ones(list(shape), dtype)


@dataclass(frozen=True)
class constant_initializer:  # noqa: N801
    """A number, or numbers that are broadcast to the shape."""

    value: Any = 0

    def __call__(self, shape: Sequence[int], dtype: DTypeLike = "float32") -> Tensor:
        return constant(self.value, as_dtype(dtype), shape)


@dataclass(frozen=True)
class random_uniform_initializer:  # noqa: N801
    """Drawn evenly from [minval, maxval)."""

    minval: float = -0.05
    maxval: float = 0.05
    seed: int | None = None

    def __call__(self, shape: Sequence[int], dtype: DTypeLike = "float32") -> Tensor:
        return arrays.random_uniform(list(shape), self.minval, self.maxval, dtype, self.seed)


@dataclass(frozen=True)
class random_normal_initializer:  # noqa: N801
    """Drawn from a normal distribution."""

    mean: float = 0.0
    stddev: float = 1.0
    seed: int | None = None

    def __call__(self, shape: Sequence[int], dtype: DTypeLike = "float32") -> Tensor:
        return arrays.random_normal(list(shape), self.mean, self.stddev, dtype, self.seed)


@dataclass(frozen=True)
class truncated_normal_initializer:  # noqa: N801
    """Drawn from a normal distribution, drawn again where it is over two standard deviations off."""

    mean: float = 0.0
    stddev: float = 1.0
    seed: int | None = None

    def __call__(self, shape: Sequence[int], dtype: DTypeLike = "float32") -> Tensor:
        return arrays.truncated_normal(list(shape), self.mean, self.stddev, dtype, self.seed)


@dataclass(frozen=True)
class glorot_uniform_initializer:  # noqa: N801
    """Drawn evenly from within sqrt(6 / (inputs + outputs)) of 0, the last two axes being inputs and outputs.

    Source: Glorot and Bengio, AISTATS 2010.
    """

    seed: int | None = None

    def __call__(self, shape: Sequence[int], dtype: DTypeLike = "float32") -> Tensor:
        inputs, outputs = shape[-2:] if len(shape) > 1 else [*shape, *shape, 1, 1][:2]
        limit = math.sqrt(6 / (math.prod(shape[:-2]) * (inputs + outputs)))
        return arrays.random_uniform(list(shape), -limit, limit, dtype, self.seed)
