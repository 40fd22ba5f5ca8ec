"""A graph as a function: what a composite op means, and what control flow and calls run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from framework.graph.graph import Graph


@dataclass(frozen=True)
class Body:
    """A function written as a graph of its own.

    inputs: the placeholders that stand for its arguments, as tensor names. outputs: the tensors that it gives.
    """

    graph: Graph
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
