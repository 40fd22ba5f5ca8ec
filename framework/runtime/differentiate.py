"""Gradients: the nodes that they need, as one function that is run forward once and pulled back once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from framework.errors import GraphError
from framework.graph import Graph, Node
from framework.graph.node import node_of
from framework.graph.passes import ancestors
from framework.runtime.evaluation import Array, Run
from framework.runtime.leaves import divide


def differentiate(
    graph: Graph, nodes: Sequence[Node], run: Run, evaluate: Callable[[Sequence[Node], Run], None]
) -> list[Node]:
    """Evaluates the outermost `Gradients` among `nodes`, with all that they need, and returns the other nodes.

    evaluate: runs nodes, adding what they compute to a run. Raises GraphError for an x whose shape is not known.

    All of them share one reverse pass: the nodes they need are one function of a zero added to every x, whose
    value JAX never computes. What else that function computes comes out beside it, so it runs once.
    Gradients of gradients lie inside and are found again there.
    """
    gradients = [node for node in nodes if node.op == "Gradients"]
    if not gradients:
        return list(nodes)
    behind = {node.name: ancestors(graph, node.parents) for node in gradients}
    outer = [g for g in gradients if not any(g.name in behind[other.name] for other in gradients if other is not g)]
    needed = set().union(*(behind[node.name] for node in outer))
    forward = [node for node in nodes if node.name in needed]
    done = needed | {node.name for node in outer}

    ys = {name: None for node in outer for name in _parts(node)[0]}
    xs = {name: None for node in outer for name in _parts(node)[1]}
    varied = None if run.varied is None else run.varied | _following(forward, xs)

    def function(zeros: dict[str, Array]) -> tuple[list[jax.Array], list[Any]]:
        values = _Tapped(run.values, zeros)
        inner = replace(run, values=values, written=dict(run.written), checks=[], varied=varied)
        evaluate(forward, inner)
        arrays, join = divide((dict(inner.values), inner.written, inner.checks))
        joins.append(join)
        return [jnp.asarray(inner.values[name]) for name in ys], arrays

    joins: list[Callable[[Iterable[Any]], Any]] = []
    zeros = {name: _zeros(graph, name, run) for name in xs}
    values, pull_back, arrays = jax.vjp(function, zeros, has_aux=True)
    made, written, checks = joins[0](arrays)
    run.values.update(made)
    run.written.update(written)
    run.checks.extend(checks)
    for node in outer:
        wanted_ys, wanted_xs, weights = _parts(node)
        seeds = dict(zip(wanted_ys, (run.values[w] for w in weights), strict=True)) if weights else {}
        # The gradient of a complex number is the conjugate of what JAX calls so.
        cotangents = [
            jnp.conj(seeds[y]) if y in seeds else (jnp.ones_like if y in wanted_ys else jnp.zeros_like)(value)
            for y, value in zip(ys, values, strict=True)
        ]
        (found,) = pull_back(cotangents)
        run.values.update({f"{node.name}:{k}": jnp.conj(found[x]) for k, x in enumerate(wanted_xs)})
    return [node for node in nodes if node.name not in done]


class _Tapped(dict[str, Array]):
    """Values of a run; those that are differentiated by pass through a tap where their gradient collects."""

    def __init__(self, values: Mapping[str, Array], zeros: Mapping[str, Array]):
        super().__init__()
        self._zeros = zeros
        for name, value in values.items():
            self[name] = value

    def __setitem__(self, name: str, value: Array) -> None:
        super().__setitem__(name, _tap(jnp.asarray(value), self._zeros[name]) if name in self._zeros else value)


@jax.custom_vjp
def _tap(value: Array, zero: Array) -> Array:
    return value


_tap.defvjp(lambda value, zero: (value, None), lambda _, gradient: (gradient, gradient))


def _following(nodes: Sequence[Node], xs: Iterable[str]) -> frozenset[str]:
    """Names of the nodes that follow from the tensors `xs`."""
    sources, found = {node_of(tensor) for tensor in xs}, set()
    for node in nodes:
        if any(node_of(tensor) in sources or node_of(tensor) in found for tensor in node.inputs):
            found.add(node.name)
    return frozenset(found)


def _parts(node: Node) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The ys, xs and grad_ys of a Gradients node."""
    ys, xs = len(node.attrs["Tys"]), len(node.attrs["Txs"])
    return node.inputs[:ys], node.inputs[ys : ys + xs], node.inputs[ys + xs :]


def _zeros(graph: Graph, name: str, run: Run) -> Array:
    """A zero of the shape and type of tensor `name`, which may be known only from the values of this run."""
    variable = node_of(name)
    known = run.values.get(name, run.state.get(variable))
    if known is None:
        spec = graph.spec(name)
        if spec.shape is None or None in spec.shape:
            raise GraphError(f"the shape of '{name}' must be known to differentiate by it", node=variable)
        return jnp.zeros(spec.shape, spec.dtype.numpy)  # type: ignore[arg-type]
    return jnp.zeros(np.shape(known), known.dtype)
