"""Arrays of the user's own, from an `.npz` file."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from framework.data.archive import ArrayHeader, find, read_array, read_headers
from framework.data.dataset import DATASETS, Contents, UndividedDataset
from framework.data.examine import check_lengths
from framework.data.files import expand
from framework.data.spec import Arrays, Feature, label
from framework.errors import DataError
from framework.fields import structural
from framework.graph import as_dtype

# Stored type -> the type in which an input is fed: the program computes in 32 bits.
_FED = {
    **{name: name for name in ("bool", "int8", "int16", "int32", "uint8", "uint16", "float16", "float32")},
    "int64": "int32",
    "uint32": "int32",
    "uint64": "int32",
    "float64": "float32",
}
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)
_MANY_CLASSES = 1000  # more than this must be fewer than the examples, or the numbers are no classes
_RENUMBER = "number the classes from 0: numpy.unique(labels, return_inverse=True)[1]"


@DATASETS.register("npz")
class Npz(UndividedDataset):
    """Named arrays whose first axis counts the examples.

    Each input is a feature under its own name. The array of class numbers is the feature `label`, int32; that of
    numbers to predict is the feature `target`, float32, `[1]` an example where it has one axis. Without either, a
    model is trained on its inputs alone.
    """

    path: str = structural(..., "the .npz file; a relative path starts where the command is run")
    inputs: list[str] | None = structural(None, "arrays that a model may read; by default all others", min_length=1)
    label: str | None = structural(None, "array of class numbers; by default label, or y where it holds whole numbers")
    target: str | None = structural(None, "array of numbers to predict; by default target, or y where it is no label")
    test_path: str | None = structural(None, "an .npz file of the same arrays for the test, in place of test_fraction")

    @property
    def test_share(self) -> float:
        return 0.0 if self.test_path else self.test_fraction

    def contents(self) -> Contents:
        path = expand(self.path)
        headers = read_headers(path)
        arrays = self._arrays(headers, path)
        features = tuple(_feature(name, array, find(headers, array, path), path) for name, array in arrays.items())
        check_lengths({array: headers[array].shape[0] for array in arrays.values()}, str(path))
        dimensions = {}
        if "label" in arrays:
            dimensions["num_classes"] = _count_classes(_class_numbers(path, arrays["label"]), path)
        inputs = [feature for feature in features if feature.name not in _TARGETS]
        if len(inputs) == 1 and len(inputs[0].shape) == 1:
            dimensions["num_features"] = inputs[0].shape[0]
        return Contents(
            features=features,
            targets=tuple(name for name in arrays if name in _TARGETS),
            examples=headers[next(iter(arrays.values()))].shape[0],
            dimensions=dimensions,
            source=str(path),
            test_examples=self._test_examples(arrays, headers, path),
            test_source=self.test_path,
        )

    def read(self) -> tuple[Arrays, Arrays | None]:
        path = expand(self.path)
        arrays = self._arrays(read_headers(path), path)
        train = {name: _read(name, array, path) for name, array in arrays.items()}
        if self.test_path is None:
            return train, None
        return train, {name: _read(name, array, expand(self.test_path)) for name, array in arrays.items()}

    def _arrays(self, headers: dict[str, ArrayHeader], path: Path) -> dict[str, str]:
        """Feature -> the array that holds it, inputs first. Raises DataError for names that cannot be."""
        asked = {"label": self.label, "target": self.target}
        usual = {name: name for name in asked if name in headers and name not in asked.values()}
        if "y" in headers and not usual and not any(asked.values()):
            usual = {"target" if headers["y"].dtype.kind == "f" else "label": "y"}
        targets = usual | {name: array for name, array in asked.items() if array is not None}
        for array in targets.values():
            find(headers, array, path)
        inputs = self.inputs or [name for name in headers if name not in targets.values() and name not in asked]
        for name in inputs:
            if name in targets.values() or name in asked:
                raise DataError(f"{path}: '{name}' is what is predicted, so it cannot be an input", "name the others")
            if not _NAME.fullmatch(name):
                raise DataError(
                    f"{path}: an input cannot be called '{name}'",
                    "store it under a name of letters, digits and _ . - that begins with a letter or digit",
                )
        if not inputs:
            raise DataError(f"{path} holds nothing that a model could read", "store the inputs too")
        return {name: name for name in inputs} | targets

    def _test_examples(self, arrays: dict[str, str], headers: dict[str, ArrayHeader], path: Path) -> int | None:
        """How many examples the test file holds, if there is one. Raises DataError unless it fits the other."""
        if self.test_path is None:
            return None
        test_path = expand(self.test_path)
        found = read_headers(test_path)
        for array in arrays.values():
            theirs, ours = find(found, array, test_path), headers[array]
            # The name of a type leaves out the order of its bytes, which does not matter.
            if (theirs.shape[1:], theirs.dtype.name) != (ours.shape[1:], ours.dtype.name) or not theirs.shape:
                raise DataError(
                    f"{test_path}: '{array}' is {theirs.dtype} {list(theirs.shape)}, which does not fit "
                    f"{ours.dtype} {list(ours.shape)} of {path}",
                    "all but the first dimension must be equal in both files",
                )
        check_lengths({array: found[array].shape[0] for array in arrays.values()}, str(test_path))
        return found[next(iter(arrays.values()))].shape[0]


_TARGETS = ("label", "target")


def _feature(name: str, array: str, header: ArrayHeader, path: Path) -> Feature:
    """The feature that an array becomes. Raises DataError for arrays that cannot be one."""
    if not header.shape:
        raise DataError(
            f"{path}: '{array}' is a single number", "the first axis of every array must count the examples"
        )
    inner = header.shape[1:]
    if name == "label":
        if inner not in ((), (1,)):
            raise DataError(
                f"{path}: '{array}' has shape {list(header.shape)}, but labels are class numbers [examples]",
                "turn probabilities or one-hot rows into class numbers: labels.argmax(axis=1)",
            )
        return label()
    if 0 in inner:
        raise DataError(f"{path}: '{array}' is empty: its shape is {list(header.shape)}", "leave it out")
    if name == "target":
        return Feature(name, as_dtype("float32"), inner or (1,))
    return Feature(name, as_dtype(_FED.get(header.dtype.name, "float32")), inner)


def _read(name: str, array: str, path: Path) -> np.ndarray:
    """An array as it is fed."""
    if name == "label":
        return _class_numbers(path, array)
    raw = read_array(path, array)
    if name == "target":
        return _narrow(raw.reshape(len(raw), 1) if raw.ndim == 1 else raw, "float32", array, path)
    return _narrow(raw, _FED.get(raw.dtype.name, "float32"), array, path)


def _narrow(raw: np.ndarray, dtype: str, array: str, path: Path) -> np.ndarray:
    """The same numbers in another type. Raises DataError for integers that it cannot hold."""
    wanted = np.dtype(dtype)
    if wanted.kind == "i" and raw.size and not np.can_cast(raw.dtype, wanted):
        limits = np.iinfo(wanted)
        if int(raw.min()) < limits.min or int(raw.max()) > limits.max:
            raise DataError(
                f"{path}: '{array}' holds {raw.min()} to {raw.max()}, beyond {dtype}", "store it as float32 or scale it"
            )
    with np.errstate(over="ignore"):  # what becomes infinite is reported with what was
        return np.ascontiguousarray(raw, wanted)


def _class_numbers(path: Path, array: str) -> np.ndarray:
    """An array of labels as int32 `[examples]`. Raises DataError for what is not a whole number from 0."""
    raw = read_array(path, array).reshape(-1)
    if raw.dtype.kind == "f":
        raw = raw.astype(np.float64)  # in a narrower type the greatest int32 is rounded up, and what is above it passes
    is_wrong = ~((raw >= 0) & (raw == np.floor(raw)) & (raw <= np.iinfo(np.int32).max))
    if is_wrong.any():
        first = int(is_wrong.argmax())
        raise DataError(
            f"{path}: '{array}' must hold class numbers 0, 1, 2, ..., found {raw[first]} in row {first} "
            f"({int(is_wrong.sum()):,} such rows)",
            f"{_RENUMBER}; or, for numbers to predict, set dataset.target={array}",
        )
    return raw.astype(np.int32)


def _count_classes(labels: np.ndarray, path: Path) -> int:
    """One more than the greatest label. Raises DataError for numbers that are not those of classes."""
    classes = int(labels.max()) + 1
    if classes > max(_MANY_CLASSES, len(labels)):
        raise DataError(f"{path}: a label {classes - 1:,} among {len(labels):,} examples is no class number", _RENUMBER)
    return classes
