"""The small data sets that scikit-learn brings, read from its files: importing scikit-learn takes over a second."""

from __future__ import annotations

import gzip
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import numpy as np

from framework.data.dataset import DATASETS, Contents, Dataset
from framework.data.spec import Arrays, Feature, label
from framework.errors import DataError
from framework.graph import as_dtype

FLOAT32 = as_dtype("float32")


def _table(name: str, delimiter: str = ",", skip: int = 0) -> np.ndarray:
    """The numbers of a file of scikit-learn's, float64 `[rows, columns]`."""
    spec = find_spec("sklearn")
    if spec is None or spec.origin is None:
        raise DataError("the bundled data sets come with scikit-learn, which is not installed; pip install scikit-learn")
    path = Path(spec.origin).parent / "datasets" / "data" / name
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if name.endswith(".gz") else raw).decode()
        lines = text.splitlines()[skip:]
        return np.array([[float(cell) for cell in line.split(delimiter)] for line in lines if line])
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"cannot read {path}: {error}; install scikit-learn anew") from None


@DATASETS.register("digits")
class Digits(Dataset):
    """1,797 images of handwritten digits, `image` uint8 [8, 8, 1] from 0 to 16, ten classes.

    Source: https://archive.ics.uci.edu/dataset/80 (its test set), by way of scikit-learn.
    """

    def contents(self) -> Contents:
        image = Feature("image", as_dtype("uint8"), (8, 8, 1), scale=1 / 16)
        names = tuple(str(digit) for digit in range(10))
        return Contents((image, label()), ("label",), 1797, None, {"num_classes": 10}, names)

    def read(self) -> tuple[Arrays, None]:
        table = _table("digits.csv.gz").astype(np.uint8)
        return {"image": table[:, :64].reshape(-1, 8, 8, 1), "label": table[:, 64].astype(np.int32)}, None


class Table(Dataset):
    """A table of measurements, `features` float32 [columns], with a class in its last column."""

    file: ClassVar[str]
    rows: ClassVar[int]
    columns: ClassVar[int]
    classes: ClassVar[tuple[str, ...]]

    def contents(self) -> Contents:
        features = Feature("features", FLOAT32, (self.columns,))
        dimensions = {"num_classes": len(self.classes), "num_features": self.columns}
        return Contents((features, label()), ("label",), self.rows, None, dimensions, self.classes)

    def read(self) -> tuple[Arrays, None]:
        table = _table(self.file, skip=1)
        return {"features": table[:, :-1].astype(np.float32), "label": table[:, -1].astype(np.int32)}, None


@DATASETS.register("iris")
class Iris(Table):
    """150 flowers, four measurements in cm, three classes. Fisher, 1936, by way of scikit-learn."""

    file, rows, columns, classes = "iris.csv", 150, 4, ("setosa", "versicolor", "virginica")


@DATASETS.register("wine")
class Wine(Table):
    """178 wines, thirteen measurements, three classes. Source: https://archive.ics.uci.edu/dataset/109."""

    file, rows, columns, classes = "wine_data.csv", 178, 13, ("class_0", "class_1", "class_2")


@DATASETS.register("breast_cancer")
class BreastCancer(Table):
    """569 tumours, thirty measurements, two classes. Source: https://archive.ics.uci.edu/dataset/17."""

    file, rows, columns, classes = "breast_cancer.csv", 569, 30, ("malignant", "benign")


@DATASETS.register("diabetes")
class Diabetes(Dataset):
    """442 patients, ten measurements, `target` float32 [1]: the progression of the disease after a year.

    Source: Efron et al., Annals of Statistics 2004, by way of scikit-learn (unscaled).
    """

    def contents(self) -> Contents:
        features = (Feature("features", FLOAT32, (10,)), Feature("target", FLOAT32, (1,)))
        return Contents(features, ("target",), 442, None, {"num_features": 10})

    def read(self) -> tuple[Arrays, None]:
        features = _table("diabetes_data_raw.csv.gz", delimiter=" ")
        return {
            "features": features.astype(np.float32),
            "target": _table("diabetes_target.csv.gz").astype(np.float32),
        }, None
