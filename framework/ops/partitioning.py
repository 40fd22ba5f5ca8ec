"""The rows of a tensor dealt out to several, and rows of several put together."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

import numpy as np

from framework.errors import GraphError
from framework.graph import Call, Shape, register_op
from framework.graph.shapes import merge, show
from framework.ops.inference import Shapes, no_flops, require_shape

# -- dealt out ------------------------------------------------------------------------------------------------------


def deal(partitions: np.ndarray, count: int) -> list[np.ndarray]:
    """The positions of the parts of each partition, counted through. Raises GraphError for one that is not there."""
    outside = partitions[(partitions < 0) | (partitions >= count)]
    if outside.size:
        raise GraphError(f"'partitions' holds {outside[0]}, but the partitions are 0 to {count - 1}")
    return [np.flatnonzero(partitions == k) for k in range(count)]


def _partition_shape(call: Call) -> Shapes:
    data, partitions, count = call.shapes[0], call.shapes[1], call.attrs["num_partitions"]
    known = call.constants[1]
    rows = [None] * count if known is None else [len(part) for part in deal(known, count)]
    if data is None or partitions is None:
        return [None] * count
    if len(partitions) > len(data):
        raise call.fail(f"'partitions' {show(partitions)} must have the first axes of 'data' {show(data)}")
    merge(partitions, data[: len(partitions)])
    return [(n, *data[len(partitions) :]) for n in rows]


register_op(
    "DynamicPartition",
    inputs="data: T, partitions: int32",
    outputs="outputs: num_partitions * T",
    attrs="num_partitions: int >= 1, T: type",
    shape=_partition_shape,
    flops=no_flops,
    doc="The parts of `data` that each number below `num_partitions` stands for: `partitions` holds the number of "
    "each part, for the first axes of `data`. Where `partitions` is computed, the op runs by itself, outside of "
    "compiled programs.",
)


# -- put together ---------------------------------------------------------------------------------------------------


def stitch(indices: list[np.ndarray]) -> np.ndarray:
    """For each row of the result, which of the parts it is, counted through all of them; -1 where it is none.

    Raises GraphError for a negative index.
    """
    flat = np.concatenate([part.reshape(-1) for part in indices])
    if (flat < 0).any():
        raise GraphError(f"'indices' must be at least 0, found {flat.min()}")
    source = np.full(int(flat.max()) + 1 if flat.size else 0, -1)
    source[flat] = np.arange(flat.size)  # a later part takes the place of an earlier one
    return source


def _stitch_shape(call: Call) -> Shapes:
    count = call.attrs["N"]
    rest: Shape = reduce(merge, [_rest(call, k, count) for k in range(count)])
    known = [value for k in range(count) if (value := call.constants[k]) is not None]
    rows = len(stitch(known)) if len(known) == count else None
    return [None if rest is None else (rows, *rest)]


def _rest(call: Call, k: int, count: int) -> Shape:
    """The axes of tensor k of `data` behind those of its indices."""
    indices, data = call.shapes[k], call.shapes[count + k]
    if indices is None or data is None:
        return None
    if len(indices) > len(data):
        raise call.fail(f"'indices' {show(indices)} must have the first axes of 'data' {show(data)}")
    merge(indices, data[: len(indices)])
    return data[len(indices) :]


def _stitch_fold(attrs: Mapping[str, Any], *inputs: np.ndarray) -> np.ndarray:
    indices, data = inputs[: attrs["N"]], inputs[attrs["N"] :]
    for part, place in zip(data, indices, strict=True):
        require_shape("indices", place, part.shape[: place.ndim])
    rest = data[0].shape[indices[0].ndim :]
    parts = np.concatenate([part.reshape(place.size, *rest) for part, place in zip(data, indices, strict=True)])
    source = stitch(list(indices))
    result = np.zeros((len(source), *rest), parts.dtype)
    result[source >= 0] = parts[source[source >= 0]]
    return result


for _name, _wins in (
    ("DynamicStitch", "of several parts with one position the last is taken"),
    ("ParallelDynamicStitch", "of several parts with one position the last is taken, where TensorFlow takes any"),
):
    register_op(
        _name,
        inputs="indices: N * int32, data: N * T",
        outputs="merged: T",
        attrs="N: int >= 1, T: type",
        shape=_stitch_shape,
        fold=_stitch_fold,
        flops=no_flops,
        doc=f"The parts of several tensors at the positions that their indices hold; {_wins}, and a row without any "
        "is zero. There are as many rows as the greatest position says: where it is computed, the op runs by itself, "
        "outside of compiled programs.",
    )
