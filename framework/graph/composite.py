"""Composite ops: what an op means, written in other ops. Its shapes, cost, kernel and expansion follow from that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from framework.errors import GraphError
from framework.graph.body import Body
from framework.graph.cost import cost
from framework.graph.graph import Graph
from framework.graph.node import TensorSpec
from framework.graph.opdef import Call, OpDef, lookup
from framework.graph.shapes import Shape
from framework.graph.tensor import Tensor


def body_of(op: OpDef, attrs: Mapping[str, Any], inputs: Sequence[TensorSpec]) -> Body:
    """The body of a composite op for complete attributes and inputs of these types and shapes, built once for each.

    Raises GraphError where the body cannot be built for them.
    """
    return _build(op, tuple((name, attrs[name]) for name in op.attrs), tuple(inputs))


@lru_cache(maxsize=256)
def _build(op: OpDef, attrs: tuple[tuple[str, Any], ...], inputs: tuple[TensorSpec, ...]) -> Body:
    if op.body is None:
        raise GraphError(f"{op.name} has no body")
    graph = Graph()
    with graph.as_default():
        given = [_placeholder(graph, op.input_name(k), spec) for k, spec in enumerate(inputs)]
        try:
            made = op.body(dict(attrs), *given)
        except GraphError as error:
            # The node that failed is known to nobody outside of the body.
            raise GraphError(error.message, hint=error.hint) from None
    stateful = [node.op for node in graph if lookup(node.op).is_stateful]
    if stateful:
        raise GraphError(f"the body of {op.name} must hold no state, found {', '.join(stateful)}")
    outputs = made if isinstance(made, tuple) else (made,)
    return Body(graph, tuple(tensor.name for tensor in given), tuple(tensor.name for tensor in outputs))


def _placeholder(graph: Graph, name: str, spec: TensorSpec) -> Tensor:
    return graph.add("Placeholder", attrs={"dtype": spec.dtype, "shape": spec.shape}, name=name).outputs[0]


def shapes_of_body(call: Call) -> list[Shape]:
    """The shape function of a composite op that declares none."""
    body = _body_of_call(call)
    return [body.graph.spec(tensor).shape for tensor in body.outputs]


def flops_of_body(call: Call, outputs: Sequence[Shape]) -> int | None:
    """The cost of a composite op that declares none: that of the nodes of its body."""
    graph = _body_of_call(call).graph
    spent = [cost(graph, node).flops for node in graph]
    return None if None in spent else sum(flops or 0 for flops in spent)


def _body_of_call(call: Call) -> Body:
    return body_of(call.op, call.attrs, list(map(TensorSpec, call.dtypes, call.shapes)))
