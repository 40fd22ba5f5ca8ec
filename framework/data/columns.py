"""The columns of a table, and how each becomes numbers: what is learned once, saved with a run, and applied again.

A number is itself; a moment is its days since 1970. A category is its position among the texts that occurred, in the
order of the texts, and -1 where it is missing or was never seen: a model reads it as one number for each text, all 0
then. Where a number is missing it is the mean of those that are trained on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from framework.errors import DataError

if TYPE_CHECKING:
    import pyarrow

Kind = Literal["number", "category"]
UNKNOWN = -1
_MOST_CATEGORIES = 1000
_FEW_CLASSES = 20  # integers of more different values than that are amounts, and not names of classes
_SHOWN = 6


@dataclass(frozen=True)
class Column:
    """One column. categories: its texts, or () for numbers. fill: what stands for a missing number.

    missing: how many rows lack it. least, greatest: of its numbers.
    """

    name: str
    kind: Kind
    categories: tuple[str, ...] = ()
    fill: float = 0.0
    missing: int = 0
    least: float = 0.0
    greatest: float = 0.0

    @property
    def width(self) -> int:
        """How many numbers a model reads of it."""
        return len(self.categories) if self.kind == "category" else 1

    def describe(self) -> str:
        """What it holds, in one line."""
        if self.kind == "number":
            text = f"{self.name}: number, {self.least:.6g} to {self.greatest:.6g}"
            return text + (f", {self.missing:,} missing (taken as {self.fill:.6g})" if self.missing else "")
        listed = ", ".join(self.categories[:_SHOWN]) + (", ..." if len(self.categories) > _SHOWN else "")
        text = f"{self.name}: category of {len(self.categories)} ({listed})"
        return text + (f", {self.missing:,} missing" if self.missing else "")

    def encode(self, values: pyarrow.ChunkedArray, source: str) -> np.ndarray:
        """float32 `[rows]`. Raises DataError for what is no number in a column of numbers."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if self.kind == "category":
            options = pc.SetLookupOptions(value_set=pa.array(self.categories, pa.string()))
            codes = pc.call_function("index_in", [_texts(values)], options)
            return codes.fill_null(UNKNOWN).to_numpy().astype(np.float32)
        numbers = _numbers(values, self.name, source)
        return np.where(np.isnan(numbers), self.fill, numbers).astype(np.float32)

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Column:
        """The column that was written so. Raises TypeError or KeyError for anything else."""
        return cls(**{**plain, "categories": tuple(str(text) for text in plain["categories"])})


def learn_column(name: str, values: pyarrow.ChunkedArray, kind: Kind | None, source: str) -> Column:
    """What a column of inputs is. kind: what the user says that it is, if anything. Raises DataError."""
    import pyarrow.types as types

    if values.null_count == len(values):
        raise DataError(f"{source}: column '{name}' holds nothing", f"leave it out: {_left_out([name])}")
    if kind == "category" or (kind is None and types.is_string(values.type)):
        return _learn_category(name, values)
    numbers = _numbers(values, name, source)
    known = numbers[~np.isnan(numbers)]
    infinite = np.isinf(known)
    if infinite.any():
        raise DataError(f"{source}: column '{name}' holds {int(infinite.sum()):,} infinite numbers", "mend these rows")
    return Column(
        name, "number", fill=float(known.mean()), missing=len(numbers) - len(known),
        least=float(known.min()), greatest=float(known.max()),
    )  # fmt: skip


def learn_target(name: str, values: pyarrow.ChunkedArray, kind: Kind | None, source: str) -> Column:
    """What is predicted: a number, or a class where it is text, true or false, or one of a few integers.

    Raises DataError where a row lacks it.
    """
    import pyarrow.types as types

    if values.null_count:
        first = int(np.flatnonzero(values.is_null().to_numpy())[0])
        raise DataError(
            f"{source}: column '{name}' is what is predicted, but {values.null_count:,} of {len(values):,} rows lack "
            f"it, first row {first}",
            "take these rows away, or set dataset.missing=drop",
        )
    is_name = types.is_string(values.type) or types.is_boolean(values.type)
    is_few = types.is_integer(values.type) and len(values.unique()) <= _FEW_CLASSES
    if kind == "category" or (kind is None and (is_name or is_few)):
        found = _learn_category(name, values, numeric=types.is_integer(values.type))
        if len(found.categories) < 2:
            raise DataError(f"{source}: column '{name}' holds one class alone: {', '.join(found.categories)}")
        return found
    return learn_column(name, values, "number", source)


def refuse_names(columns: Sequence[Column], rows: int, source: str) -> None:
    """Raises DataError for columns of so many texts that they name the rows rather than say what they are like."""
    found = [column for column in columns if len(column.categories) > _MOST_CATEGORIES]
    found += [c for c in columns if c not in found and len(c.categories) > max(50, rows / 2)]
    if found:
        listed = ", ".join(f"'{c.name}' ({len(c.categories):,} different texts)" for c in found)
        raise DataError(
            f"{source}: too many categories in {rows:,} rows: {listed}",
            f"leave out: {_left_out([c.name for c in found])}",
        )


def with_fill(column: Column, numbers: np.ndarray) -> Column:
    """The column whose missing numbers are the mean of these, those of the rows that are trained on."""
    known = numbers[~np.isnan(numbers)]
    return replace(column, fill=float(known.mean())) if column.kind == "number" and known.size else column


def plain_numbers(values: pyarrow.ChunkedArray, name: str, source: str) -> np.ndarray:
    """float64 `[rows]`, NaN where one is missing."""
    return _numbers(values, name, source)


def _learn_category(name: str, values: pyarrow.ChunkedArray, *, numeric: bool = False) -> Column:
    texts = [text for text in _texts(values).unique().to_pylist() if text is not None]
    ordered = sorted(texts, key=int) if numeric else sorted(texts)
    return Column(name, "category", tuple(ordered), missing=values.null_count)


def _texts(values: pyarrow.ChunkedArray) -> pyarrow.ChunkedArray:
    import pyarrow as pa

    return values.cast(pa.string())


def _numbers(values: pyarrow.ChunkedArray, name: str, source: str) -> np.ndarray:
    """float64 `[rows]`, NaN where one is missing. Raises DataError for texts."""
    import pyarrow as pa
    import pyarrow.types as types

    if types.is_temporal(values.type) and not types.is_duration(values.type) and not types.is_time(values.type):
        values = values.cast(pa.timestamp("s")).cast(pa.int64())
        return values.to_numpy(zero_copy_only=False).astype(np.float64) / 86_400
    if types.is_string(values.type):
        raise DataError(
            f"{source}: column '{name}' must hold numbers, but row {_first_text(values)}",
            f"say that it holds names: dataset.types={{{name}: category}}",
        )
    try:
        return values.cast(pa.float64()).to_numpy(zero_copy_only=False)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise DataError(
            f"{source}: column '{name}' holds {values.type}, which is no number", f"leave it out: {_left_out([name])}"
        ) from None


def _first_text(values: pyarrow.ChunkedArray) -> str:
    """Which row is the first to hold a text that is no number, and what it says."""
    for number, text in enumerate(values.to_pylist()):
        try:
            float(text if text is not None else "nan")
        except ValueError:
            return f"{number} holds '{text}'"
    return "0 holds text"


def _left_out(names: Sequence[str]) -> str:
    return f"dataset.exclude=[{', '.join(names)}]"
