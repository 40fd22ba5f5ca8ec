"""The small data sets that scikit-learn brings, read from its files: importing scikit-learn takes over a second."""

from __future__ import annotations

import math
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import numpy as np

from framework.data.dataset import DATASETS, Contents, UndividedDataset
from framework.data.files import read_start
from framework.data.spec import Arrays, Feature, label
from framework.errors import DataError
from framework.graph import as_dtype

_LARGEST = 1 << 22  # bytes; the largest of these files unpacks to a tenth of it


class _Bundled(UndividedDataset):
    """Tables of numbers: all columns but the last are the input, the last is what is predicted.

    files: read side by side. rows: of each. header: lines before the numbers. classes: their names, or none for a
    number to predict.
    """

    files: ClassVar[tuple[str, ...]]
    rows: ClassVar[int]
    input: ClassVar[Feature]
    classes: ClassVar[tuple[str, ...]] = ()
    delimiter: ClassVar[str | None] = ","
    header: ClassVar[int] = 0

    def contents(self) -> Contents:
        target = label() if self.classes else Feature("target", as_dtype("float32"), (1,))
        numbers = {"num_features": self.input.shape[0]} if len(self.input.shape) == 1 else {}
        return Contents(
            features=(self.input, target),
            targets=(target.name,),
            examples=self.rows,
            dimensions=numbers | ({"num_classes": len(self.classes)} if self.classes else {}),
            source=f"scikit-learn's {self.files[0]}",
            class_names=self.classes or None,
        )

    def read(self) -> tuple[Arrays, None]:
        table = np.column_stack([self._table(name) for name in self.files])
        columns = math.prod(self.input.shape) + 1
        if table.shape[1] != columns:
            raise DataError(f"scikit-learn's {self.files[0]} holds {table.shape[1]} columns, expected {columns}", _HINT)
        numbers, last = table[:, :-1].astype(self.input.dtype.numpy), table[:, -1]
        target = {"label": last.astype(np.int32)} if self.classes else {"target": last[:, None].astype(np.float32)}
        return {self.input.name: numbers.reshape(-1, *self.input.shape), **target}, None

    def _table(self, name: str) -> np.ndarray:
        """The numbers of one file, float64 `[rows, columns]`."""
        path = _folder() / name
        try:
            lines = read_start(path, _LARGEST, _HINT).decode().splitlines()
            table = np.loadtxt(lines, delimiter=self.delimiter, skiprows=self.header, ndmin=2)
        except ValueError as error:
            raise DataError(f"{path} is no table of numbers: {error}", _HINT) from None
        if len(table) != self.rows:
            raise DataError(f"{path} holds {len(table)} rows, expected {self.rows}", _HINT)
        return table


_HINT = "install scikit-learn anew: pip install --force-reinstall scikit-learn"


def _folder() -> Path:
    """Where scikit-learn keeps its data, found without importing it."""
    spec = find_spec("sklearn")
    if spec is None or spec.origin is None:
        raise DataError(
            "the bundled data sets come with scikit-learn, which is not installed", "pip install scikit-learn"
        )
    return Path(spec.origin).parent / "datasets" / "data"


def _measurements(columns: int) -> Feature:
    return Feature("features", as_dtype("float32"), (columns,))


@DATASETS.register("digits")
class Digits(_Bundled):
    """1,797 images of handwritten digits, `image` uint8 [8, 8, 1] from 0 to 16, ten classes.

    Source: https://archive.ics.uci.edu/dataset/80 (its test set), by way of scikit-learn.
    """

    files, rows = ("digits.csv.gz",), 1797
    input = Feature("image", as_dtype("uint8"), (8, 8, 1), scale=1 / 16)
    classes = tuple("0123456789")


@DATASETS.register("iris")
class Iris(_Bundled):
    """150 flowers, `features` float32 [4] in cm, three classes. Fisher, 1936, by way of scikit-learn."""

    files, rows, header = ("iris.csv",), 150, 1
    input = _measurements(4)
    classes = ("setosa", "versicolor", "virginica")


@DATASETS.register("wine")
class Wine(_Bundled):
    """178 wines, `features` float32 [13], three classes.

    Source: https://archive.ics.uci.edu/dataset/109, by way of scikit-learn.
    """

    files, rows, header = ("wine_data.csv",), 178, 1
    input = _measurements(13)
    classes = ("class_0", "class_1", "class_2")


@DATASETS.register("breast_cancer")
class BreastCancer(_Bundled):
    """569 tumours, `features` float32 [30], two classes.

    Source: https://archive.ics.uci.edu/dataset/17, by way of scikit-learn.
    """

    files, rows, header = ("breast_cancer.csv",), 569, 1
    input = _measurements(30)
    classes = ("malignant", "benign")


@DATASETS.register("diabetes")
class Diabetes(_Bundled):
    """442 patients, `features` float32 [10] as measured, `target` float32 [1]: the disease's progression in a year.

    Source: Efron et al., Least Angle Regression, Annals of Statistics 2004, by way of scikit-learn.
    """

    files, rows = ("diabetes_data_raw.csv.gz", "diabetes_target.csv.gz"), 442
    input = _measurements(10)
    delimiter = None
