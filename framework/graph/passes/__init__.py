"""Passes over a graph: they choose nodes or write a graph anew, and never change a value that is asked for."""

from framework.graph.passes.reach import ancestors, consumers, depends_on, prune

__all__ = ["ancestors", "consumers", "depends_on", "prune"]
