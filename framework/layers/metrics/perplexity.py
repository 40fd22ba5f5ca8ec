"""How many classes a model wavers between."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from framework.layers.base import METRICS, Metric, Scope
from framework.layers.classes import labels_option, logits_option, read_classes
from framework.layers.comparison import per_example
from framework.layers.gathered import Gathered
from framework.layers.losses.cross_entropy import cross_entropy


@METRICS.register("perplexity")
class Perplexity(Metric):
    """The exponential of the mean cross-entropy over all examples and their steps: 1 where a model is sure and right.

    It is the number of classes where a model knows nothing. Source: Jelinek et al., Journal of the Acoustical Society
    of America 1977.
    """

    gives: ClassVar[Literal["number"]] = "number"

    logits: str = logits_option()
    labels: str = labels_option()

    def build(self, scope: Scope) -> Gathered:
        found = read_classes(scope, "perplexity", self.logits, self.labels)
        return Gathered({"entropies": per_example(cross_entropy(found))}, perplexity)


def perplexity(entropies: np.ndarray) -> float:
    """Of the cross-entropies of examples, `[examples]`, in nats; infinite where it is beyond all numbers."""
    with np.errstate(over="ignore"):
        return float(np.exp(entropies.astype(np.float64).mean()))
