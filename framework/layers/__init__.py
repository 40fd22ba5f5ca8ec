"""Layers, losses, metrics and initialisers: each is a model of its YAML options and the nodes it builds."""

# Importing a file enters its components into the registries.
from framework.layers import (  # noqa: F401
    activation_layers,
    activations,
    augmentation,
    batch_norm,
    convolution,
    convolution1d,
    dense,
    dropout,
    expression,
    geometric_augmentation,
    initializers,
    losses,
    merging,
    metrics,
    mixup,
    noise,
    op_layer,
    pixel_augmentation,
    pooling,
    pooling1d,
    resizing,
    shaping,
)
from framework.layers.augmentation import AUGMENTATIONS, Augmentation
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
    "AUGMENTATIONS",
    "INITIALIZERS",
    "LAYERS",
    "LOSSES",
    "METRICS",
    "Augmentation",
    "Initializer",
    "Layer",
    "Loss",
    "Metric",
    "Mode",
    "Scope",
]
