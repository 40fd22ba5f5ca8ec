"""The fingerprint of a graph: equal for graphs that compile to the same program, whatever their runtime values."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from framework.graph.attrs import is_fill
from framework.graph.graph import Graph
from framework.graph.hyper import is_hyper
from framework.graph.node import node_of

_known: WeakKeyDictionary[Graph, tuple[tuple[int, int], str]] = WeakKeyDictionary()


def fingerprint(graph: Graph) -> str:
    """SHA-256 over all nodes in order, the constants behind `Hyper/` left out, and over the functions of the library.

    Remembered until nodes or functions are added.
    """
    size = len(graph), len(graph.library)
    known, text = _known.get(graph, (None, ""))
    if known != size:
        text = _compute(graph)
        _known[graph] = (size, text)
    return text


def _compute(graph: Graph) -> str:
    digest = hashlib.sha256()
    _add_nodes(digest, graph)
    for name in sorted(graph.library):
        body = graph.library[name]
        digest.update(f"{name}\0{body.inputs}\0{body.outputs}\n".encode())
        _add_nodes(digest, body.graph)
    return digest.hexdigest()


def _add_nodes(digest: Any, graph: Graph) -> None:
    blank = {node_of(node.inputs[0]) for node in graph if is_hyper(node)}
    for node in graph:
        attrs = "" if node.name in blank else encode(node.attrs)
        digest.update(
            f"{node.name}\0{node.op}\0{node.inputs}\0{node.control_inputs}\0{node.device}\0{attrs}\n".encode()
        )


def encode(attrs: Mapping[str, Any]) -> str:
    """Attributes as text that is equal for equal ones."""
    return ";".join(f"{name}={_encode_value(attrs[name])}" for name in sorted(attrs))


def _encode_value(value: Any) -> str:
    if isinstance(value, np.ndarray):
        if is_fill(value):  # of any size, in no memory
            return f"{value.shape} of {_encode_value(value.reshape(-1)[:1])}"
        content = repr(value.tolist()).encode() if value.dtype == object else value.tobytes()
        return f"{value.dtype}{value.shape}{hashlib.sha256(content).hexdigest()}"
    return repr(value)
