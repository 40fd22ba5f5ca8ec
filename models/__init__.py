"""Layers and blocks in Python, for what a YAML `layers:` list cannot say; `plugins: [models]` brings them in."""

from models import stochastic_depth  # noqa: F401  importing a file registers its layers
