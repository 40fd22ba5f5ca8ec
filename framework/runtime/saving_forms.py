"""SaveV2 and RestoreV2: tensors by name in a saved state, below the folder that the session allows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from framework.errors import InvalidArgumentError, NotFoundError
from framework.graph import Node
from framework.registry import did_you_mean, listed
from framework.runtime.evaluation import Array, Run
from framework.runtime.feeds import text
from framework.runtime.file_access import place_of
from framework.runtime.lower import Lowering, form
from framework.runtime.saved_state import load, store


def _strings(lowering: Lowering, node: Node, position: int, run: Run) -> list[str]:
    value = text(lowering.read(node, node.inputs[position], run))
    return [item.decode() for item in value.reshape(-1)]


@form("SaveV2")
def _save(lowering: Lowering, node: Node, run: Run) -> Sequence[Array]:
    (prefix,), names, slices = (_strings(lowering, node, k, run) for k in range(3))
    parts = [name for name, part in zip(names, slices, strict=True) if part]
    if parts:
        raise InvalidArgumentError(f"only whole tensors are saved; 'shape_and_slices' names a part of '{parts[0]}'")
    arrays = {
        name: np.asarray(lowering.read(node, tensor, run)) for name, tensor in zip(names, node.inputs[3:], strict=True)
    }
    store(place_of(prefix), 0, arrays, {})
    return []


@form("RestoreV2")
def _restore(lowering: Lowering, node: Node, run: Run) -> Sequence[Array]:
    (prefix,), names, slices = (_strings(lowering, node, k, run) for k in range(3))
    found = load(place_of(prefix)).state
    missing = [name for name in names if name not in found]
    if missing:
        near = did_you_mean(missing[0], found)
        raise NotFoundError(f"'{prefix}' holds no {', '.join(missing)}{near}  saved: {listed(missing[0], found)}")
    outputs: list[Any] = []
    for name, part, spec in zip(names, slices, node.outputs, strict=True):
        array = found[name]
        if array.dtype != spec.dtype.numpy:
            raise InvalidArgumentError(f"'{name}' was saved as {array.dtype}, but is restored as {spec.dtype}")
        outputs.append(_slice(name, array, part))
    return outputs


def _slice(name: str, array: np.ndarray, part: str) -> np.ndarray:
    """The part of an array that text such as `10 4 0,5:-` names: its whole shape, then `start,size` an axis or `-`."""
    if not part:
        return array
    *sizes, ranges = part.split(" ")
    try:
        shape = tuple(int(size) for size in sizes)
        pairs = [None if r == "-" else tuple(int(n) for n in r.split(",")) for r in ranges.split(":")]
        axes = tuple(slice(None) if pair is None else slice(pair[0], pair[0] + pair[1]) for pair in pairs)
    except (ValueError, IndexError):
        raise InvalidArgumentError(
            f"'{part}' in 'shape_and_slices' is no part of a tensor, as '4 2 0,3:-' is"
        ) from None
    if shape != array.shape or len(axes) != array.ndim:
        raise InvalidArgumentError(f"'{name}' was saved as {list(array.shape)}, of which '{part}' is no part")
    return array[axes]
