"""Kernels of the different elements of tensors: plain NumPy, as their sizes follow from values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from framework.graph.opdef import lookup
from framework.kernels.registry import register_kernel


def _as_folded(op: str) -> None:
    fold: Callable[..., Any] = lookup(op).fold  # type: ignore[assignment]

    def kernel(attrs: Mapping[str, Any], *inputs: Any) -> tuple[np.ndarray, ...]:
        return fold(attrs, *(np.asarray(x) for x in inputs))

    kernel.__qualname__ = f"_as_folded.{op}"
    register_kernel(op)(kernel)


for _op in ("Unique", "UniqueV2", "UniqueWithCounts", "UniqueWithCountsV2", "ListDiff"):
    _as_folded(_op)
