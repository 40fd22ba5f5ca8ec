"""Checks: conditions of the graph's own that fail a run. They come out of a program beside its fetches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import jax.numpy as jnp
import numpy as np

from framework.errors import InvalidArgumentError
from framework.graph import Graph, Node
from framework.runtime.evaluation import Array, Check, Run
from framework.runtime.lower import Lowering, form
from framework.runtime.stages import nested

_OPS = ("Assert", "CheckNumerics", "CheckNumericsV2")


def has_checks(graph: Graph, nodes: Iterable[Node]) -> bool:
    """Whether any of the nodes, or of the functions that they call, asks for a condition."""
    return any(inner.op in _OPS for node in nodes for _, inner in nested(graph, node))


def require(checks: Iterable[Check]) -> None:
    """Raises InvalidArgumentError for the first check that does not hold, naming its node and showing its data."""
    for check in checks:
        if not check.holds:
            raise InvalidArgumentError(f"{check.node}: {check.explain(*map(np.asarray, check.data))}")


@form("CheckNumerics")
@form("CheckNumericsV2")
def _check_numerics(lowering: Lowering, node: Node, run: Run) -> Sequence[Array]:
    value = jnp.asarray(lowering.read(node, node.inputs[0], run))
    is_nan, is_infinite = jnp.isnan(value).any(), jnp.isinf(value).any()

    def explain(is_nan: np.ndarray, is_infinite: np.ndarray) -> str:
        found = " and ".join(name for name, is_found in (("Inf", is_infinite), ("NaN", is_nan)) if is_found)
        return f"{node.attrs['message']} : tensor '{node.inputs[0]}' had {found} values"

    run.checks.append(Check(node.name, explain, ~(is_nan | is_infinite), (is_nan, is_infinite)))
    return [value]


@form("Assert")
def _assert(lowering: Lowering, node: Node, run: Run) -> Sequence[Array]:
    condition, *data = (lowering.read(node, tensor, run) for tensor in node.inputs)

    def explain(*data: np.ndarray) -> str:
        shown = " ".join(f"[{_show(array, node.attrs['summarize'])}]" for array in data)
        return f"assertion failed: {shown}"

    run.checks.append(Check(node.name, explain, condition, tuple(data)))
    return []


def _show(array: np.ndarray, most: int) -> str:
    """The first elements of an array, in the manner of TensorFlow."""
    flat = [item.decode() if isinstance(item, bytes) else str(item) for item in array.reshape(-1).tolist()]
    shown = flat if most < 0 else flat[:most]
    return " ".join(shown) + ("..." if len(shown) < len(flat) else "")
