"""Layers, losses, metrics and initialisers: each is a model of its YAML options and the nodes it builds."""

# Importing a file enters its components into the registries.
from framework.layers import (  # noqa: F401
    activation_layers,
    activations,
    batch_norm,
    convolution,
    convolution1d,
    dense,
    dropout,
    expression,
    initializers,
    losses,
    merging,
    metrics,
    noise,
    op_layer,
    pooling,
    pooling1d,
    resizing,
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
