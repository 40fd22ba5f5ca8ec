"""Values that cannot be trained on are found before training."""

from __future__ import annotations

import numpy as np

from framework.data.spec import Arrays
from framework.errors import DataError


def check_values(arrays: Arrays, classes: int | None, source: str) -> None:
    """Raises DataError for lengths that disagree, numbers that are not finite, and a `label` that is no class.

    arrays: feature -> `[examples, ...]`. classes: their number, or None where there are none. source: the file or
    folder that the arrays come from.
    """
    check_lengths({name: len(array) for name, array in arrays.items()}, source)
    for name, array in arrays.items():
        if array.dtype.kind == "f":
            _check_finite(name, array, source)
    if classes is not None and "label" in arrays:
        _check_classes(arrays["label"], classes, source)


def check_lengths(lengths: dict[str, int], source: str) -> None:
    """Raises DataError unless every array holds the same number of examples, and at least one."""
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"'{name}' {length:,}" for name, length in lengths.items())
        raise DataError(
            f"{source}: the arrays hold different numbers of examples: {listed}",
            "the first axis of every array must count the same examples",
        )
    if 0 in lengths.values():
        raise DataError(f"{source} holds no examples", "store at least one row in every array")


def _check_finite(name: str, array: np.ndarray, source: str) -> None:
    finite = np.isfinite(array)
    if not finite.all():
        is_bad = ~finite.reshape(len(array), -1).all(axis=1)
        raise DataError(
            f"{source}: '{name}' is not finite (NaN, infinite, or beyond {array.dtype}) in {int(is_bad.sum()):,} of "
            f"{len(array):,} rows, first in row {int(is_bad.argmax())}; such values in all: {int((~finite).sum()):,}",
            "leave these rows out, or fill them in, before the file is written",
        )


def _check_classes(labels: np.ndarray, classes: int, source: str) -> None:
    outside = (labels < 0) | (labels >= classes)
    if outside.any():
        first = int(outside.argmax())
        raise DataError(
            f"{source}: 'label' must be one of the classes 0 to {classes - 1}, found {labels[first]} in row {first} "
            f"({int(outside.sum()):,} such rows)",
            "number the classes from 0: numpy.unique(labels, return_inverse=True)[1]",
        )
