"""Constants in the place of what is computed from constants alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np

from framework.graph.dtypes import resource, string, variant
from framework.graph.graph import Graph
from framework.graph.node import Node
from framework.graph.opdef import lookup
from framework.graph.passes.copying import Copy, completed, emptied, names_of
from framework.graph.tensor import Tensor

# bytes: a constant may be made as large as what it was made of, or this. Larger ones are cheaper to compute than to
# keep in a file.
LARGEST = 1 << 20

Evaluate = Callable[[Node, Sequence[np.ndarray]], Sequence[np.ndarray] | None]


def by_declaration(node: Node, inputs: Sequence[np.ndarray]) -> Sequence[np.ndarray] | None:
    """The outputs of a node by the NumPy form of its declaration, or None where it has none."""
    fold = lookup(node.op).fold
    if fold is None:
        return None
    result = fold(node.attrs, *inputs)
    return result if isinstance(result, (tuple, list)) else [result]


def fold_constants(graph: Graph, outputs: Collection[str], evaluate: Evaluate = by_declaration) -> Graph:
    """Constants for what follows from constants and known shapes.

    evaluate: the outputs of a node for the values of its inputs, or None for a node that must stay. By default what
    the declarations compute with NumPy, which is mostly integers; `runtime.eager` computes every op.
    What holds state, draws at random, is fed or waits for other nodes stays as it is.
    """
    copy, kept = Copy(emptied(graph)), names_of(outputs)
    known: dict[str, np.ndarray] = {}
    for node in graph:
        values = None
        if node.op == "Const":
            known[f"{node.name}:0"] = node.attrs["value"]
        elif _can_be_constant(node) and not (len(node.outputs) > 1 and node.name in kept):
            values = _values(graph, node, known, evaluate)
        if values is None:
            copy.add(node)
            continue
        known.update({f"{node.name}:{k}": value for k, value in enumerate(values)})
        copy.replace(node, [_constant(copy, node, k, value) for k, value in enumerate(values)])
    return completed(copy.target, graph)


_NO_VALUE = (string, resource, variant)
_FED = ("Placeholder", "PlaceholderWithDefault")


def _can_be_constant(node: Node) -> bool:
    definition = lookup(node.op)
    is_pure = not definition.is_stateful and not any(argument.is_ref for argument in definition.inputs)
    has_value = bool(node.outputs) and not any(spec.dtype in _NO_VALUE for spec in node.outputs)
    return is_pure and has_value and node.op not in _FED and not node.control_inputs


def _values(graph: Graph, node: Node, known: dict[str, np.ndarray], evaluate: Evaluate) -> Sequence[np.ndarray] | None:
    """The outputs of a node where they are known and small enough to be kept."""
    fixed = [graph.constant_value(f"{node.name}:{k}") for k in range(len(node.outputs))]
    if None not in [value if value is None else 0 for value in fixed]:
        return [value for value in fixed if value is not None]
    if not node.inputs or any(name not in known for name in node.inputs):
        return None
    inputs = [known[name] for name in node.inputs]
    found = evaluate(node, inputs)
    if found is None:
        return None
    values = [np.asarray(value, spec.dtype.numpy) for value, spec in zip(found, node.outputs, strict=True)]
    largest = max(LARGEST, *(value.nbytes for value in inputs))
    return values if all(value.nbytes <= largest for value in values) else None


def _constant(copy: Copy, node: Node, index: int, value: np.ndarray) -> Tensor:
    """The constant that stands for an output of a node, under its name where it is the only one."""
    name = node.name if len(node.outputs) == 1 else f"{node.name}/output_{index}"
    attrs = {"value": value, "dtype": node.outputs[index].dtype}
    return copy.target.add("Const", attrs=attrs, name=name, device=node.device).outputs[0]
