"""Files that hold a graph: GraphDef in binary, as text, or compressed with gzip, told apart by what they hold."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

from google.protobuf import text_format
from google.protobuf.message import DecodeError

from framework.errors import FrameworkError, GraphError
from framework.graph.graph import Graph
from framework.graph.graphdef import limits
from framework.graph.graphdef.importing import as_message, import_graph_def
from framework.graph.graphdef.nodes import clip
from framework.graph.graphdef.proto import GraphDef, MetaGraphDef

_GZIP = b"\x1f\x8b"
_SAVED_MODEL = b"\x08\x01\x12"  # its schema's version, and then a graph with all that belongs to it
_CHUNK = 2**20  # bytes that are unpacked at a time


def load_graph(path: str | Path) -> Graph:
    """The graph that a file holds.

    path: a GraphDef in binary (`.pb`) or as text (`.pbtxt`), compressed with gzip or not; whichever it is, the file
    itself tells.
    Raises GraphError, naming the file and the node, for a file that cannot be read, that asks for more than
    `graph.limits` allows, or whose graph cannot be built; see `import_graph_def`.
    """
    message = read_graph_def(path)
    graph = Graph()
    try:
        import_graph_def(message, "", graph=graph)
    except GraphError as error:
        raise GraphError(f"{error.message}  in {path}", error.node, error.hint) from error
    except FrameworkError as error:
        raise GraphError(f"{error}  in {path}") from error
    return graph


def read_graph_def(path: str | Path) -> Any:
    """The GraphDef message that a file holds. Raises GraphError where it holds none."""
    try:
        return parse_graph_def(_bytes(Path(path)))
    except GraphError as error:
        raise GraphError(f"{path}: {error.message}", hint=error.hint) from None


def parse_graph_def(content: bytes) -> Any:
    """The GraphDef message that the bytes of a file hold. Raises GraphError where they hold none."""
    if content.startswith(_GZIP):
        content = _unpacked(content)
    if content.startswith(_SAVED_MODEL):
        raise GraphError(
            "a SavedModel, whose variables lie in other files",
            hint="make constants of them in TensorFlow (convert_variables_to_constants_v2) and write its GraphDef",
        )
    if _is_text(content):
        return _from_text(content)
    try:
        return as_message(content)
    except GraphError:
        message = _of_meta_graph(content)
        if message is None:
            raise
        return message


def _bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            kind = "the folder of a SavedModel" if (path / "saved_model.pb").is_file() else "a folder"
            raise GraphError(f"{kind}; a file that holds a GraphDef is wanted")
        if path.stat().st_size > limits.MESSAGE:
            raise GraphError(f"{path.stat().st_size:,} bytes; a GraphDef has at most {limits.MESSAGE:,}")
        return path.read_bytes()
    except (OSError, ValueError) as error:  # a name with a NUL is a ValueError
        raise GraphError(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _unpacked(content: bytes) -> bytes:
    """What a gzip file holds, unpacked in pieces so that a small file cannot fill the memory."""
    limit = min(max(limits.UNPACKED, limits.RATIO * len(content)), limits.MESSAGE)
    pieces: list[bytes] = []
    size = 0
    rest = content
    while rest:
        unpacker = zlib.decompressobj(wbits=31)
        while not unpacker.eof:
            try:
                piece = unpacker.decompress(rest, _CHUNK)
            except zlib.error as error:
                raise GraphError(f"damaged: gzip cannot unpack it ({error})") from None
            rest = unpacker.unconsumed_tail
            if not piece and not rest and not unpacker.eof:
                raise GraphError("cut short: the gzip file has no end")
            size += len(piece)
            if size > limit:
                raise GraphError(f"{len(content):,} bytes that unpack to more than {limit:,}, which no graph does")
            pieces.append(piece)
        rest = unpacker.unused_data.lstrip(b"\0")  # gzip files may follow each other, and be padded
    return b"".join(pieces)


def _is_text(content: bytes) -> bool:
    """Whether a file begins as text does; a binary message begins with tags and lengths, which are no letters."""
    start = content[:256]
    return bool(start.strip()) and not any(byte < 32 and byte not in b"\t\n\r" for byte in start)


def _from_text(content: bytes) -> Any:
    if len(content) > limits.TEXT:
        raise GraphError(f"{len(content):,} bytes of text, at most {limits.TEXT:,} are read")
    message = GraphDef()
    try:
        text_format.Parse(content.decode(), message)
    except UnicodeDecodeError as error:
        raise GraphError(f"no text in UTF-8, and no binary GraphDef: {error.reason} at byte {error.start}") from None
    except RecursionError:
        raise GraphError("messages lie too deep in each other") from None
    except (text_format.ParseError, DecodeError, OverflowError, TypeError, ValueError) as error:
        raise GraphError(f"no GraphDef as text: {clip(str(error))}") from None
    return message


def _of_meta_graph(content: bytes) -> Any:
    """The graph of a MetaGraphDef, which a Saver of TensorFlow 1 writes; None where the bytes are none."""
    try:
        message = MetaGraphDef.FromString(content)
    except (DecodeError, RecursionError, MemoryError):
        return None
    return message.graph_def if message.graph_def.node else None
