"""Losses: what training minimises, the weighted sum of all that a configuration declares."""

from framework.layers.losses.cross_entropy import SigmoidCrossEntropy, SoftmaxCrossEntropy
from framework.layers.losses.divergence import KLDivergence
from framework.layers.losses.focal import FocalCrossEntropy
from framework.layers.losses.hinge import Hinge
from framework.layers.losses.regression import CosineSimilarity, Huber, MeanAbsoluteErrorLoss, MeanSquaredErrorLoss
from framework.layers.losses.regularization import L1, L2
from framework.layers.losses.weighting import ClassLoss

__all__ = [
    "L1",
    "L2",
    "ClassLoss",
    "CosineSimilarity",
    "FocalCrossEntropy",
    "Hinge",
    "Huber",
    "KLDivergence",
    "MeanAbsoluteErrorLoss",
    "MeanSquaredErrorLoss",
    "SigmoidCrossEntropy",
    "SoftmaxCrossEntropy",
]
