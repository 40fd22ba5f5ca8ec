"""TensorBoard's event files: `train`, `validation` and `test` are runs of their own, so that one chart shows them.

The run folder itself is a run too: the session of the HParams tab, which finds the numbers of the three below it.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2
from tensorboard.plugins.hparams.summary_v2 import hparams_pb
from tensorboard.plugins.text.summary import text_pb

from framework.errors import RunFolderError
from framework.graph.graphdef.proto import Event, SessionLog, Summary
from framework.train.drawing import draw_table, to_png
from framework.train.event_rows import histogram_events, record, scalar_events
from framework.train.observer import Moment, Numbers, Observer, Pictures, Reports, Tables

# protobuf makes its classes while it imports, where no type checker sees them.
_SUCCESS: Any = api_pb2.Status.Value("STATUS_SUCCESS")  # pyright: ignore[reportAttributeAccessIssue]
_FAILURE: Any = api_pb2.Status.Value("STATUS_FAILURE")  # pyright: ignore[reportAttributeAccessIssue]
_SessionData: Any = plugin_data_pb2.HParamsPluginData  # pyright: ignore[reportAttributeAccessIssue]
_SESSION, _SPLITS, _END = ".", ("train", "validation", "test"), ".end"


@dataclass(frozen=True)
class Opening:
    """What is written before the first step.

    graph: a serialised GraphDef, for the graph tab. texts: title -> text that is shown as it stands.
    hparams: option -> value, for the HParams tab.
    """

    graph: bytes = b""
    texts: Mapping[str, str] = field(default_factory=dict)
    hparams: Mapping[str, float | str | bool] = field(default_factory=dict)


class TensorBoard(Observer):
    """Writes scalars, histograms, pictures, texts, the graph and the options below `folder`.

    opening: what is written before the first step. Every event is in its file when the call returns, so a run that is
    killed has all that its checkpoint knows of. A run that goes on says from which step, and TensorBoard forgets what
    was written behind it. What a run tells at its end, its test among it, stands in files of their own, which go when
    it goes on: the step of that end is not behind the checkpoint, and of a session TensorBoard believes the first end
    that it finds. Raises RunFolderError when a file cannot be written.
    """

    def __init__(self, folder: Path, opening: Opening | None = None):
        self.folder, self.opening = folder, opening or Opening()
        self._streams: dict[tuple[str, str], BinaryIO] = {}

    def begin(self, moment: Moment) -> None:
        for split in (_SESSION, *_SPLITS):
            for path in (self.folder / split).glob(f"events.out.tfevents.*{_END}"):
                path.unlink(missing_ok=True)
        for split in _SPLITS:
            if any((self.folder / split).glob("events.out.tfevents.*")):
                self._write(split, Event(step=moment.step + 1, session_log=SessionLog(status=SessionLog.START)))
        if moment.step == 0:
            self._open_with(self.opening)

    def reported(self, moment: Moment, reports: Reports) -> None:
        now = time.time()
        for split, numbers in _by_split(reports.means).items():
            self._append(split, scalar_events(now, reports.steps, numbers))
        if reports.histograms:
            self._append("train", histogram_events(now, reports.steps, reports.histograms))

    def evaluated(self, moment: Moment, found: Numbers) -> None:
        self._scalars(moment, found)

    def tables(self, moment: Moment, tables: Tables) -> None:
        for name, table in tables.items():
            split, _, tag = name.partition("/")
            self._summary(split, moment, [_image(tag, draw_table(table))])

    def pictures(self, moment: Moment, found: Pictures) -> None:
        self._summary("train", moment, [_image(tag, picture) for tag, picture in found.items()])

    def finished(self, moment: Moment, best: Mapping[str, float]) -> None:
        """The run has come to its end. best: the greatest or least value of a number, by its name."""
        self._scalars(moment, {name.replace("/", "/best_", 1): number for name, number in best.items()}, at_end=True)
        self._write(_SESSION, Event(summary=_session_end(_SUCCESS)), at_end=True)

    def failed(self) -> None:
        """The run has failed, which the HParams tab shows."""
        self._write(_SESSION, Event(summary=_session_end(_FAILURE)), at_end=True)
        self._close()

    def end(self, moment: Moment) -> None:
        self._close()

    def _close(self) -> None:
        for stream in self._streams.values():
            stream.close()
        self._streams = {}

    def _open_with(self, opening: Opening) -> None:
        if opening.graph:
            self._write("train", Event(graph_def=opening.graph))
        for title, text in opening.texts.items():
            self._write("train", Event(summary=text_pb(title, text)))
        if opening.hparams:
            session = hparams_pb(dict(opening.hparams), trial_id=self.folder.name)
            self._write(_SESSION, Event(summary=session))

    def _scalars(self, moment: Moment, numbers: Numbers, *, at_end: bool = False) -> None:
        steps = np.array([moment.step])
        for split, found in _by_split({name: np.array([number]) for name, number in numbers.items()}).items():
            self._append(split, scalar_events(time.time(), steps, found), at_end)

    def _summary(self, split: str, moment: Moment, values: list[Any]) -> None:
        self._write(split, Event(step=moment.step, summary=Summary(value=values)))

    def _write(self, split: str, event: Any, *, at_end: bool = False) -> None:
        event.wall_time = time.time()
        self._append(split, record(event.SerializeToString()), at_end)

    def _append(self, split: str, records: bytes, at_end: bool = False) -> None:
        suffix = _END if at_end or split == "test" else ""
        try:
            stream = self._streams.get((split, suffix)) or self._open(split, suffix)
            stream.write(records)
            stream.flush()
        except OSError as error:
            raise RunFolderError(f"cannot write events into '{self.folder / split}': {error.strerror}") from None

    def _open(self, split: str, suffix: str) -> BinaryIO:
        """A new event file; TensorBoard reads those of a folder by their names' order, so they begin with the time."""
        path = self.folder / split / f"events.out.tfevents.{time.time():.6f}.{socket.gethostname()}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = self._streams[split, suffix] = path.open("xb")
        stream.write(record(Event(wall_time=time.time(), file_version="brain.Event:2").SerializeToString()))
        return stream


def _by_split(columns: Mapping[str, np.ndarray]) -> dict[str, dict[str, np.ndarray]]:
    """`validation/loss` is the tag `loss` of the run `validation`; a bare name belongs to `train`."""
    found: dict[str, dict[str, np.ndarray]] = {}
    for name, column in columns.items():
        split, slash, tag = name.partition("/")
        split, tag = (split, tag) if slash else ("train", name)
        found.setdefault(split, {})[tag] = column
    return found


def _image(tag: str, picture: np.ndarray) -> Any:
    height, width, channels = picture.shape
    png = to_png(picture)
    message = Summary.Image(height=height, width=width, colorspace=channels, encoded_image_string=png)
    return Summary.Value(tag=tag, image=message)


def _session_end(status: Any) -> Any:
    """What tells the HParams tab that a session is over."""
    data = _SessionData()
    data.session_end_info.status = status
    data.session_end_info.end_time_secs = time.time()
    about = metadata.create_summary_metadata(data)
    return Summary(
        value=[Summary.Value(tag=metadata.SESSION_END_INFO_TAG, metadata=about, tensor=metadata.NULL_TENSOR)]
    )
