"""How ops are declared that work on each element by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from framework.graph import register_op
from framework.ops.inference import broadcasted, quiet, unchanged

ArrayFunction = Callable[..., Any]


def unary(name: str, types: str, doc: str, fold: ArrayFunction | None = None, wrapper: str | None = None) -> None:
    """Declares a function `y` of the elements of `x`, in the notation and with the arguments of `register_op`.

    types: those of x. fold: the same function of NumPy arrays.
    """
    register_op(
        name,
        inputs="x: T",
        outputs="y: T",
        attrs=f"T: {types}",
        shape=unchanged,
        fold=fold and quiet(fold),
        wrapper=wrapper,
        doc=doc,
    )


def binary(
    name: str,
    types: str,
    doc: str,
    fold: ArrayFunction | None = None,
    wrapper: str | None = None,
    inputs: str = "x: T, y: T",
    output: str = "z",
) -> None:
    """Declares a function of the elements of two tensors that are broadcast to one shape; see `unary`."""
    register_op(
        name,
        inputs=inputs,
        outputs=f"{output}: T",
        attrs=f"T: {types}",
        shape=broadcasted,
        fold=fold and quiet(fold),
        wrapper=wrapper,
        doc=doc,
    )


def truncated_quotient(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """x / y of NumPy's arrays, rounded towards zero as C does."""
    return np.floor_divide(x - np.fmod(x, y), y) if x.dtype.kind in "iu" else np.trunc(x / y)
