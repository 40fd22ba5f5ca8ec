"""TensorBoard's event files: `train`, `validation` and `test` are runs of their own, so that one chart shows them."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any

import numpy as np
from tensorboard.plugins.text.summary import text_pb
from tensorboard.summary.writer.record_writer import RecordWriter

from framework.errors import RunFolderError
from framework.graph.proto import Event, HistogramProto, SessionLog, Summary
from framework.train.observer import Histograms, Moment, Numbers, Observer


class TensorBoard(Observer):
    """Writes scalars, histograms, the graph and the configuration below `folder`.

    graph: a serialised GraphDef for the graph tab. config: the configuration as YAML, for the text tab. Every event is
    in its file when the call returns, so a run that is killed has all that its checkpoint knows of. A run that goes on
    says from which step, and TensorBoard forgets what was written behind it. Raises RunFolderError when a file cannot
    be written.
    """

    def __init__(self, folder: Path, graph: bytes, config: str):
        self.folder, self.graph, self.config = folder, graph, config
        self._writers: dict[str, RecordWriter] = {}

    def begin(self, moment: Moment) -> None:
        for split in ("train", "validation", "test"):
            if (self.folder / split).exists():
                self._write(split, Event(step=moment.step + 1, session_log=SessionLog(status=SessionLog.START)))
        if moment.step == 0:
            self._write("train", Event(graph_def=self.graph))
            self._write("train", Event(summary=text_pb("configuration", f"```yaml\n{self.config}```")))

    def reported(self, moment: Moment, means: Numbers) -> None:
        self._scalars(moment, means)

    def evaluated(self, moment: Moment, found: Numbers) -> None:
        self._scalars(moment, found)

    def histograms(self, moment: Moment, found: Histograms) -> None:
        self._summary("train", moment, [_histogram(tag, *three) for tag, three in found.items()])

    def end(self, moment: Moment) -> None:
        for writer in self._writers.values():
            writer.close()
        self._writers = {}

    def _scalars(self, moment: Moment, numbers: Numbers) -> None:
        """`validation/loss` is the tag `loss` of the run `validation`; a bare name belongs to `train`."""
        by_split: dict[str, list[Any]] = {}
        for name, number in numbers.items():
            split, slash, tag = name.partition("/")
            split, tag = (split, tag) if slash else ("train", name)
            by_split.setdefault(split, []).append(Summary.Value(tag=tag, simple_value=number))
        for split, values in by_split.items():
            self._summary(split, moment, values)

    def _summary(self, split: str, moment: Moment, values: list[Any]) -> None:
        self._write(split, Event(step=moment.step, summary=Summary(value=values)))

    def _write(self, split: str, event: Any) -> None:
        event.wall_time = time.time()
        try:
            writer = self._writers.get(split) or self._open(split)
            writer.write(event.SerializeToString())
            writer.flush()
        except OSError as error:
            raise RunFolderError(f"cannot write events into '{self.folder / split}': {error.strerror}") from None

    def _open(self, split: str) -> RecordWriter:
        """A new event file; TensorBoard reads those of a folder by their names' order, so they begin with the time."""
        path = self.folder / split / f"events.out.tfevents.{time.time():.6f}.{socket.gethostname()}"
        path.parent.mkdir(exist_ok=True)
        writer = self._writers[split] = RecordWriter(path.open("xb"))
        writer.write(Event(wall_time=time.time(), file_version="brain.Event:2").SerializeToString())
        return writer


def _histogram(tag: str, counts: np.ndarray, extent: np.ndarray, moments: np.ndarray) -> Any:
    least, greatest = (float(edge) for edge in extent)
    message = HistogramProto(
        min=least,
        max=greatest,
        num=float(counts.sum()),
        sum=float(moments[0]),
        sum_squares=float(moments[1]),
        bucket_limit=np.linspace(least, greatest, len(counts) + 1)[1:].tolist(),
        bucket=counts.astype(np.float64).tolist(),
    )
    return Summary.Value(tag=tag, histo=message)
