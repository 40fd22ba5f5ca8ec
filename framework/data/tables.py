"""Tables of the user's own, from CSV or Parquet files: a row an example, a column what is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from framework.data.columns import Column, Kind, learn_column, learn_target, plain_numbers, refuse_names, with_fill
from framework.data.dataset import DATASETS, Contents, UndividedDataset
from framework.data.files import expand
from framework.data.spec import Arrays, DataSpec, Feature, label
from framework.data.table_file import read_table
from framework.errors import DataError
from framework.fields import structural
from framework.graph import as_dtype
from framework.registry import did_you_mean

if TYPE_CHECKING:
    import pyarrow

INPUT = "features"


class Table(UndividedDataset):
    """A table whose rows are examples; one column is predicted, the others are read.

    The inputs are the feature `features`: each number, and for each category one number a text it may hold. The column
    that is predicted is `label`, where it is text, true or false or one of at most 20 integers, or else `target`. A
    missing number is the mean of those that are trained on, a missing category is none of its texts. What was learned
    of the columns is saved with a run, and applied to the tables that the run is asked about.
    """

    path: str = structural(..., "the file; a relative path starts where the command is run")
    target: str | None = structural(..., "the column that is predicted; null to train on the inputs alone")
    inputs: list[str] | None = structural(None, "the columns that a model reads; by default all others", min_length=1)
    exclude: list[str] = structural([], "columns that a model does not read")
    types: dict[str, Kind] = structural({}, "column -> number or category, where that is not what it looks like")
    missing: Literal["fill", "drop", "error"] = structural(
        "fill", "fill: means stand for missing numbers; drop: rows that lack something are left out; error: refuse them"
    )
    test_path: str | None = structural(None, "a file of the same columns for the test, in place of test_fraction")

    @property
    def test_share(self) -> float:
        return 0.0 if self.test_path else self.test_fraction

    def contents(self) -> Contents:
        width, target = sum(c.width for c in self._columns), self._target
        features, targets, dimensions = [self._feature(self._columns)], (), {"num_features": width}
        if target is not None and target.kind == "category":
            features, targets = [*features, label()], ("label",)
            dimensions["num_classes"] = len(target.categories)
        elif target is not None:
            features, targets = [*features, Feature("target", as_dtype("float32"), (1,))], ("target",)
        return Contents(
            features=tuple(features),
            targets=targets,
            examples=self._table.num_rows,
            dimensions=dimensions,
            source=self.path,
            class_names=target.categories if target is not None and target.categories else None,
            test_examples=None if self._test is None else self._test.num_rows,
            test_source=self.test_path,
            columns=(*self._columns, *([target] if target is not None else [])),
        )

    @cached_property
    def _described(self) -> DataSpec:
        spec = super().describe()
        self._check_classes()
        return spec

    def describe(self) -> DataSpec:
        return self._described

    def read(self) -> tuple[Arrays, Arrays | None]:
        test = None if self._test is None else self._encode(self._test, self.test_path or "")
        return self._encode(self._table, self.path), test

    def read_file(self, path: Path) -> Arrays:
        """The rows of a table, encoded as those of the run; what is predicted too, where the table holds it."""
        if path.suffix == ".npz":
            return super().read_file(path)
        return self._encode(self._asked(path), str(path))

    def columns_of(self, path: Path) -> Mapping[str, Sequence[object]]:
        if path.suffix == ".npz":
            return super().columns_of(path)
        table = self._asked(path)
        return {name: [_cell(value) for value in table[name].to_pylist()] for name in table.column_names}

    # -- the files ------------------------------------------------------------------------------------------------

    def _read(self, path: str | Path) -> pyarrow.Table:
        texts = dict.fromkeys((name for name, kind in self.types.items() if kind == "category"), True)
        return read_table(expand(str(path)), texts)

    @cached_property
    def _table(self) -> pyarrow.Table:
        """The columns that are used, of the rows that are."""
        table = self._read(self.path)
        used = [*self._input_names(table), *([self.target] if self.target else [])]
        return self._without_gaps(table.select(used), self.path)

    @cached_property
    def _test(self) -> pyarrow.Table | None:
        if self.test_path is None:
            return None
        table = self._read(self.test_path)
        for name in self._table.column_names:
            _check_name(name, table, self.test_path, "which the training table has")
        return self._without_gaps(table.select(self._table.column_names), self.test_path)

    def _asked(self, path: Path) -> pyarrow.Table:
        """A table that a run is asked about: the columns of the run must be there, and others may be."""
        spec = self.spec()
        names = {c.name: True for c in spec.columns if c.kind == "category"}
        table = read_table(path, names, getattr(self, "delimiter", ","))
        for column in spec.columns:
            if column.name != self.target:
                _check_name(column.name, table, str(path), "which the model reads")
        return table

    def _input_names(self, table: pyarrow.Table) -> list[str]:
        """The columns that a model reads. Raises DataError for names that the table does not have."""
        named = [*([self.target] if self.target else []), *(self.inputs or []), *self.exclude, *self.types]
        for name in named:
            _check_name(name, table, self.path)
        left_out = {self.target, *self.exclude}
        names = self.inputs or [name for name in table.column_names if name not in left_out]
        if not names or self.target in names:
            what = f"'{self.target}' is what is predicted" if self.target in names else "no column is left"
            raise DataError(
                f"{self.path}: {what}, so a model has nothing to read", "name other columns in dataset.inputs"
            )
        return names

    def _without_gaps(self, table: pyarrow.Table, source: str) -> pyarrow.Table:
        """The table as `missing` says."""
        lacking = {name: table[name].null_count for name in table.column_names if table[name].null_count}
        if not lacking or self.missing == "fill":
            return table
        if self.missing == "error":
            listed = ", ".join(f"'{name}' in {count:,} rows" for name, count in lacking.items())
            raise DataError(f"{source}: values are missing: {listed}", "set dataset.missing=fill or drop")
        whole = table.drop_null()
        if whole.num_rows == 0:
            raise DataError(f"{source}: every row lacks something", "leave columns out with dataset.exclude=[...]")
        return whole

    # -- what is learned ------------------------------------------------------------------------------------------

    @cached_property
    def _target(self) -> Column | None:
        if self.target is None:
            return None
        return learn_target(self.target, self._table[self.target], self.types.get(self.target), self.path)

    @cached_property
    def _columns(self) -> tuple[Column, ...]:
        """The columns that a model reads; means over the rows that are trained on."""
        names = [name for name in self._table.column_names if name != self.target]
        columns = [learn_column(name, self._table[name], self.types.get(name), self.path) for name in names]
        refuse_names(columns, self._table.num_rows, self.path)
        if not any(column.missing for column in columns):
            return tuple(columns)
        trained = self._trained_rows()
        return tuple(
            with_fill(c, plain_numbers(self._table[c.name], c.name, self.path)[trained]) if c.kind == "number" else c
            for c in columns
        )

    def _check_classes(self) -> None:
        """Raises DataError for a class without a row to train on."""
        target = self._target
        if target is None or target.kind == "number" or self.limit is not None:
            return
        trained = target.encode(self._table[target.name], self.path)[self._trained_rows()]
        counts = np.bincount(trained.astype(np.int64), minlength=len(target.categories))
        lacking = [f"'{name}'" for name, count in zip(target.categories, counts, strict=True) if count == 0]
        if lacking:
            raise DataError(
                f"{self.path}: the training split holds no row whose '{target.name}' is {', '.join(lacking)}",
                "add rows, choose another dataset.split_seed, or hold out a smaller share of them",
            )

    def _trained_rows(self) -> np.ndarray:
        test = None if self._test is None else self._test.num_rows
        rows = Contents((), (), self._table.num_rows, {}, self.path, test_examples=test)
        return self._order(rows)[self._ranges(rows)["train"]]

    def _feature(self, columns: Sequence[Column]) -> Feature:
        widths = tuple(column.width if column.kind == "category" else 0 for column in columns)
        return Feature(INPUT, as_dtype("float32"), (len(columns),), one_hot=widths if any(widths) else None)

    def _encode(self, table: pyarrow.Table, source: str) -> Arrays:
        spec = self.spec()
        columns = [column for column in spec.columns if column.name != self.target]
        features = np.empty((table.num_rows, len(columns)), np.float32)
        for position, column in enumerate(columns):
            features[:, position] = column.encode(table[column.name], source)
        arrays: Arrays = {INPUT: features}
        target = next((column for column in spec.columns if column.name == self.target), None)
        if target is not None and self.target in table.column_names:
            arrays |= _encode_target(target, table, source)
        return arrays


def _encode_target(target: Column, table: pyarrow.Table, source: str) -> Arrays:
    values = table[target.name]
    if values.null_count:
        raise DataError(
            f"{source}: column '{target.name}' is what is predicted, and {values.null_count:,} rows lack it"
        )
    numbers = target.encode(values, source)
    if target.kind == "number":
        return {"target": numbers[:, None]}
    unknown = np.flatnonzero(numbers < 0)
    if unknown.size:
        row = int(unknown[0])
        raise DataError(
            f"{source}: column '{target.name}' holds '{values[row].as_py()}' in row {row}, which is none of the "
            f"classes {', '.join(target.categories)}"
        )
    return {"label": numbers.astype(np.int32)}


def _cell(value: object) -> object:
    """A value as it stands in a CSV file."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else value


def _check_name(name: str, table: pyarrow.Table, source: str, why: str = "") -> None:
    if name not in table.column_names:
        listed = ", ".join(table.column_names)
        message = f"{source} has no column '{name}'{', ' + why if why else ''}{did_you_mean(name, table.column_names)}"
        raise DataError(message, f"columns: {listed}")


@DATASETS.register("csv")
class Csv(Table):
    """A table in a CSV file in UTF-8, with the names of its columns in the first line.

    A cell is missing where it holds nothing, NA, N/A, nan, null, None or ?. Columns of texts are categories, all others
    numbers; dates are days since 1970.
    """

    delimiter: str = structural(",", "what stands between two cells", min_length=1, max_length=1)

    def _read(self, path: str | Path) -> pyarrow.Table:
        texts = dict.fromkeys((name for name, kind in self.types.items() if kind == "category"), True)
        return read_table(expand(str(path)), texts, self.delimiter)


@DATASETS.register("parquet")
class Parquet(Table):
    """A table in a Parquet file, whose columns have types of their own."""
