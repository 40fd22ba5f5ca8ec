"""Graphwright: experiments declared in YAML, checked as a static graph, compiled to one XLA program, and trained."""

__version__ = "0.1.0"
