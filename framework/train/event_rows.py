"""Events of many steps at once: bytes laid out by NumPy, as TensorBoard's event files hold them.

A message of protobuf is made anew for every event in tens of microseconds, and its checksum in as many again: at a
report a step that is as long as the step. Events that differ in numbers alone have one layout, so the bytes of all are
one matrix, and checksums are columns of it.

Layout: https://protobuf.dev/programming-guides/encoding, tensorflow/core/util/event.proto, framework/summary.proto;
records: https://www.tensorflow.org/tutorials/load_data/tfrecord.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import groupby

import numpy as np

from framework.train.observer import Histograms

# A part of a message: the same bytes in every row, or bytes of each row, uint8 [rows, bytes].
_Part = bytes | np.ndarray
_CASTAGNOLI = 0x82F63B78
_CHUNK = 1 << 20  # bytes of messages whose checksums are computed together
_PART = 1024  # bytes of a message that are summed at once: a table of what each adds is a kilobyte a byte


def scalar_events(wall_time: float, steps: np.ndarray, numbers: Mapping[str, np.ndarray]) -> bytes:
    """The records of one event a step with a scalar a tag.

    wall_time: seconds. steps: int64 `[events]`, ascending. numbers: tag -> `[events]`.
    """
    clock = np.frombuffer(np.float64(wall_time).tobytes(), np.uint8)
    values = _bytes(np.stack(list(numbers.values()), 1), "<f4")
    return b"".join(
        _layout(tuple(numbers), places.shape[1]).filled(clock, places, values[chosen])
        for chosen, places in _by_length(steps)
    )


def histogram_events(wall_time: float, steps: np.ndarray, histograms: Histograms) -> bytes:
    """The records of one event a step with a histogram a tag. histograms: see `Reports`."""
    return _events(wall_time, steps, [_value(tag, _histogram(*three)) for tag, three in histograms.items()])


def record(message: bytes) -> bytes:
    """One message, at least four bytes long, as a record."""
    return _records(np.frombuffer(message, np.uint8)[None])


def _histogram(counts: np.ndarray, extent: np.ndarray, moments: np.ndarray) -> list[_Part]:
    """The field `histo`: min, max, num, sum, sum_squares, bucket_limit, bucket."""
    buckets = counts.shape[1]
    least, greatest = extent.astype(np.float64).T
    limits = np.linspace(least, greatest, buckets + 1, axis=1)[:, 1:]
    numbers = (least, greatest, counts.sum(1, dtype=np.float64), *moments.T)
    singles = [part for k, column in enumerate(numbers) for part in (bytes([0x09 + 8 * k]), _bytes(column, "<f8"))]
    lists = [part for tag, column in ((0x32, limits), (0x3A, counts)) for part in _field(tag, [_bytes(column, "<f8")])]
    return _field(0x2A, [*singles, *lists])


def _value(tag: str, content: Sequence[_Part]) -> list[_Part]:
    """A Summary.Value."""
    return _field(0x0A, [*_field(0x0A, [tag.encode()]), *content])


def _events(wall_time: float, steps: np.ndarray, values: Sequence[Sequence[_Part]]) -> bytes:
    """The records of events that hold the same values of a Summary."""
    summary = _field(0x2A, [part for value in values for part in value])
    clock = b"\x09" + np.float64(wall_time).tobytes()
    found = []
    for chosen, numbers in _by_length(steps):
        parts = [part if isinstance(part, bytes) else part[chosen] for part in summary]
        found.append(_records(_joined(len(numbers), [clock, b"\x10", numbers, *parts])))
    return b"".join(found)


def _by_length(steps: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """The numbers of ascending steps as uint8 `[steps, bytes]`, those together that take as many bytes."""
    numbers = [_varint(step) for step in steps.tolist()]
    start = 0
    for length, same in groupby(numbers, len):
        joined = np.frombuffer(b"".join(same), np.uint8).reshape(-1, length)
        yield slice(start, start + len(joined)), joined
        start += len(joined)


@dataclass(frozen=True)
class _Layout:
    """The record of an event with scalars whose tags are known, made once: a report of a few steps is as cheap as one.

    record: uint8 `[bytes]`, with zeros for what differs. places: where that is, in the order of the message.
    reach: of each place, where its contributions to the checksum begin. known: what all other bytes contribute.
    """

    record: np.ndarray
    places: np.ndarray
    reach: np.ndarray
    known: np.uint32

    def filled(self, clock: np.ndarray, steps: np.ndarray, values: np.ndarray) -> bytes:
        """The records of some events. clock: uint8 `[8]`. steps, values: uint8 `[events, bytes]`."""
        clocks = np.broadcast_to(clock, (len(steps), len(clock)))
        varying = np.concatenate([clocks, steps, values], axis=1)
        sums = np.bitwise_xor.reduce(_contributions(len(self.record)).take(self.reach + varying), axis=1) ^ self.known
        records = np.broadcast_to(self.record, (len(steps), len(self.record))).copy()
        records[:, self.places] = varying
        records[:, -4:] = _bytes(_masked(sums), "<u4")
        return records.tobytes()


@lru_cache(maxsize=64)
def _layout(tags: tuple[str, ...], length: int) -> _Layout:
    """length: how many bytes the number of the step takes."""

    def message(filling: int) -> np.ndarray:
        def some(count: int) -> np.ndarray:
            return np.full((1, count), filling, np.uint8)

        values = [part for tag in tags for part in _value(tag, [b"\x15", some(4)])]
        return _joined(1, [b"\x09", some(8), b"\x10", some(length), *_field(0x2A, values)])

    blank = message(0)
    places = np.flatnonzero(blank[0] != message(0xFF)[0])
    record = np.frombuffer(_records(blank), np.uint8)
    before = 12  # bytes of the length and its checksum
    return _Layout(record, places + before, (blank.shape[1] - 1 - places) * 256, _checksums(blank)[0])


def _records(messages: np.ndarray) -> bytes:
    """Messages uint8 `[events, bytes]` as records: length, its checksum, the message, its checksum."""
    events, size = messages.shape
    header = np.uint64(size).tobytes()
    checked = header + _masked(_checksums(np.frombuffer(header, np.uint8)[None])).tobytes()
    chunk = max(1, _CHUNK // size)
    sums = np.concatenate([_checksums(messages[k : k + chunk]) for k in range(0, events, chunk)])
    return _joined(events, [checked, messages, _bytes(_masked(sums), "<u4")]).tobytes()


# -- parts of messages ------------------------------------------------------------------------------------------------


def _field(tag: int, content: Sequence[_Part]) -> list[_Part]:
    """A field whose content has a length."""
    return [bytes([tag]) + _varint(sum(map(_size, content))), *content]


def _size(part: _Part) -> int:
    return len(part) if isinstance(part, bytes) else part.shape[1]


def _bytes(column: np.ndarray, dtype: str) -> np.ndarray:
    """Numbers `[rows]` or `[rows, numbers]` as the bytes of each row."""
    return np.ascontiguousarray(column, dtype).reshape(len(column), -1).view(np.uint8)


def _joined(rows: int, parts: Sequence[_Part]) -> np.ndarray:
    matrix = np.empty((rows, sum(map(_size, parts))), np.uint8)
    start = 0
    for part in parts:
        matrix[:, start : start + _size(part)] = np.frombuffer(part, np.uint8) if isinstance(part, bytes) else part
        start += _size(part)
    return matrix


def _varint(number: int) -> bytes:
    found = []
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


# -- checksums --------------------------------------------------------------------------------------------------------


def _checksums(messages: np.ndarray) -> np.ndarray:
    """CRC-32C of each row of uint8 `[rows, bytes]`, at least four bytes long; uint32 `[rows]`.

    The checksum is linear: what a byte adds to it depends on the byte and its distance from the end alone.
    """
    rows, size = messages.shape
    flipped = messages.copy()
    flipped[:, :4] ^= 0xFF  # the register begins with ones
    sums = np.zeros(rows, np.uint32)
    start = 0
    while start < size:
        part = flipped[:, start : start + ((size - start) % _PART or _PART)]  # the first one is what is left over
        length = part.shape[1]
        places = np.arange(length - 1, -1, -1, dtype=np.intp) * 256
        found = np.bitwise_xor.reduce(_contributions(length).take(places + part), axis=1)
        sums = found if start == 0 else found ^ _moved(sums, length, _contributions(length))
        start += length
    return sums ^ np.uint32(0xFFFFFFFF)


_known = np.empty((0, 256), np.uint32)


def _contributions(size: int) -> np.ndarray:
    """What each byte adds to a checksum, by its distance from the end: uint32 `[distances, 256]`, or longer."""
    global _known
    if len(_known) < size:
        table = np.empty((max(size, 256), 256), np.uint32)
        table[0] = np.arange(256)
        for _ in range(8):
            table[0] = (table[0] >> 1) ^ np.where(table[0] & 1, np.uint32(_CASTAGNOLI), np.uint32(0))
        for k in range(1, 4):
            table[k] = table[0][table[k - 1] & 0xFF] ^ (table[k - 1] >> 8)
        done = 4
        while done < len(table):
            more = min(done, len(table) - done)
            table[done : done + more] = _moved(table[:more], done, table)
            done += more
        _known = table
    return _known


def _moved(sums: np.ndarray, distance: int, table: np.ndarray) -> np.ndarray:
    """What sums become, uint32 of any shape, when so many more bytes follow, four at least; `table` reaches so far.

    The register goes into the first four of them, byte by byte.
    """
    parts = (table[distance - 1 - k][(sums >> np.uint32(8 * k)) & np.uint32(0xFF)] for k in range(4))
    return reduce(np.bitwise_xor, parts)


def _masked(sums: np.ndarray) -> np.ndarray:
    """A checksum as records hold it, so that a checksum of data that hold checksums stays a good one."""
    return ((sums >> 15) | (sums << 17)) + np.uint32(0xA282EAD8)
