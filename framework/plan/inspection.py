"""What a file with a graph holds, said on one screen: before anything runs, and though some ops may be unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from textwrap import wrap
from typing import Any

import framework.ops  # noqa: F401  the declarations
from framework.errors import FrameworkError, GraphError
from framework.graph import Graph
from framework.graph.cost import cost
from framework.graph.dtypes import DType, as_dtype
from framework.graph.graphdef.importing import import_graph_def, unsupported, without_frames
from framework.graph.graphdef.loading import read_graph_def
from framework.graph.graphdef.nodes import parse
from framework.graph.graphdef.tensor_proto import from_shape_proto
from framework.graph.shapes import Shape, show
from framework.plan.render import in_bytes, magnitude

_PLACEHOLDERS = ("Placeholder", "PlaceholderV2", "PlaceholderWithDefault")
_VARIABLES = ("Variable", "VariableV2", "VarHandleOp")
_SILENT = ("NoOp", "Const", *_PLACEHOLDERS)  # no outputs of a network, though nobody reads them
_LISTED = 10  # inputs, outputs, functions


@dataclass(frozen=True)
class Inspection:
    """What is known of a graph in a file.

    inputs, outputs: name of a tensor -> its type and shape as text: placeholders that are read, and what nobody reads.
    parameters: of floating constants that are no scalars, and of variables: kind -> (tensors, elements, bytes).
    flops: of one example; None where the graph cannot be built. uncounted: nodes whose cost only values tell.
    functions: name -> number of its nodes. unsupported: op -> number of the nodes that use it.
    """

    path: str
    producer: int
    nodes: int
    ops: Mapping[str, int]
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    parameters: Mapping[str, tuple[int, int, int]]
    flops: int | None
    uncounted: int
    functions: Mapping[str, int]
    unsupported: Mapping[str, int]


def inspect(path: str | Path) -> Inspection:
    """Looks at the graph that a file holds.

    Raises GraphError for a file that cannot be read, and for a graph that cannot be built though all its ops are known.
    """
    message = read_graph_def(path)
    try:
        return _inspect(message, str(path))
    except GraphError as error:
        raise GraphError(f"{error.message}  in {path}", error.node, error.hint) from None


def _inspect(message: Any, path: str) -> Inspection:
    functions = message.library.function
    nodes = [*message.node, *(node for function in functions for node in function.node_def)]
    unknown = unsupported(message)
    graph = _built(message) if not unknown else None
    flops, uncounted = _flops(message) if graph is not None else (None, 0)
    read = {reference.node for node in message.node for text in node.input for reference in [parse(text)]}
    return Inspection(
        path=path,
        producer=message.versions.producer,
        nodes=len(message.node),
        ops=dict(Counter(node.op for node in nodes).most_common()),
        inputs={f"{n.name}:0": _spec(n, graph) for n in message.node if n.op in _PLACEHOLDERS and n.name in read},
        outputs={f"{n.name}:0": _spec(n, graph) for n in message.node if n.op not in _SILENT and n.name not in read},
        parameters=_parameters(nodes),
        flops=flops,
        uncounted=uncounted,
        functions={function.signature.name: len(function.node_def) for function in functions},
        unsupported=unknown,
    )


def _built(message: Any) -> Graph:
    graph = Graph()
    import_graph_def(message, "", graph=graph)
    return graph


def _spec(node: Any, graph: Graph | None) -> str:
    """Type and shape of the first output of a node, as far as they are known."""
    if graph is not None and node.name in graph.nodes:
        outputs = graph.nodes[node.name].outputs
        return repr(outputs[0]) if outputs else "no output"
    dtype = next((node.attr[name].type for name in ("dtype", "T") if name in node.attr), 0)
    shape = from_shape_proto(node.attr["shape"].shape) if "shape" in node.attr else None
    return f"{_dtype(dtype) or '?'}{show(shape)}"


def _dtype(number: int) -> DType | None:
    try:
        return as_dtype(number)
    except GraphError:
        return None


def _parameters(nodes: Iterable[Any]) -> dict[str, tuple[int, int, int]]:
    found: dict[str, tuple[int, int, int]] = {}
    for node in nodes:
        kind = "constant" if node.op == "Const" else "variable"
        dtype = _dtype(node.attr["dtype"].type) if node.op in ("Const", *_VARIABLES) else None
        if dtype is None or not (dtype.is_floating or kind == "variable"):
            continue
        value = node.attr["value"].tensor.tensor_shape if kind == "constant" else node.attr["shape"].shape
        shape = from_shape_proto(value)
        if kind == "constant" and not shape:
            continue
        count = _elements(shape)
        tensors, elements, size = found.get(kind, (0, 0, 0))
        found[kind] = tensors + 1, elements + count, size + count * dtype.size
    return found


def _elements(shape: Shape) -> int:
    return 0 if shape is None else prod(size or 0 for size in shape)


def _flops(message: Any) -> tuple[int | None, int]:
    """The cost of one example, and of how many nodes it is not known: sizes that are not known are taken as 1."""
    single = type(message)()
    single.CopyFrom(without_frames(message))
    for node in single.node:
        if node.op in _PLACEHOLDERS and "shape" in node.attr:
            for dim in node.attr["shape"].shape.dim:
                dim.size = max(dim.size, 1)
    try:
        graph = _built(single)
    except FrameworkError:  # not every network takes an image of one pixel
        return None, 0
    spent = [cost(graph, node).flops for node in graph]
    return sum(flops or 0 for flops in spent), sum(flops is None for flops in spent)


# -- text -------------------------------------------------------------------------------------------------------------


def render_inspection(found: Inspection) -> str:
    """An inspection as text for a terminal, about 80 columns wide."""
    lines = [
        f"{found.path}: {found.nodes:,} nodes, GraphDef version {found.producer or 'unknown'}",
        "",
        *_section("inputs", _listed(found.inputs)),
        *_section("outputs", _listed(found.outputs)),
        *_section("parameters", [_amount(kind, *found.parameters[kind]) for kind in sorted(found.parameters)]),
        *_section("FLOPs", [_cost(found)]),
        *_section(
            "functions", _listed({n: f"{count} node{'s' * (count != 1)}" for n, count in found.functions.items()})
        ),
        *_section("ops", _wrapped(f"{op} {count:,}" for op, count in found.ops.items())),
        *_section("unsupported", _wrapped(f"{op} ({count:,})" for op, count in found.unsupported.items())),
    ]
    return "\n".join(lines) + "\n"


def _section(title: str, lines: Sequence[str]) -> list[str]:
    first, *rest = lines or ["none"]
    return [f"{title:<12} {first}", *(f"{'':<12} {line}" for line in rest)]


def _listed(named: Mapping[str, str]) -> list[str]:
    shown = [f"{name}  {text}" for name, text in list(named.items())[:_LISTED]]
    return shown if len(named) <= _LISTED else [*shown, f"and {len(named) - _LISTED:,} more"]


def _wrapped(items: Iterable[str]) -> list[str]:
    # What belongs together stays in one line.
    text = ", ".join(item.replace(" ", "\xa0") for item in items)
    return [line.replace("\xa0", " ") for line in wrap(text, 67, break_long_words=True, break_on_hyphens=False)]


def _amount(kind: str, tensors: int, elements: int, size: int) -> str:
    return f"{elements:,} in {tensors:,} {kind}{'s' * (tensors != 1)}, {in_bytes(size)}"


def _cost(found: Inspection) -> str:
    if found.flops is None:
        return "unknown"
    rest = f", and {found.uncounted:,} nodes whose cost only values tell" if found.uncounted else ""
    return f"{magnitude(found.flops)} where unknown sizes are 1{rest}"
