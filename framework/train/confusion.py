"""`confusion_matrix.csv`: the confusion matrices of the split that was evaluated last."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from framework.errors import RunFolderError
from framework.files import write_atomically
from framework.train.observer import Moment, Observer, Tables


class ConfusionMatrices(Observer):
    """Writes the tables of a split whenever it is evaluated, in place of those before."""

    def __init__(self, path: Path):
        self.path = path

    def tables(self, moment: Moment, tables: Tables) -> None:
        try:
            write_atomically(self.path, as_csv(tables))
        except OSError as error:
            raise RunFolderError(f"cannot write '{self.path}': {error.strerror}") from None


def as_csv(tables: Tables) -> str:
    """Tables one below the other, an empty line between.

    The first cell says what it is: `test/confusion_matrix (label by predicted)` has a row for each label, and a column
    for each class that was predicted.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for position, (name, table) in enumerate(tables.items()):
        if position:
            writer.writerow([])
        writer.writerow([f"{name} ({table.row} by {table.column})", *table.columns])
        writer.writerows([row, *counts] for row, counts in zip(table.rows, table.counts.tolist(), strict=True))
    return buffer.getvalue()
