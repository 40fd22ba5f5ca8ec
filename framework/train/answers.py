"""What a model says of the examples it was asked about, as arrays in an `.npz` file or as a table in a `.csv` file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from framework.config.experiment import Experiment
from framework.errors import DataError, RunFolderError
from framework.files import write_atomically
from framework.layers import LOSSES

ENDINGS = (".npz", ".csv")


def write_answers(
    path: Path,
    answers: Mapping[str, np.ndarray],
    experiment: Experiment,
    known: Mapping[str, Sequence[object]] | None = None,
) -> None:
    """Writes output -> `[examples, ...]`; by the ending of the name as arrays, or as a table with a row an example.

    A table names classes, and gives for an output that a softmax cross-entropy is trained on the probabilities of the
    classes. known: the columns that stand before them; by default the examples are numbered from 0. Raises DataError
    for outputs that no table can hold, and for another ending.
    """
    check_ending(path)
    if path.suffix == ".csv":
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(_rows(answers, experiment, known))
        content = text.getvalue().encode()
    else:
        binary = io.BytesIO()
        np.savez(binary, **answers)  # type: ignore[arg-type]
        content = binary.getvalue()
    try:
        write_atomically(path, content)
    except OSError as error:
        raise RunFolderError(f"cannot write '{path}': {error.strerror}") from None


def check_ending(path: Path) -> None:
    """Raises DataError for a file that is neither."""
    if path.suffix not in ENDINGS:
        raise DataError(f"answers are written to a file .npz or .csv, found '{path}'", "such as output=answers.csv")


def _rows(
    answers: Mapping[str, np.ndarray], experiment: Experiment, known: Mapping[str, Sequence[object]] | None
) -> Iterator[Sequence[object]]:
    """The header of the table, and its rows."""
    examples = len(next(iter(answers.values())))
    columns: dict[str, Sequence[object]] = dict(known or {"row": range(examples)})
    for name, array in answers.items():
        found = _columns(name, array, experiment)
        # What the model says never covers what is known.
        columns |= {f"predicted_{key}" if key in columns else key: cells for key, cells in found.items()}
    yield list(columns)
    yield from zip(*columns.values(), strict=True)


def _columns(name: str, array: np.ndarray, experiment: Experiment) -> dict[str, Sequence[object]]:
    """The columns that an output becomes."""
    spec = experiment.dataset.spec()
    classes = [str(number) for number in range(spec.dimensions.get("num_classes", 0))]
    called = list(spec.class_names or classes)
    if name == "class" and called:
        return {"class": [called[number] for number in array]}
    if array.ndim == 1:
        return {name: _plain(array)}
    if array.ndim > 2:
        shape = list(array.shape[1:])
        raise DataError(f"the output '{name}' holds {shape} numbers an example, too many for a table", "write an .npz")
    if array.shape[1] == len(called) > 1:
        is_trained_by_softmax = _is_softmax(name, experiment)
        shown = _softmax(array) if is_trained_by_softmax else array
        prefix = "probability" if is_trained_by_softmax else name
        return {f"{prefix}_{one}": _plain(shown[:, column]) for column, one in enumerate(called)}
    if array.shape[1] == 1:
        return {name: _plain(array[:, 0])}
    return {f"{name}_{column}": _plain(array[:, column]) for column in range(array.shape[1])}


def _is_softmax(name: str, experiment: Experiment) -> bool:
    """Whether a softmax cross-entropy is trained on an output."""
    called = {name, experiment.model.outputs.get(name)}
    losses = experiment.loss.values()
    trained = (getattr(loss, "logits", None) for loss in losses if LOSSES.name_of(loss) == "softmax_cross_entropy")
    return any(logits in called for logits in trained)


def _softmax(logits: np.ndarray) -> np.ndarray:
    raised = np.exp(logits - logits.max(1, keepdims=True))
    return raised / raised.sum(1, keepdims=True)


def _plain(column: np.ndarray) -> list[object]:
    """Numbers as they are written: those of float32 with the digits that mean something."""
    return [f"{number:.7g}" for number in column] if column.dtype.kind == "f" else column.tolist()
