"""Layers, losses, metrics and initialisers: each is a model of its YAML options and the nodes it builds."""

# Importing a file enters its components into the registries.
from framework.layers import (  # noqa: F401
    activations,
    batch_norm,
    convolution,
    dense,
    dropout,
    expression,
    initializers,
    losses,
    merging,
    metrics,
    op_layer,
    pooling,
    shaping,
)
from framework.layers.base import (
    INITIALIZERS,
    LAYERS,
    LOSSES,
    METRICS,
    Initializer,
    Layer,
    Loss,
    Metric,
    Mode,
    Scope,
)

__all__ = [
    "INITIALIZERS",
    "LAYERS",
    "LOSSES",
    "METRICS",
    "Initializer",
    "Layer",
    "Loss",
    "Metric",
    "Mode",
    "Scope",
]
