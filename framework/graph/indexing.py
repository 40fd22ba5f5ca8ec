"""Indexing as NumPy writes it: `t[1:, ::2, None, ..., k]` becomes one StridedSlice."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from framework.graph.dtypes import int32
from framework.graph.tensor import Tensor, convert_to_tensor


def index(tensor: Tensor, key: Any) -> Tensor:
    """The part of a tensor that `key` names.

    key: an integer or scalar integer tensor (which takes its axis away), a slice of them, `None` (a new axis of size
    1), `...`, or a tuple of these. Raises TypeError for anything else, such as arrays of indices, which `gather` takes.

    Source: https://www.tensorflow.org/api_docs/python/tf/strided_slice
    """
    parts = list(key) if isinstance(key, tuple) else [key]
    if sum(part is Ellipsis for part in parts) > 1:
        raise TypeError("an index may hold one '...'")
    begin, end, strides = list[Any](), list[Any](), list[Any]()
    masks: dict[str, Any] = dict.fromkeys(
        ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"), 0
    )
    for position, part in enumerate(parts):
        bit = 1 << position
        first, last, step = 0, 0, 1
        if part is Ellipsis:
            masks["ellipsis_mask"] |= bit
        elif part is None:
            masks["new_axis_mask"] |= bit
        elif isinstance(part, slice):
            masks["begin_mask"] |= bit * (part.start is None)
            masks["end_mask"] |= bit * (part.stop is None)
            first, last, step = (0 if part.start is None else part.start), part.stop, part.step or 1
            last = 0 if last is None else last
        else:
            masks["shrink_axis_mask"] |= bit
            first = _whole(part)
            last = first + 1  # of -1, which would be 0, the mask takes no notice
        begin.append(_whole(first))
        end.append(_whole(last))
        strides.append(_whole(step))
    graph = tensor.graph
    with graph.name_scope("strided_slice") as scope:
        named = {"begin": begin, "end": end, "strides": strides}
        bounds = [_vector(tensor, name, values) for name, values in named.items()]
        return graph.add("StridedSlice", [tensor, *bounds], masks, name=scope).outputs[0]


def _whole(part: Any) -> Any:
    """A part of an index that is one whole number, known or computed."""
    if isinstance(part, Tensor):
        if not part.dtype.is_integer or part.shape not in ((), None):
            raise TypeError(f"a tensor is indexed by scalar integers, found {part!r}; gather takes others")
        return part
    try:
        return operator.index(part)
    except TypeError:
        raise TypeError(f"a tensor is indexed by integers, slices, None and '...', found {part!r}") from None


def _vector(tensor: Tensor, name: str, values: list[Any]) -> Tensor:
    """A vector of whole numbers, some of which may be tensors."""
    graph = tensor.graph
    if not any(isinstance(value, Tensor) for value in values):
        return convert_to_tensor(np.asarray(values, np.int32), graph, name=name)
    parts = [_as_int32(convert_to_tensor(value, graph, dtype=None), graph) for value in values]
    return graph.add("Pack", parts, {"N": len(parts)}, name=name).outputs[0]


def _as_int32(value: Tensor, graph: Any) -> Tensor:
    return value if value.dtype is int32 else graph.add("Cast", [value], {"DstT": int32}).outputs[0]
