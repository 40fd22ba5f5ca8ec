"""`metrics.csv`: a row for every step at which something was reported; equal runs write equal files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from framework.errors import RunFolderError
from framework.files import write_atomically
from framework.train.observer import Moment, Numbers, Observer, Reports

_PLACE = ("step", "epoch")


class Table(Observer):
    """Writes a row as soon as something is reported, and again when more comes for the same step.

    So all rows up to a checkpoint are in the file before the checkpoint is. columns: the numbers that have one. A run
    that goes on from `resumed_step` drops the rows behind it first: no gap, and no row twice. Raises RunFolderError
    when the file cannot be written.
    """

    def __init__(self, path: Path, columns: Sequence[str], resumed_step: int = 0):
        self.path, self.columns = path, (*_PLACE, *columns)
        known = (row for row in read(path) if int(row["step"]) <= resumed_step)
        content = _lines([dict(zip(self.columns, self.columns, strict=True)), *known], self.columns)
        try:
            if path.exists():
                write_atomically(path, content)
            else:  # there is nothing yet that could be lost
                path.write_text(content, encoding="utf-8")
            self._stream = path.open("r+b")
        except OSError as error:
            raise RunFolderError(f"cannot write '{path}': {error.strerror}") from None
        self._row: dict[str, str] = {}
        self._start = self._stream.seek(0, io.SEEK_END)

    def reported(self, moment: Moment, reports: Reports) -> None:
        names = [name for name in self.columns if name in reports.means]
        cells = ([repr(number) for number in reports.means[name].tolist()] for name in names)
        rows = [
            {"step": str(step), "epoch": str(moment.epoch_of(step)), **dict(zip(names, numbers, strict=True))}
            for step, *numbers in zip(reports.steps.tolist(), *cells, strict=True)
        ]
        self._append(rows)

    def evaluated(self, moment: Moment, found: Numbers) -> None:
        numbers = {name: repr(float(number)) for name, number in found.items()}
        self._append([{"step": str(moment.step), "epoch": str(moment.epoch), **numbers}])

    def end(self, moment: Moment) -> None:
        self._stream.close()

    def _append(self, rows: Sequence[dict[str, str]]) -> None:
        """Writes rows behind the others; the first of them over the last one where that is of the same step."""
        if self._row.get("step") == rows[0]["step"]:
            rows = [{**self._row, **rows[0]}, *rows[1:]]
        else:
            self._start = self._stream.tell()
        *others, self._row = rows
        try:
            self._stream.seek(self._start)  # a row only grows, so writing it over itself leaves nothing behind it
            self._stream.write(_lines(others, self.columns).encode())
            self._start = self._stream.tell()
            self._stream.write(_lines([self._row], self.columns).encode())
            self._stream.flush()
        except OSError as error:
            raise RunFolderError(f"cannot write '{self.path}': {error.strerror}") from None


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a metrics file, those left out that are damaged or half-written; none when there is no file."""
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8", errors="replace")
    return [row for row in _rows(text[: text.rfind("\n") + 1]) if _is_whole(row)]


def last_numbers(path: Path) -> dict[str, float]:
    """The last number in each column of a metrics file that has one."""
    return {name: float(text) for row in read(path) for name, text in row.items() if text and name not in _PLACE}


def _rows(text: str) -> Iterator[dict[str, str]]:
    """The rows of a table by its first one; what the format does not allow is left out."""
    reader = csv.DictReader(io.StringIO(text))
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:  # such as a cell of megabytes
            continue


def _is_whole(row: Mapping[str, str]) -> bool:
    """Whether a row has all its columns, and numbers in them; a machine that crashed can leave anything in a file."""
    try:
        int(row["step"])
        _ = [float(text) for text in row.values() if text != ""]
    except (KeyError, TypeError, ValueError):  # a column too few is None, and those too many are a list
        return False
    return True


def _lines(rows: Iterable[Mapping[str, str]], columns: Sequence[str]) -> str:
    buffer = io.StringIO()
    csv.DictWriter(buffer, columns, restval="", extrasaction="ignore", lineterminator="\n").writerows(rows)
    return buffer.getvalue()
