"""Metrics: what is reported beside the loss, as a mean over examples or computed of a whole split at once."""

from framework.layers.metrics.accuracy import Accuracy, TopKAccuracy
from framework.layers.metrics.auc import AUC
from framework.layers.metrics.decisions import F1, ConfusionMatrix, Precision, Recall
from framework.layers.metrics.perplexity import Perplexity
from framework.layers.metrics.regression import R2, MeanAbsoluteError, MeanSquaredError

__all__ = [
    "AUC",
    "F1",
    "R2",
    "Accuracy",
    "ConfusionMatrix",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Perplexity",
    "Precision",
    "Recall",
    "TopKAccuracy",
]
