"""TensorBoard's event files: `train`, `validation` and `test` are runs of their own, so that one chart shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from tensorboardX import FileWriter
from tensorboardX.proto import event_pb2, summary_pb2

from framework.train.observer import Histograms, Moment, Numbers, Observer


class TensorBoard(Observer):
    """Writes scalars, histograms and the graph below `folder`.

    graph: a serialised GraphDef for the graph tab. config: the configuration as YAML, for the text tab. A run that
    goes on says from which step, and TensorBoard forgets what was written after it.
    """

    def __init__(self, folder: Path, graph: bytes, config: str, resumed_step: int = 0):
        self.folder = folder
        self._resumed = resumed_step
        self._writers: dict[str, FileWriter] = {}
        if not resumed_step:
            self._writer("train").add_event(event_pb2.Event(graph_def=graph))
            self._add("train", 0, [_text("configuration", f"```yaml\n{config}```")])

    def reported(self, moment: Moment, means: Numbers) -> None:
        self._scalars(moment, means)

    def evaluated(self, moment: Moment, found: Numbers) -> None:
        self._scalars(moment, found)

    def histograms(self, moment: Moment, found: Histograms) -> None:
        self._add("train", moment.step, [_histogram(tag, *three) for tag, three in found.items()])

    def end(self, moment: Moment) -> None:
        for writer in self._writers.values():
            writer.close()

    def _scalars(self, moment: Moment, numbers: Numbers) -> None:
        """`validation/loss` is the tag `loss` of the run `validation`; a bare name belongs to `train`."""
        by_split: dict[str, list[Any]] = {}
        for name, number in numbers.items():
            split, slash, tag = name.partition("/")
            split, tag = (split, tag) if slash else ("train", name)
            by_split.setdefault(split, []).append(summary_pb2.Summary.Value(tag=tag, simple_value=number))
        for split, values in by_split.items():
            self._add(split, moment.step, values)

    def _add(self, split: str, step: int, values: list[Any]) -> None:
        self._writer(split).add_event(event_pb2.Event(summary=summary_pb2.Summary(value=values)), step)

    def _writer(self, split: str) -> FileWriter:
        if split not in self._writers:
            self._writers[split] = FileWriter(str(self.folder / split), flush_secs=10)
            if self._resumed:
                session = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
                self._writers[split].add_event(event_pb2.Event(session_log=session), self._resumed + 1)
        return self._writers[split]


def _histogram(tag: str, counts: np.ndarray, extent: np.ndarray, moments: np.ndarray) -> Any:
    edges = np.linspace(extent[0], extent[1], len(counts) + 1, dtype=np.float64)[1:]
    message = summary_pb2.HistogramProto(
        min=float(extent[0]),
        max=float(extent[1]),
        num=float(counts.sum()),
        sum=float(moments[0]),
        sum_squares=float(moments[1]),
        bucket_limit=edges.tolist(),
        bucket=counts.astype(np.float64).tolist(),
    )
    return summary_pb2.Summary.Value(tag=tag, histo=message)


def _text(tag: str, markdown: str) -> Any:
    from tensorboardX.summary import text

    return text(tag, markdown).value[0]


