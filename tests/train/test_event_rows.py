"""Events laid out as one matrix, against the messages and the reader of TensorBoard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tensorboard.summary.writer.record_writer import RecordWriter

from framework.graph.graphdef.proto import Event
from framework.train.event_rows import histogram_events, record, scalar_events

# Steps on both sides of where their number takes a byte more.
STEPS = np.array([0, 1, 127, 128, 16383, 16384, 2**31, 2**40])


def messages(records: bytes) -> list[bytes]:
    """The messages of some records, whose checksums must be what TensorBoard's writer writes."""
    found, rest = [], records
    while rest:
        size = int.from_bytes(rest[:8], "little")
        message, rest = rest[12 : 12 + size], rest[16 + size :]
        found.append(message)
    return found


class Collected(bytearray):
    """A file in memory, as TensorBoard's writer wants one."""

    def write(self, content: bytes) -> None:
        self.extend(content)


def written(found: list[bytes]) -> bytes:
    """The same records as TensorBoard writes them."""
    stream = Collected()
    writer = RecordWriter(stream)
    for message in found:
        writer.write(message)
    return bytes(stream)


@pytest.mark.parametrize("size", [4, 5, 9, 255, 257, 1023, 1024, 1025, 1027, 2048, 5001])
def test_a_record_is_what_tensorboard_writes(size: int):
    message = np.random.default_rng(size).bytes(size)
    assert record(message) == written([message])


def test_scalars_are_the_events_of_as_many_messages():
    loss, accuracy = np.linspace(-1e30, 0.0, 8), np.array([0, 1, np.inf, np.nan, 0.1, 2, 3, 4])
    records = scalar_events(12.5, STEPS, {"loss": loss, "a longer name": accuracy})
    assert written(messages(records)) == records
    events = [Event.FromString(message) for message in messages(records)]
    assert [event.step for event in events] == STEPS.tolist()
    for event, first, second in zip(events, loss.astype("f"), accuracy.astype("f"), strict=True):
        assert event.wall_time == 12.5
        assert [value.tag for value in event.summary.value] == ["loss", "a longer name"]
        np.testing.assert_array_equal([value.simple_value for value in event.summary.value], [first, second])


def test_histograms_are_the_events_of_as_many_messages():
    rng = np.random.default_rng(0)
    counts = rng.integers(0, 9, (8, 30)).astype("f")
    extent = np.sort(rng.normal(size=(8, 2)).astype("f"))
    moments = rng.normal(size=(8, 2)).astype("f")
    records = histogram_events(1.0, STEPS, {"kernel": (counts, extent, moments), "zero": (0 * counts, extent, moments)})
    assert written(messages(records)) == records
    for row, message in enumerate(messages(records)):
        event = Event.FromString(message)
        kernel, zero = event.summary.value
        assert (event.step, kernel.tag, zero.tag) == (STEPS[row], "kernel", "zero")
        assert list(kernel.histo.bucket) == counts[row].tolist()
        assert (kernel.histo.min, kernel.histo.max, kernel.histo.num) == (*extent[row], counts[row].sum())
        assert (kernel.histo.sum, kernel.histo.sum_squares) == tuple(moments[row])
        limits = np.linspace(*extent[row].astype("d"), 31)[1:]
        np.testing.assert_allclose(kernel.histo.bucket_limit, limits, rtol=1e-12, atol=1e-15)


def test_checksums_of_many_events_are_taken_in_pieces():
    steps = np.arange(30_000)
    records = scalar_events(1.0, steps, {"x" * 100: steps})
    found = messages(records)
    assert [Event.FromString(message).step for message in found] == steps.tolist()
    assert written(found[-3:]) == records[-3 * len(record(found[-1])) :]


def test_what_tensorboard_reads_back(tmp_path: Path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    path = tmp_path / "events.out.tfevents.1"
    path.write_bytes(
        record(Event(file_version="brain.Event:2").SerializeToString()) + scalar_events(1.0, STEPS, {"loss": STEPS})
    )
    assert [event.step for event in EventAccumulator(str(tmp_path)).Reload().Scalars("loss")] == STEPS.tolist()
