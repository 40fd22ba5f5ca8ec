"""Graphwright: experiments declared in YAML, checked as a static graph, compiled to one XLA program, and trained.

    import framework as fw

gives the names below; each is imported when it is first used, so that importing this module costs nothing. The
define-and-run face, with every op of the vocabulary, is `framework.tf`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from framework.config.experiment import Experiment
    from framework.export.freezing import freeze_graph
    from framework.graph import Graph, Operation, Tensor, register_op
    from framework.graph.graphdef.importing import import_graph_def
    from framework.graph.graphdef.loading import load_graph
    from framework.graph.graphdef.saving import save_graph
    from framework.graph.passes.simplify import simplify
    from framework.kernels.registry import register_kernel
    from framework.runtime import eager
    from framework.runtime.session import Session
    from framework.train.past_run import Run

__version__ = "0.1.0"
__all__ = [
    "Experiment",
    "Graph",
    "Operation",
    "Run",
    "Session",
    "Tensor",
    "eager",
    "freeze_graph",
    "import_graph_def",
    "load_graph",
    "register_kernel",
    "register_op",
    "save_graph",
    "simplify",
]

_HOMES = {
    "Experiment": "framework.config.experiment",
    "Graph": "framework.graph",
    "Operation": "framework.graph",
    "Run": "framework.train.past_run",
    "Session": "framework.runtime.session",
    "Tensor": "framework.graph",
    "eager": "framework.runtime",
    "freeze_graph": "framework.export.freezing",
    "import_graph_def": "framework.graph.graphdef.importing",
    "load_graph": "framework.graph.graphdef.loading",
    "register_kernel": "framework.kernels.registry",
    "register_op": "framework.graph",
    "save_graph": "framework.graph.graphdef.saving",
    "simplify": "framework.graph.passes.simplify",
}


def __getattr__(name: str) -> Any:
    """A name of the public surface, from the module that it lives in."""
    if name not in _HOMES:
        raise AttributeError(f"module 'framework' has no attribute '{name}'")
    import_module("framework.ops")  # the words of every graph
    home = import_module(_HOMES[name])
    return getattr(home, name) if hasattr(home, name) else import_module(f"{_HOMES[name]}.{name}")


def __dir__() -> list[str]:
    """What there is, imported or not."""
    return sorted({*globals(), *__all__})
