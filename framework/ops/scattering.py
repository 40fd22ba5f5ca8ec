"""Updates written to positions of a tensor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from framework.graph import Call, Shape, register_op
from framework.graph.shapes import merge, show
from framework.ops.inference import Shapes, at_least_rank, described_shape, no_flops, product, require_shape
from framework.ops.signatures import INDICES, SMALL_INDICES

_POLICIES = ("", "DEFAULT", "ERROR", "IGNORE")
_OUTSIDE = "Updates of positions outside are left out, as on TensorFlow's GPU; constant ones are refused unless "
_OUTSIDE += "`bad_indices_policy` is IGNORE."


def _check(call: Call, target: Shape, indices: int, updates: int) -> None:
    """Raises GraphError where indices [..., depth] or updates [..., rest of target] do not fit the target."""
    policy = call.attrs["bad_indices_policy"]
    if policy not in _POLICIES:
        raise call.fail(f"attribute 'bad_indices_policy' may be DEFAULT, ERROR or IGNORE; found '{policy}'")
    shape = at_least_rank(call, indices, 1)
    if target is None or shape is None or shape[-1] is None:
        return
    depth = shape[-1]
    if depth > len(target):
        raise call.fail(f"'indices' {show(shape)} has {depth} positions each, but {show(target)} {len(target)} axes")
    merge((*shape[:-1], *target[depth:]), call.shapes[updates])
    positions = call.constants[indices]
    if positions is not None and positions.size and policy != "IGNORE":
        _check_inside(call, target, positions.reshape(-1, depth))


def _check_inside(call: Call, target: tuple[int | None, ...], positions: np.ndarray) -> None:
    for axis, column in enumerate(positions.T):
        size = target[axis]
        outside = column[(column < 0) | (size is not None and column >= size)]
        if outside.size:
            raise call.fail(f"position {outside[0]} is outside of axis {axis} of {show(target)}")


def _written(function: Callable[..., Any], target: np.ndarray, indices: np.ndarray, updates: np.ndarray) -> np.ndarray:
    """The target after `function(target, index, updates)` at those of the positions [..., depth] that are inside."""
    result, depth = target.copy(), indices.shape[-1]
    require_shape("updates", updates, (*indices.shape[:-1], *target.shape[depth:]))
    inside = np.logical_and.reduce((indices >= 0) & (indices < np.array(target.shape[:depth], np.int64)), axis=-1)
    function(result, tuple(indices[inside].T), updates[inside])
    return result


def _assign(result: np.ndarray, index: tuple[np.ndarray, ...], updates: np.ndarray) -> None:
    result[index] = updates


# -- into zeros -----------------------------------------------------------------------------------------------------


def _scatter_nd_shape(call: Call) -> Shapes:
    target = described_shape(call, 2)
    _check(call, target, 0, 1)
    return [target]


def _scatter_nd_fold(
    attrs: Mapping[str, Any], indices: np.ndarray, updates: np.ndarray, shape: np.ndarray
) -> np.ndarray:
    return _written(np.add.at, np.zeros([int(d) for d in shape], updates.dtype), indices, updates)


register_op(
    "ScatterNd",
    inputs="indices: Tindices, updates: T, shape: Tindices",
    outputs="output: T",
    attrs=f"T: type, Tindices: {SMALL_INDICES}, bad_indices_policy: string = ''",
    shape=_scatter_nd_shape,
    fold=_scatter_nd_fold,
    flops=lambda call, outputs: None if call.shapes[1] is None else product(call.shapes[1]),
    doc="Zeros of a shape, to which `updates` are added at the positions that the last axis of `indices` holds. "
    + _OUTSIDE,
)


# -- into a tensor --------------------------------------------------------------------------------------------------


def _tensor_scatter_shape(call: Call) -> Shapes:
    _check(call, call.shapes[0], 1, 2)
    return [call.shapes[0]]


for _name, _types, _function, _doc in (
    ("Update", "{int16, int32, int64, uint16}", _assign, "The tensor with `updates` in place of what is"),
    ("Add", INDICES, np.add.at, "The tensor, to which `updates` are added"),
    ("Sub", INDICES, np.subtract.at, "The tensor, from which `updates` are subtracted"),
    ("Max", INDICES, np.maximum.at, "The greater of the tensor and of `updates`"),
    ("Min", INDICES, np.minimum.at, "The lesser of the tensor and of `updates`"),
):

    def _fold(
        attrs: Mapping[str, Any],
        tensor: np.ndarray,
        indices: np.ndarray,
        updates: np.ndarray,
        function: Callable[..., Any] = _function,
    ) -> np.ndarray:
        return _written(function, tensor, indices, updates)

    register_op(
        f"TensorScatter{_name}",
        inputs="tensor: T, indices: Tindices, updates: T",
        outputs="output: T",
        attrs=f"T: type, Tindices: {_types}, bad_indices_policy: string = ''",
        shape=_tensor_scatter_shape,
        fold=_fold,
        flops=no_flops,
        doc=f"{_doc} at the positions that the last axis of `indices` holds. {_OUTSIDE}",
    )
