"""A graph as a file: a GraphDef in binary, compressed, or as text."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

from google.protobuf import text_format

from framework.errors import GraphError
from framework.files import write_atomically
from framework.graph.graph import Graph
from framework.graph.graphdef import limits
from framework.graph.graphdef.message import to_graph_def

ENDINGS = (".pb", ".pb.gz", ".pbtxt", ".pbtxt.gz")


def save_graph(graph: Graph, path: str | Path) -> None:
    """Writes a graph as a GraphDef, the same bytes for the same graph.

    path: ends in `.pb`, `.pb.gz`, `.pbtxt` or `.pbtxt.gz`. A file that is there is replaced once the new one is whole.
    Raises GraphError for another ending, a graph larger than a GraphDef may be, and a file that cannot be written.
    """
    check_ending(path)
    name = str(path)
    content = to_bytes(to_graph_def(graph), is_text=".pbtxt" in name[-9:])
    if name.endswith(".gz"):
        content = gzip.compress(content, mtime=0)
    try:
        write_atomically(Path(path), content)
    except OSError as error:
        raise GraphError(f"'{path}' cannot be written: {error.strerror or error}") from None


def check_ending(path: str | Path) -> None:
    """Raises GraphError for a name that `save_graph` cannot tell the format from."""
    if not str(path).endswith(ENDINGS):
        raise GraphError(f"'{path}' must end in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}")


def to_bytes(message: Any, *, is_text: bool = False) -> bytes:
    """A GraphDef message as bytes, equal for equal messages. Raises GraphError where it is too large."""
    if is_text:
        return text_format.MessageToString(message).encode()
    if message.ByteSize() > limits.MESSAGE:
        raise GraphError(f"the graph takes {message.ByteSize():,} bytes, a GraphDef has at most {limits.MESSAGE:,}")
    return message.SerializeToString(deterministic=True)
