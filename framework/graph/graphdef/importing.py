"""Graphs that somebody else wrote: a GraphDef message becomes nodes of a graph, all of them or none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from google.protobuf.message import DecodeError

from framework.errors import FrameworkError, GraphError
from framework.graph.graph import Graph, get_default_graph
from framework.graph.graphdef import limits
from framework.graph.graphdef.functions import read_library
from framework.graph.graphdef.nodes import CONTROL, NONSENSE, NodeReader, Reference, clip, parse
from framework.graph.graphdef.proto import GraphDef
from framework.graph.graphdef.templates import without_templates
from framework.graph.opdef import OPS
from framework.graph.tensor import Operation, Tensor, convert_to_tensor
from framework.registry import did_you_mean, nearest

CONSUMER = 2474  # the GraphDef version whose rules we read by
# The ops of frames, and how many inputs they have at least.
_FRAMES = {"Switch": 2, "_SwitchN": 2, "Merge": 1, "Enter": 1, "Exit": 1, "NextIteration": 1, "LoopCond": 1}
_LISTED = 40  # unsupported ops that a message names


def import_graph_def(
    graph_def: Any,
    name: str | None = None,
    input_map: Mapping[str, Any] | None = None,
    return_elements: Sequence[str] | None = None,
    graph: Graph | None = None,
) -> list[Operation | Tensor] | None:
    """Adds the nodes and functions of a GraphDef to a graph.

    graph_def: the message, or its bytes. name: the scope that the nodes get, by default `import`; "" for the names
    that they have. input_map: `node:k`, `node` for its output 0, or `^node`,
    as the message says it -> the tensor, array or (behind `^`) operation of the graph that is read in its place.
    return_elements: nodes and tensors of the message, by name. graph: by default the default graph.
    Returns the operations and tensors that `return_elements` names, else None.
    Raises GraphError, with nothing added, where the message cannot be read, where the graph has no op for some nodes
    (all such ops are named), where a node is not as its op is declared, and for keys of `input_map` and
    `return_elements` that the message does not hold.
    Source: https://www.tensorflow.org/api_docs/python/tf/graph_util/import_graph_def
    """
    message = without_templates(without_frames(as_message(graph_def)))
    _check_versions(message)
    _refuse(unsupported(message))
    graph = get_default_graph() if graph is None else graph
    _check_elements(message, [*(input_map or {}), *(return_elements or ())])
    with graph.all_or_nothing():
        prefix = _prefix(graph, name)
        given = _given(graph, prefix, input_map or {})
        allowance, producer = limits.Allowance(), message.versions.producer
        read_library(message.library.function, graph, allowance, producer)
        reader = NodeReader(graph, allowance, producer, prefix=prefix, given=given)
        reader.add_all(message.node)
        if return_elements is None:
            return None
        return [_element(reader, text) for text in return_elements]


def as_message(graph_def: Any) -> Any:
    """A GraphDef message from itself or its bytes. Raises GraphError for anything else."""
    if not isinstance(graph_def, (bytes, bytearray, memoryview)):
        if getattr(getattr(graph_def, "DESCRIPTOR", None), "name", "") != "GraphDef":
            raise GraphError(f"a GraphDef message or its bytes is wanted, found {type(graph_def).__name__}")
        return graph_def if isinstance(graph_def, GraphDef) else as_message(graph_def.SerializeToString())
    if len(graph_def) > limits.MESSAGE:
        raise GraphError(f"a GraphDef has at most {limits.MESSAGE:,} bytes, found {len(graph_def):,}")
    try:
        return GraphDef.FromString(bytes(graph_def))
    except (DecodeError, RecursionError, MemoryError) as error:
        raise GraphError(f"{len(graph_def):,} bytes are no GraphDef: {clip(str(error))}") from None


def without_frames(message: Any) -> Any:
    """A message whose conditions and loops of TensorFlow 1 are functions; itself where it has none."""
    framed = [node for node in message.node if node.op.removeprefix("Ref") in _FRAMES]
    if not framed:
        return message
    from framework.graph.graphdef.frames import functional  # few graphs have any

    _, inputs = NodeReader(Graph(), limits.Allowance(), 0).read(message.node)
    read = {node.name: references for node, references in zip(message.node, inputs, strict=True)}
    for node in framed:
        found = sum(reference.output != CONTROL for reference in read[node.name])
        if found < _FRAMES[node.op.removeprefix("Ref")]:
            raise GraphError(f"{node.op} has {found} inputs, which are too few", node=node.name)
    try:
        return functional(message)
    except FrameworkError:
        raise
    except NONSENSE as error:
        said = clip(str(error)) or type(error).__name__
        raise GraphError(f"its Switch, Merge and Enter nodes make no conditions and loops: {said}") from error


def unsupported(message: Any) -> dict[str, int]:
    """The ops that nothing here declares -> how many nodes use each, in the graph and in its functions."""
    nodes = chain(message.node, *(function.node_def for function in message.library.function))
    used = Counter(node.op for node in nodes)
    called = {function.signature.name for function in message.library.function}
    return {op: count for op, count in used.most_common() if op not in OPS and op not in called}


def _refuse(unknown: Mapping[str, int]) -> None:
    if not unknown:
        return
    listed = [
        f"{clip(op)} ({count} node{'s' * (count > 1)})" + (f", did you mean {near}?" if near else "")
        for op, count in list(unknown.items())[:_LISTED]
        for near in [nearest(op, OPS) if len(unknown) == 1 else None]
    ]
    more = f", and {len(unknown) - _LISTED} more" if len(unknown) > _LISTED else ""
    count = f"{len(unknown)} op{'s' * (len(unknown) > 1)}"
    raise GraphError(
        f"{count} of this graph cannot be run here: {', '.join(listed)}{more}",
        hint="register_op and register_kernel add an op",
    )


def _check_versions(message: Any) -> None:
    versions = message.versions
    if versions.min_consumer > CONSUMER or CONSUMER in versions.bad_consumers:
        raise GraphError(
            f"this graph asks for a program of GraphDef version {versions.min_consumer}; this one reads {CONSUMER}"
        )


def _prefix(graph: Graph, name: str | None) -> str:
    with graph.name_scope("import" if name is None else name) as scope:
        return scope


def _given(graph: Graph, prefix: str, input_map: Mapping[str, Any]) -> dict[Reference, str]:
    given: dict[Reference, str] = {}
    for key, value in input_map.items():
        reference = parse(key)
        if reference.output == CONTROL:
            given[reference] = value.op.name if isinstance(value, Tensor) else graph.operation(_name(value)).name
            continue
        if isinstance(value, Operation):
            raise GraphError(f"'{key}' is data, for which the operation '{value.name}' cannot stand")
        tensor = graph.tensor(value) if isinstance(value, str) else value
        if not isinstance(tensor, Tensor):
            with graph.name_scope(prefix or None):
                tensor = convert_to_tensor(tensor, graph)
        if tensor.graph is not graph:
            raise GraphError(f"'{tensor.name}', which stands for '{key}', belongs to another graph")
        given[reference] = tensor.name
    return given


def _name(value: Operation | str) -> str:
    return value if isinstance(value, str) else value.name


def _check_elements(message: Any, elements: Iterable[str]) -> None:
    """Refuses what the message does not hold, all at once."""
    elements = list(elements)
    if not elements:
        return
    names = {node.name for node in message.node}
    wrong = [text for text in elements if parse(text).node not in names]
    if wrong:
        listed = ", ".join(f"'{text}'{did_you_mean(parse(text).node, names)}" for text in wrong)
        raise GraphError(f"the GraphDef does not hold {listed}")


def _element(reader: NodeReader, text: str) -> Operation | Tensor:
    reference = parse(text)
    if ":" not in text:
        return reader.graph.operation(reader.names[reference.node])
    return reader.graph.tensor(reader.tensor(reference))
