"""Where a step stops being finite: the step is repeated node by node, forward, backward and through the update.

What is blamed is found from its effects, since attention masks are infinite in every step: from the first tensor that
holds a NaN, or else from the loss, the search goes to what it was computed from, as long as that is not finite either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from copy import copy
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from framework.graph import Graph, Node
from framework.graph.node import node_of
from framework.graph.passes import ancestors
from framework.graph.passes.copying import emptied
from framework.runtime.evaluation import Array, Run
from framework.runtime.lower import Lowering
from framework.runtime.program import Program, State


class Where(StrEnum):
    """At what point of a step a tensor stops being finite."""

    FED = "fed"
    VARIABLE = "variable"
    FORWARD = "forward"
    BACKWARD = "backward"
    UPDATE = "update"


@dataclass(frozen=True)
class Extent:
    """A tensor's type and shape, how many of its numbers are NaN or infinite, and the range of the others."""

    tensor: str
    dtype: str
    shape: tuple[int, ...]
    nan: int
    infinite: int
    range: tuple[float, float] | None

    @property
    def is_finite(self) -> bool:
        """Whether all its numbers are."""
        return not self.nan and not self.infinite

    def __str__(self) -> str:
        size = int(np.prod(self.shape))
        wrong = [f"{count} nan" for count in (self.nan,) if count] + [f"{n} infinite" for n in (self.infinite,) if n]
        within = f"between {self.range[0]:.4g} and {self.range[1]:.4g}" if self.range else ""
        of = f"{' and '.join(wrong)} of {size:,}" if wrong else within
        return f"'{self.tensor}' {self.dtype} {list(self.shape)}: {of}"


@dataclass(frozen=True)
class NotFinite:
    """The first tensor of a step that is not finite.

    found: that tensor; with BACKWARD, the one by which the loss is differentiated. node: what computes it, or, with
    BACKWARD, the node whose gradient it is. read: what that node is computed from.
    """

    where: Where
    found: Extent
    node: Node | None = None
    read: tuple[Extent, ...] = ()


def first_not_finite(
    program: Program, loss: str, state: Mapping[str, Array], feeds: Mapping[str, Array], step: int
) -> NotFinite | None:
    """The first tensor of one training step that is not finite; None when, node by node, all of them are.

    loss: the tensor that the step minimises. step: the number of the run, counted from 0. The state is left as it is.
    """
    fed = [extent(name, value) for name, value in feeds.items() if _is_number(value)]
    if wrong := next((found for found in fed if not found.is_finite), None):
        return NotFinite(Where.FED, wrong)
    known = program.known_state(dict(state))  # type: ignore[arg-type]
    read = [extent(name, known[name]) for name in program.lowering.variables.read]
    if wrong := next((found for found in read if found.nan), None):
        return NotFinite(Where.VARIABLE, wrong)
    with jax.enable_x64(True) if program.wide else nullcontext():
        checked = _Checked(program.lowering)
        run = checked.run(Run(dict(feeds), known, np.asarray(step, np.int32)))
        return (
            _forward(checked, loss)
            or _backward(program.lowering, loss, known, feeds, step, checked.extents)
            or _updated(run.written)
        )


def extent(name: str, value: Any) -> Extent:
    """What can be said of an array's numbers."""
    array = np.asarray(jax.lax.stop_gradient(value))
    numbers = np.asarray(array, np.float64) if array.dtype.kind not in "c" else np.abs(array).astype(np.float64)
    finite = numbers[np.isfinite(numbers)]
    nan = int(np.isnan(numbers).sum())
    limits = (float(finite.min()), float(finite.max())) if finite.size else None
    return Extent(name, str(array.dtype), array.shape, nan, numbers.size - finite.size - nan, limits)


class _Checked(Lowering):
    """A lowering that looks at what every node gives. extents: of its tensors, in the order they were computed in."""

    def __init__(self, lowering: Lowering):
        self.__dict__.update(copy(lowering).__dict__)
        self.extents: dict[str, Extent] = {}
        self._outermost = self.graph

    def _call(self, node: Node, run: Run) -> None:
        if node.op == "KeepFinite":  # it would take back what is looked for
            run.values[f"{node.name}:0"] = np.zeros((), np.float32)
            return
        super()._call(node, run)
        if self.graph is not self._outermost:
            return  # a node of a function; the node that calls it is looked at
        for index, spec in enumerate(node.outputs):
            name = f"{node.name}:{index}"
            if (spec.dtype.is_floating or spec.dtype.is_complex) and _is_number(run.values.get(name)):
                self.extents[name] = extent(name, run.values[name])


def _forward(checked: _Checked, loss: str) -> NotFinite | None:
    """The origin of the first NaN up to the loss, or of a loss that is infinite."""
    needed = ancestors(checked.graph, [node_of(loss)])
    forward = {name: found for name, found in checked.extents.items() if node_of(name) in needed | {node_of(loss)}}
    if forward[loss].is_finite:
        return None
    found = next((found for found in forward.values() if found.nan), forward[loss])
    while True:
        node = checked.graph.nodes[node_of(found.tensor)]
        read = [forward[name] for name in node.inputs if name in forward]
        wrong = (one for one in read if not one.is_finite and checked.graph.nodes[node_of(one.tensor)].op != "Const")
        before = next(wrong, None)
        if before is None:
            return NotFinite(Where.FORWARD, found, node, tuple(read))
        found = before


def _backward(
    lowering: Lowering,
    loss: str,
    state: State,
    feeds: Mapping[str, Array],
    step: int,
    extents: Mapping[str, Extent],
) -> NotFinite | None:
    """The last tensor before the loss by which its gradient is not finite: there the reverse pass meets it first."""
    graph = emptied(lowering.graph)
    needed = ancestors(lowering.graph, [node_of(loss)]) | {node_of(loss)}
    nodes = [node for node in lowering.graph if node.name in needed]
    for node in nodes:
        graph.insert(node.name, node.op, node.inputs, node.attrs, node.control_inputs, node.device)
    tensors = [graph.tensor(name) for name in _differentiable(graph, nodes, extents)]
    ys = [graph.tensor(loss)]
    attrs = {"Tys": [ys[0].dtype], "Txs": [tensor.dtype for tensor in tensors], "Tgrads": []}
    outputs = graph.add("Gradients", [*ys, *tensors], attrs).outputs
    part = copy(lowering)
    part.graph = graph
    part = part.part([*nodes, graph.nodes[node_of(outputs[0].name)]], [output.name for output in outputs])
    found, _ = part(state, feeds, np.asarray(step, np.int32))
    for tensor, gradient in reversed(list(zip(tensors, found, strict=True))):
        about = extent(tensor.name, gradient)
        if not about.is_finite:
            readers = [node for node in nodes if tensor.name in node.inputs]
            node = readers[0] if readers else None
            read = tuple(extents[name] for name in node.inputs if name in extents) if node else ()
            return NotFinite(Where.BACKWARD, about, node, read)
    return None


def _differentiable(graph: Graph, nodes: Sequence[Node], extents: Mapping[str, Extent]) -> list[str]:
    """The floating-point tensors between what is trained and the loss, in their order."""
    varied: set[str] = set()
    found = []
    for node in nodes:
        if node.op == "VariableV2" or any(parent in varied for parent in node.parents):
            varied.add(node.name)
            names = (f"{node.name}:{index}" for index in range(len(node.outputs)))
            found += [name for name in names if name in extents and graph.spec(name).dtype.is_floating]
    return found


def _updated(written: Mapping[str, Array]) -> NotFinite | None:
    found = [extent(name, value) for name, value in written.items() if _is_number(value)]
    # A slot may hold an infinity before it has seen anything.
    wrong = next((one for one in found if one.nan), None) or next((one for one in found if not one.is_finite), None)
    return None if wrong is None else NotFinite(Where.UPDATE, wrong)


def _is_number(value: Any) -> bool:
    """Whether a value is an array of numbers that may not be finite."""
    return hasattr(value, "dtype") and (
        jnp.issubdtype(value.dtype, jnp.floating) or jnp.issubdtype(value.dtype, jnp.complexfloating)
    )
