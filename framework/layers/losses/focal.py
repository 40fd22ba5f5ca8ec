"""The focal loss: what is classified well already counts less."""

from __future__ import annotations

from typing import Literal

from framework import ops
from framework.fields import structural, value
from framework.graph import Tensor
from framework.layers.base import LOSSES, Scope
from framework.layers.classes import read_binary, read_classes
from framework.layers.losses.weighting import ClassLoss

_LEAST = 1e-7  # below it 1 - p has no digits left, and its power no derivative


@LOSSES.register("focal_cross_entropy")
class FocalCrossEntropy(ClassLoss):
    """`-alpha * (1 - p)^gamma * log(p)`, where p is the probability that the model gives to what is true.

    sigmoid: of each label on its own, `[batch]`, `[batch, 1]` or `[batch, n]`; what is true weighs `alpha` where it is
    a yes, and `1 - alpha` where it is a no. softmax: of exclusive classes, which all weigh `alpha`. The mean is taken
    over the examples; the paper divides by the number of objects found.
    Example: `{type: focal_cross_entropy, activation: softmax, gamma: 2.0, alpha: 0.25}`.
    Source: Lin et al., Focal Loss for Dense Object Detection, ICCV 2017.
    """

    activation: Literal["sigmoid", "softmax"] = structural("sigmoid", "what makes probabilities of the logits")
    gamma: float = value(2.0, "how fast the loss of what is classified well falls; 0 is the cross-entropy", ge=0)
    alpha: float | None = value(None, "weight of the rarer outcome, from 0 to 1; 0.25 in the paper", ge=0, le=1)

    def build(self, scope: Scope) -> Tensor:
        gamma = scope.value("gamma", self.gamma)
        alpha = None if self.alpha is None else scope.value("alpha", self.alpha)
        return (
            self._softmax(scope, gamma, alpha) if self.activation == "softmax" else self._sigmoid(scope, gamma, alpha)
        )

    def _sigmoid(self, scope: Scope, gamma: Tensor, alpha: Tensor | None) -> Tensor:
        found = read_binary(scope, "focal_cross_entropy", self.logits, self.labels)
        x, y = found.logits, found.labels
        less, more = ops.softplus(x), ops.softplus(-x)  # -log(1 - p) and -log(p), exact where p is next to 0 or 1
        yes, no = y * ops.exp(-gamma * less) * more, (1.0 - y) * ops.exp(-gamma * more) * less
        return self.of_binary(scope, yes + no if alpha is None else alpha * yes + (1.0 - alpha) * no, found)

    def _softmax(self, scope: Scope, gamma: Tensor, alpha: Tensor | None) -> Tensor:
        found = read_classes(scope, "focal_cross_entropy", self.logits, self.labels)
        logarithm = ops.log_softmax(found.logits)
        remaining = ops.maximum(1.0 - ops.exp(logarithm), _LEAST)
        loss = -ops.reduce_sum(found.probabilities() * ops.pow(remaining, gamma) * logarithm, [-1])
        return self.of_classes(scope, loss if alpha is None else alpha * loss, found)
