"""What tells the elements of a sequence apart by their place: it is added to them."""

from __future__ import annotations

import numpy as np

from framework import ops
from framework.graph import Tensor
from framework.layers.base import LAYERS, Layer, Scope
from framework.layers.convolution1d import sequence_shape
from framework.layers.initializers import InitializerOption, initializer


@LAYERS.register("position_embedding")
class PositionEmbedding(Layer):
    """Adds a learned vector for each place to `[batch, time, features]`. Gehring et al., ICML 2017."""

    embeddings_initializer: InitializerOption = initializer("uniform", "first value of the vectors")

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        shape = sequence_shape(x, "position_embedding")
        return x + scope.variable("embeddings", shape, self.embeddings_initializer)


@LAYERS.register("sinusoidal_positions")
class SinusoidalPositions(Layer):
    """Adds sines and cosines of the place to `[batch, time, features]`: at place p, sin(p / w) and cos(p / w) in
    turn, for wavelengths 2 pi w that grow from 2 pi to 10,000 * 2 pi. Vaswani et al., NeurIPS 2017, section 3.5.
    """

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        table = sinusoids(*sequence_shape(x, "sinusoidal_positions"))
        return x + ops.constant(table, x.dtype, graph=scope.graph)


def sinusoids(time: int, features: int) -> np.ndarray:
    """`[time, features]`: sin(p / 10000^(2i / features)) in column 2i, the cosine of the same in column 2i + 1."""
    pair = np.arange(features) // 2
    angles = np.arange(time)[:, None] / 10_000.0 ** (2 * pair / features)
    return np.where(np.arange(features) % 2 == 0, np.sin(angles), np.cos(angles))
