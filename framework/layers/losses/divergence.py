"""How far a predicted distribution is from another."""

from __future__ import annotations

from framework import ops
from framework.errors import GraphError
from framework.graph import Tensor
from framework.layers.base import LOSSES, Scope
from framework.layers.classes import read_classes
from framework.layers.losses.weighting import ClassLoss

_LEAST = 1e-30


@LOSSES.register("kl_divergence")
class KLDivergence(ClassLoss):
    """The Kullback-Leibler divergence `sum(labels * log(labels / softmax(logits)))` of the labels from the model.

    The labels are probabilities `[batch, ..., classes]`, of the data or of another layer. A label of 0 adds nothing.
    Example: `{type: kl_divergence, logits: logits, labels: probabilities}`.
    Source: Kullback and Leibler, Annals of Mathematical Statistics 1951.
    """

    def build(self, scope: Scope) -> Tensor:
        found = read_classes(scope, "kl_divergence", self.logits, self.labels)
        if found.is_sparse:
            raise GraphError(
                f"kl_divergence needs labels that are probabilities, but '{self.labels}' holds class numbers",
                hint="of class numbers it is softmax_cross_entropy",
            )
        ratio = ops.log(ops.maximum(found.labels, _LEAST)) - ops.log_softmax(found.logits)
        return self.of_classes(scope, ops.reduce_sum(found.labels * ratio, [-1]), found)
