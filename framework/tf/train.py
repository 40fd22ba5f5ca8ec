"""Training: optimizers, and saving variables.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/train
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from framework.graph import Graph
from framework.graph.graphdef.saving import save_graph
from framework.tf.optimizers import (
    AdadeltaOptimizer,
    AdagradOptimizer,
    AdamOptimizer,
    GradientDescentOptimizer,
    MomentumOptimizer,
    Optimizer,
    RMSPropOptimizer,
    exponential_decay,
    get_or_create_global_step,
)

if TYPE_CHECKING:
    from framework.train.saver import Saver, checkpoint_exists, latest_checkpoint, list_variables

__all__ = [
    "AdadeltaOptimizer",
    "AdagradOptimizer",
    "AdamOptimizer",
    "GradientDescentOptimizer",
    "MomentumOptimizer",
    "Optimizer",
    "RMSPropOptimizer",
    "Saver",
    "checkpoint_exists",
    "exponential_decay",
    "get_or_create_global_step",
    "latest_checkpoint",
    "list_variables",
    "write_graph",
]

_SAVING = ("Saver", "checkpoint_exists", "latest_checkpoint", "list_variables")


def write_graph(graph: Graph, logdir: str | Path, name: str, as_text: bool = True) -> str:
    """Writes a graph into a folder and returns the path. as_text: must agree with the ending of `name`."""
    path = Path(logdir) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if as_text != (".pbtxt" in path.name):
        raise ValueError(f"'{name}' must end in {'.pbtxt' if as_text else '.pb'}")
    save_graph(graph, path)
    return str(path)


def __getattr__(name: str) -> Any:
    """What needs JAX is imported when it is first used."""
    if name in _SAVING:
        from framework.train import saver

        return getattr(saver, name)
    raise AttributeError(f"module 'framework.tf.train' has no attribute '{name}'")
