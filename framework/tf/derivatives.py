"""Symbolic gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from framework import ops
from framework.errors import GraphError
from framework.graph import Graph, Tensor
from framework.graph.dtypes import resource, variant
from framework.graph.node import node_of
from framework.graph.structure import is_sequence

_HOLDERS = (resource, variant)  # of variables and lists, which numbers flow through


def gradients(
    ys: Tensor | Sequence[Tensor],
    xs: Tensor | Sequence[Tensor],
    grad_ys: Tensor | Sequence[Tensor | None] | None = None,
    name: str = "gradients",
) -> list[Tensor | None]:
    """The gradients of the sum of `ys` by each of `xs`, None for one that no y depends on.

    grad_ys: weights in the shapes of `ys`; by default ones, also for each that is None. Gradients can be
    differentiated again.
    Raises GraphError for tensors of integers, and for shapes or numbers of `grad_ys` that do not fit.

    Source: https://www.tensorflow.org/api_docs/python/tf/gradients
    """
    ys, xs = _listed(ys), _listed(xs)
    weights = [] if grad_ys is None else _listed(grad_ys)
    if weights and len(weights) != len(ys):
        raise GraphError(f"{len(ys)} ys take as many grad_ys, found {len(weights)}")
    graph = ys[0].graph
    reached = _reached(graph, ys)
    varied = [x for x in xs if x.name in reached]
    if not varied:
        return [None] * len(xs)
    with graph.name_scope(name):
        weights = [ops.ones_like(y) if w is None else w for y, w in zip(ys, weights, strict=bool(weights))]
        found = dict(zip([x.name for x in varied], ops.gradients(ys, varied, weights, name="Gradients"), strict=True))
    return [found.get(x.name) for x in xs]


def _listed(tensors: Any) -> list[Tensor]:
    return list(tensors) if is_sequence(tensors) else [tensors]


def _reached(graph: Graph, ys: Sequence[Tensor]) -> set[str]:
    """The tensors that gradients flow to from `ys`: through floating-point numbers, and not through a stop."""
    reached: set[str] = set()
    pending = [y.name for y in ys]
    while pending:
        tensor = pending.pop()
        spec = graph.spec(tensor)
        is_number = spec.dtype.is_floating or spec.dtype.is_complex
        if tensor in reached or not (is_number or spec.dtype in _HOLDERS):
            continue
        reached.add(tensor)
        node = graph.nodes[node_of(tensor)]
        if node.op != "StopGradient":
            pending.extend(node.inputs)
    return reached
