"""The fingerprint of a graph: equal for graphs that compile to the same program, whatever their runtime values."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from framework.graph.graph import Graph
from framework.graph.hyper import is_hyper
from framework.graph.node import node_of

_known: WeakKeyDictionary[Graph, tuple[int, str]] = WeakKeyDictionary()


def fingerprint(graph: Graph) -> str:
    """SHA-256 over all nodes in order, the constants behind `Hyper/` left out. Remembered until nodes are added."""
    count, text = _known.get(graph, (-1, ""))
    if count != len(graph):
        text = _compute(graph)
        _known[graph] = (len(graph), text)
    return text


def _compute(graph: Graph) -> str:
    blank = {node_of(node.inputs[0]) for node in graph if is_hyper(node)}
    digest = hashlib.sha256()
    for node in graph:
        attrs = "" if node.name in blank else encode(node.attrs)
        digest.update(
            f"{node.name}\0{node.op}\0{node.inputs}\0{node.control_inputs}\0{node.device}\0{attrs}\n".encode()
        )
    return digest.hexdigest()


def encode(attrs: Mapping[str, Any]) -> str:
    """Attributes as text that is equal for equal ones."""
    return ";".join(f"{name}={_encode_value(attrs[name])}" for name in sorted(attrs))


def _encode_value(value: Any) -> str:
    if isinstance(value, np.ndarray):
        content = repr(value.tolist()).encode() if value.dtype == object else value.tobytes()
        return f"{value.dtype}{value.shape}{hashlib.sha256(content).hexdigest()}"
    return repr(value)
