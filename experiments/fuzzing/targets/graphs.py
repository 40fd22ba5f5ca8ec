"""GraphDefs."""

from __future__ import annotations

import gzip
import random
from functools import cached_property
from pathlib import Path

from experiments.fuzzing import graphdef
from experiments.fuzzing.mutation import of_bytes
from experiments.fuzzing.targets.reader import Files, Reader

LARGEST = 10_000  # bytes of a network: what reads it takes as long as it is large


class GraphReader(Reader):
    """GraphDefs: binary, packed, and as text."""

    name = "graphdef"

    @cached_property
    def seeds(self) -> list[Files]:
        return [{"a.pb": content} for content in graphdef.corpus() if len(content) < LARGEST]

    def change(self, draw: random.Random, name: str, content: bytes) -> bytes:
        kind = draw.randrange(8)
        if kind < 5:
            return graphdef.of_nodes(draw, content)
        if kind == 5:
            return of_bytes(draw, content)
        if kind == 6:
            return of_bytes(draw, gzip.compress(content, 1))
        return of_bytes(draw, _as_text(content))

    def read(self, folder: Path) -> None:
        from framework.graph.graphdef.message import to_graph_def

        graph = graphdef.graph_of((folder / "a.pb").read_bytes())
        to_graph_def(graph).SerializeToString(deterministic=True)


def _as_text(content: bytes) -> bytes:
    from google.protobuf import text_format

    from framework.graph.graphdef.proto import GraphDef

    return text_format.MessageToString(GraphDef.FromString(content)).encode()
