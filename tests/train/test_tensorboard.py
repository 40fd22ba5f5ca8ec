"""The event files, read back by TensorBoard's own reader."""

from __future__ import annotations

import resource
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.plugins.hparams import api_pb2, metadata
from tensorboard.util import tensor_util

from framework.errors import RunFolderError
from framework.layers.gathered import Table
from framework.train.observer import Moment, Reports
from framework.train.tensorboard import Opening, TensorBoard

GRAPH = GraphDef()
GRAPH.node.add(name="x", op="Placeholder")


def play(folder: Path, first: int, last: int) -> TensorBoard:
    """Reports every step and evaluates every second one; begins where `first` says; is not ended."""
    texts = {"configuration": "```yaml\nseed: 0\n```"}
    hparams = {"model": "cnn", "optimizer.learning_rate": 0.5, "is_wide": True}
    board = TensorBoard(folder, Opening(GRAPH.SerializeToString(), texts, hparams))
    board.begin(Moment(first - 1, 20, 10))
    for step in range(first, last + 1):
        moment = Moment(step, 20, 10)
        board.reported(moment, reports(np.array([step])))
        if step % 2 == 0:
            board.evaluated(moment, {"validation/loss": 2 / step})
    return board


def reports(steps: np.ndarray) -> Reports:
    """What is reported of any steps."""
    return Reports(steps, {"train/loss": 1 / steps, "train/accuracy": steps / 100, "learning_rate": 0 * steps + 0.5})


def read(folder: Path) -> EventAccumulator:
    return EventAccumulator(str(folder)).Reload()


def scalars(folder: Path, tag: str) -> list[tuple[int, float]]:
    return [(event.step, event.value) for event in read(folder).Scalars(tag)]


def test_each_split_is_a_run_and_shares_its_tags(tmp_path: Path):
    play(tmp_path, 1, 4).end(Moment(4, 20, 10))
    assert scalars(tmp_path / "train", "loss") == [(s, pytest.approx(1 / s)) for s in (1, 2, 3, 4)]
    assert scalars(tmp_path / "train", "learning_rate")[0] == (1, 0.5)
    assert scalars(tmp_path / "validation", "loss") == [(2, 1.0), (4, 0.5)]
    runs = EventMultiplexer().AddRunsFromDirectory(str(tmp_path)).Reload().Runs()
    assert {run: sorted(tags["scalars"]) for run, tags in runs.items()} == {
        ".": [],  # the session of the HParams tab
        "train": ["accuracy", "learning_rate", "loss"],
        "validation": ["loss"],
    }


def test_every_event_is_in_the_file_at_once(tmp_path: Path):
    board = play(tmp_path, 1, 2)
    assert len(scalars(tmp_path / "train", "loss")) == 2
    board.end(Moment(2, 20, 10))


def test_the_graph_and_the_configuration_are_shown(tmp_path: Path):
    play(tmp_path, 1, 1).end(Moment(1, 20, 10))
    events = read(tmp_path / "train")
    assert GraphDef.FromString(events.Graph().SerializeToString()) == GRAPH
    (text,) = events.Tensors("configuration")
    assert tensor_util.make_ndarray(text.tensor_proto).item() == b"```yaml\nseed: 0\n```"
    assert events.SummaryMetadata("configuration").plugin_data.plugin_name == "text"


def test_the_session_of_the_hparams_tab_knows_the_options_and_its_end(tmp_path: Path):
    board = play(tmp_path / "run", 1, 2)
    board.finished(Moment(2, 20, 10), {"validation/loss": 0.125})
    board.end(Moment(2, 20, 10))
    events = read(tmp_path / "run")
    start = metadata.parse_session_start_info_plugin_data(_content(events, metadata.SESSION_START_INFO_TAG))
    assert start.group_name == "run"
    assert start.hparams["model"].string_value == "cnn"
    assert start.hparams["optimizer.learning_rate"].number_value == 0.5
    assert start.hparams["is_wide"].bool_value is True
    end = metadata.parse_session_end_info_plugin_data(_content(events, metadata.SESSION_END_INFO_TAG))
    assert end.status == api_pb2.STATUS_SUCCESS
    assert scalars(tmp_path / "run" / "validation", "best_loss") == [(2, 0.125)]


def test_a_session_has_the_end_of_the_last_time_that_it_went_on(tmp_path: Path):
    play(tmp_path, 1, 4).failed()
    play(tmp_path, 5, 6).finished(Moment(6, 20, 10), {})
    end = metadata.parse_session_end_info_plugin_data(_content(read(tmp_path), metadata.SESSION_END_INFO_TAG))
    assert end.status == api_pb2.STATUS_SUCCESS


def test_a_run_that_was_killed_while_it_ended_tells_of_its_end_once(tmp_path: Path):
    def end(board: TensorBoard) -> None:
        board.evaluated(Moment(4, 20, 10), {"test/loss": 0.25})
        board.tables(Moment(4, 20, 10), {"test/confusion": Table(("a", "b"), ("a", "b"), np.eye(2, dtype=int))})
        board.finished(Moment(4, 20, 10), {"validation/loss": 0.5})

    end(play(tmp_path, 1, 4))  # and killed before its status says so
    end(play(tmp_path, 5, 4))
    assert scalars(tmp_path / "test", "loss") == [(4, 0.25)]
    assert [event.step for event in read(tmp_path / "test").Images("confusion")] == [4]
    assert scalars(tmp_path / "validation", "best_loss") == [(4, 0.5)]
    assert scalars(tmp_path / "validation", "loss") == [(2, 1.0), (4, 0.5)]


def _content(events: EventAccumulator, tag: str) -> bytes:
    return events.SummaryMetadata(tag).plugin_data.content


def test_a_table_is_a_picture_of_its_split(tmp_path: Path):
    names = ("cat", "dog")
    board = TensorBoard(tmp_path)
    board.tables(Moment(7, 20, 10), {"validation/confusion": Table(names, names, np.array([[3, 1], [0, 2]]))})
    board.end(Moment(7, 20, 10))
    (event,) = read(tmp_path / "validation").Images("confusion")
    assert event.step == 7
    picture = Image.open(BytesIO(event.encoded_image_string))
    assert picture.size == (event.width, event.height)


def test_pictures_keep_their_pixels(tmp_path: Path):
    grey, colours = np.full((2, 3, 1), 7, np.uint8), np.arange(18, dtype=np.uint8).reshape(2, 3, 3)
    board = TensorBoard(tmp_path)
    board.pictures(Moment(3, 20, 10), {"inputs/image": colours, "features/conv1": grey})
    board.end(Moment(3, 20, 10))
    events = read(tmp_path / "train")
    (event,) = events.Images("inputs/image")
    assert (event.step, event.height, event.width) == (3, 2, 3)
    assert (np.asarray(Image.open(BytesIO(event.encoded_image_string))) == colours).all()
    assert (np.asarray(Image.open(BytesIO(events.Images("features/conv1")[0].encoded_image_string))) == 7).all()


def test_a_histogram_keeps_counts_range_and_moments(tmp_path: Path):
    values = np.array([-1.0, -0.9, 0.0, 0.25, 0.75, 1.0])
    counts = np.array([2, 0, 2, 2], np.float32)  # of [-1, -0.5), [-0.5, 0), [0, 0.5), [0.5, 1]
    board = TensorBoard(tmp_path)
    three = (counts, np.array([-1, 1], np.float32), np.array([values.sum(), (values**2).sum()], np.float32))
    constant = (np.array([5, 0], np.float32), np.array([3, 3], np.float32), np.array([15, 45], np.float32))
    rows = {name: tuple(part[None] for part in parts) for name, parts in {"kernel": three, "bias": constant}.items()}
    found = {f"dense/{name}": parts for name, parts in rows.items()}
    board.reported(Moment(7, 20, 10), Reports(np.array([7]), {"train/loss": np.array([1.0])}, found))
    board.end(Moment(7, 20, 10))
    (event,) = read(tmp_path / "train").Histograms("dense/kernel")
    found = event.histogram_value
    assert event.step == 7
    assert (found.min, found.max, found.num) == (-1, 1, 6)
    assert list(found.bucket_limit) == [-0.5, 0, 0.5, 1]
    assert list(found.bucket) == [2, 0, 2, 2]
    assert found.sum == pytest.approx(0.1)
    assert found.sum_squares == pytest.approx(1 + 0.81 + 0.0625 + 0.5625 + 1)
    found = read(tmp_path / "train").Histograms("dense/bias")[0].histogram_value
    assert (found.min, found.max, list(found.bucket)) == (3, 3, [5, 0])


@pytest.mark.parametrize("killed", [6, 7])
def test_a_resumed_run_has_no_gap_and_no_step_twice(tmp_path: Path, killed: int):
    play(tmp_path, 1, killed)  # not ended: the process was killed
    for event_file in tmp_path.glob("*/events*"):
        with event_file.open("ab") as stream:
            stream.write(b"\x18\x00\x00\x00")  # in the middle of a record
    play(tmp_path, 5, 8).end(Moment(8, 20, 10))
    assert scalars(tmp_path / "train", "loss") == [(s, pytest.approx(1 / s)) for s in range(1, 9)]
    assert [step for step, _ in scalars(tmp_path / "validation", "loss")] == [2, 4, 6, 8]


def test_what_was_written_behind_the_checkpoint_is_forgotten_before_anything_new_comes(tmp_path: Path):
    play(tmp_path, 1, 8).end(Moment(8, 20, 10))
    play(tmp_path, 5, 4).end(Moment(4, 20, 10))
    assert [step for step, _ in scalars(tmp_path / "train", "loss")] == [1, 2, 3, 4]
    assert [step for step, _ in scalars(tmp_path / "validation", "loss")] == [2, 4]


def test_a_run_that_starts_again_from_nothing_replaces_what_was_there(tmp_path: Path):
    play(tmp_path, 1, 8).end(Moment(8, 20, 10))
    play(tmp_path, 1, 2).end(Moment(2, 20, 10))
    assert [step for step, _ in scalars(tmp_path / "train", "loss")] == [1, 2]


def test_the_test_split_can_be_added_after_the_run(tmp_path: Path):
    play(tmp_path, 1, 8).end(Moment(8, 20, 10))
    board = TensorBoard(tmp_path)
    board.evaluated(Moment(8, 20, 10), {"test/loss": 0.125})
    board.end(Moment(8, 20, 10))
    assert scalars(tmp_path / "test", "loss") == [(8, 0.125)]
    assert len(scalars(tmp_path / "train", "loss")) == 8


def test_a_disk_that_takes_no_more_is_a_mistake_of_the_user(tmp_path: Path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, before[1]))
    try:
        with pytest.raises(RunFolderError, match=r"cannot write events into '.*': File too large"):
            play(tmp_path, 1, 20)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
