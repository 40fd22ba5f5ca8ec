"""Summaries of tensors, and the files that TensorBoard reads them from.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/summary
"""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from framework import ops
from framework.graph import Graph, Tensor, get_default_graph
from framework.graph.graphdef.message import to_graph_def
from framework.graph.graphdef.proto import Event, Summary
from framework.ops.apply import TensorLike, apply
from framework.tf.collections import GraphKeys, get_collection

Keys = Sequence[str] | None


def scalar(name: str, tensor: TensorLike, collections: Keys = None) -> Tensor:
    """A summary of one number under the tag `name`: a string to hand to `FileWriter.add_summary`."""
    return _summary("ScalarSummary", name, tensor, collections)


def histogram(name: str, values: TensorLike, collections: Keys = None) -> Tensor:
    """A summary of how the numbers of a tensor are distributed. A run fails where one is not finite."""
    return _summary("HistogramSummary", name, values, collections)


def image(name: str, tensor: TensorLike, max_outputs: int = 3, collections: Keys = None) -> Tensor:
    """A summary of the first images of `[batch, height, width, 1, 3 or 4]`, uint8 or scaled floating-point."""
    return _summary("ImageSummary", name, tensor, collections, max_images=max_outputs)


def text(name: str, tensor: TensorLike, collections: Keys = None) -> Tensor:
    """A summary of text (Markdown): a string, or a vector or matrix of strings, which is shown as a table."""
    from tensorboard.plugins.text.metadata import create_summary_metadata

    metadata = create_summary_metadata(display_name=name, description="").SerializeToString()
    return _summary("TensorSummaryV2", name, tensor, collections, last=[metadata])


def _summary(
    op: str, name: str, tensor: TensorLike, collections: Keys, last: Sequence[Any] = (), **attrs: Any
) -> Tensor:
    """A node called `name` whose tag is its name, entered into collections: by default that of the summaries."""
    graph = tensor.graph if isinstance(tensor, Tensor) else get_default_graph()
    with graph.as_default(), graph.name_scope(name) as scope:
        tag = ops.constant(scope.rstrip("/"), name="tag")
        made = apply(op, [tag, tensor, *last], attrs, scope)[0]
    for key in [GraphKeys.SUMMARIES] if collections is None else collections:
        graph.collect(key, made.name)
    return made


def merge(inputs: Sequence[Tensor], collections: Keys = None, name: str = "Merge/MergeSummary") -> Tensor:
    """One summary of several."""
    merged = ops.merge_summary(list(inputs), name=name)
    for key in collections or ():
        merged.graph.collect(key, merged.name)
    return merged


def merge_all(key: str = GraphKeys.SUMMARIES, scope: str | None = None) -> Tensor | None:
    """One summary of all that are in a collection of the default graph, or None where there are none."""
    found = get_collection(key, scope)
    return merge(found) if found else None


class FileWriter:
    """Writes an event file into a folder, which is made where it is not there.

    graph: is shown in TensorBoard's graph tab. Each event is in the file when the call returns; a used writer is
    closed by `close`, or by the end of a `with` block. Raises OSError when the file cannot be written.

    Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/summary/FileWriter
    """

    def __init__(self, logdir: str | Path, graph: Graph | None = None):
        from tensorboard.summary.writer.record_writer import RecordWriter

        self._folder = Path(logdir)
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"events.out.tfevents.{time.time():.6f}.{socket.gethostname()}"
        self._records: Any = RecordWriter(path.open("xb"))
        self._write(Event(file_version="brain.Event:2"))
        if graph is not None:
            self.add_graph(graph)

    def get_logdir(self) -> str:
        """The folder."""
        return str(self._folder)

    def add_graph(self, graph: Graph, global_step: int | None = None) -> None:
        """Adds a graph, without the contents of its large constants."""
        self._write(Event(graph_def=to_graph_def(graph, picture=True).SerializeToString()), global_step)

    def add_summary(self, summary: Any, global_step: Any = None) -> None:
        """Adds a summary: what a run of a summary gave (bytes), or a Summary message.

        Raises ValueError for what is no summary.
        """
        if isinstance(summary, np.ndarray):
            summary = summary.item()
        if isinstance(summary, bytes):
            summary = Summary.FromString(summary)
        if not isinstance(summary, Summary):
            raise ValueError(f"a summary is what a run of a summary gave, found {summary!r}")
        self._write(Event(summary=summary), global_step)

    def add_run_metadata(self, run_metadata: Any, tag: str, global_step: Any = None) -> None:
        """Adds what a traced run took, under a tag, for the colours of the graph tab."""
        event = Event()
        event.tagged_run_metadata.tag = tag
        event.tagged_run_metadata.run_metadata = run_metadata.SerializeToString()
        self._write(event, global_step)

    def flush(self) -> None:
        """Hands all that was written to the operating system."""
        self._records.flush()

    def close(self) -> None:
        """Closes the file; nothing can be added any more."""
        if self._records is not None:
            self._records.close()
            self._records = None

    def __enter__(self) -> FileWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, event: Any, step: Any = None) -> None:
        if self._records is None:
            raise RuntimeError(f"the event file in '{self._folder}' was closed; make a new FileWriter")
        event.wall_time = time.time()
        event.step = 0 if step is None else int(step)
        self._records.write(event.SerializeToString())
        self._records.flush()
