"""`metrics.csv`: a row for every step at which something was reported; equal runs write equal files."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from framework.train.files import write_atomically
from framework.train.observer import Moment, Numbers, Observer


class Table(Observer):
    """Writes the rows as they come.

    columns: the numbers that have a column. A run that goes on drops the rows behind its checkpoint first, so that
    there is no gap and no row twice.
    """

    def __init__(self, path: Path, columns: Sequence[str], resumed_step: int = 0):
        self.path = path
        self.columns = ("step", "epoch", *columns)
        self._row: dict[str, str] = {}
        rows = [row for row in read(path) if int(row["step"]) <= resumed_step]
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, self.columns, restval="", extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        write_atomically(path, buffer.getvalue())
        self._stream = path.open("a", newline="", encoding="utf-8")
        self._writer = csv.DictWriter(self._stream, self.columns, restval="", lineterminator="\n")

    def reported(self, moment: Moment, means: Numbers) -> None:
        self._add(moment, means)

    def evaluated(self, moment: Moment, found: Numbers) -> None:
        self._add(moment, found)

    def advanced(self, moment: Moment, last: Numbers) -> None:
        self.flush()

    def end(self, moment: Moment) -> None:
        self.flush()
        self._stream.close()

    def flush(self) -> None:
        """Writes the row that is being filled."""
        if self._row:
            self._writer.writerow(self._row)
            self._stream.flush()
            self._row = {}

    def _add(self, moment: Moment, numbers: Numbers) -> None:
        """What belongs to one step stands in one row, whichever observer call brought it."""
        if self._row and self._row["step"] != str(moment.step):
            self.flush()
        self._row.update({"step": str(moment.step), "epoch": str(moment.epoch)})
        self._row.update({name: repr(float(number)) for name, number in numbers.items() if name in self.columns})


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a metrics file, a half-written last one left out; none when there is no file."""
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text[: text.rfind("\n") + 1])))
    return [row for row in rows if row.get("step") and None not in row.values()]
