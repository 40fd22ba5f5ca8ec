"""Rows and elements picked by their positions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from framework.errors import GraphError
from framework.graph import Call, register_op
from framework.graph.shapes import merge_dim, normalize_axes, show
from framework.ops.inference import Shapes, at_least_rank, no_flops, static_scalar
from framework.ops.signatures import INDICES, SMALL_INDICES


def batch_axes(attrs: Mapping[str, Any], rank: int) -> int:
    """How many axes a gather goes through together, for indices of this rank."""
    batch = attrs["batch_dims"]
    return batch + rank if batch < 0 else batch


def _gather_v2_shape(call: Call) -> Shapes:
    params, indices, axis = at_least_rank(call, 0, 1), call.shapes[1], static_scalar(call, 2)
    given = call.attrs["batch_dims"]
    if indices is not None and not -len(indices) <= given <= len(indices):
        raise call.fail(f"attribute 'batch_dims' is {given}, but 'indices' {show(indices)} has {len(indices)} axes")
    if params is None or indices is None:
        return [None]
    batch = batch_axes(call.attrs, len(indices))
    if axis is None:
        return [(None,) * (len(params) + len(indices) - 1 - batch)]
    (place,) = normalize_axes([axis], len(params))
    if batch > place:
        raise call.fail(f"attribute 'batch_dims' ({batch}) must not exceed the axis ({place})")
    shared = tuple(merge_dim(p, i, params, indices) for p, i in zip(params[:batch], indices[:batch], strict=True))
    return [(*shared, *params[batch:place], *indices[batch:], *params[place + 1 :])]


def _gather_v2_fold(attrs: Mapping[str, Any], params: np.ndarray, indices: np.ndarray, axis: np.ndarray) -> np.ndarray:
    batch = batch_axes(attrs, indices.ndim)
    place = int(axis) % params.ndim
    _check_inside("GatherV2", params, indices, place)
    return _take(params, indices, place, batch)


def _check_inside(op: str, params: np.ndarray, indices: np.ndarray, axis: int) -> None:
    outside = indices[(indices < 0) | (indices >= params.shape[axis])]
    if outside.size:
        raise GraphError(f"{op}: position {outside[0]} is outside of axis {axis} of {show(params.shape)}")


def _take(params: np.ndarray, indices: np.ndarray, axis: int, batch: int) -> np.ndarray:
    if not batch:
        return np.take(params, indices, axis=axis)
    return np.stack([_take(*pair, axis - 1, batch - 1) for pair in zip(params, indices, strict=True)])


register_op(
    "GatherV2",
    inputs="params: Tparams, indices: Tindices, axis: Taxis",
    outputs="output: Tparams",
    attrs=f"batch_dims: int = 0, Tparams: type, Tindices: {SMALL_INDICES}, Taxis: {INDICES}",
    shape=_gather_v2_shape,
    fold=_gather_v2_fold,
    flops=no_flops,
    wrapper="gather",
    doc="The slices of `params` at the positions `indices` along an axis; the first `batch_dims` axes are gone "
    "through together. A position outside of the axis gives zeros, as on TensorFlow's GPU.",
)


def _gather_shape(call: Call) -> Shapes:
    params, indices = at_least_rank(call, 0, 1), call.shapes[1]
    return [None if params is None or indices is None else (*indices, *params[1:])]


def _gather_fold(attrs: Mapping[str, Any], params: np.ndarray, indices: np.ndarray) -> np.ndarray:
    _check_inside("Gather", params, indices, 0)
    return np.take(params, indices, axis=0)


register_op(
    "Gather",
    inputs="params: Tparams, indices: Tindices",
    outputs="output: Tparams",
    attrs=f"validate_indices: bool = true, Tparams: type, Tindices: {INDICES}",
    shape=_gather_shape,
    fold=_gather_fold,
    flops=no_flops,
    wrapper="gather_v1",
    doc="The slices of `params` at the positions `indices` along the first axis (the older op). A position outside of "
    "the axis gives zeros, as on TensorFlow's GPU.",
)


def _gather_nd_shape(call: Call) -> Shapes:
    params, indices = call.shapes[0], at_least_rank(call, 1, 1)
    if params is None or indices is None or indices[-1] is None:
        return [None]
    depth = indices[-1]
    if depth > len(params):
        raise call.fail(f"'indices' {show(indices)} has {depth} positions each, but {show(params)} {len(params)} axes")
    return [(*indices[:-1], *params[depth:])]


register_op(
    "GatherNd",
    inputs="params: Tparams, indices: Tindices",
    outputs="output: Tparams",
    attrs=f"Tparams: type, Tindices: {SMALL_INDICES}, bad_indices_policy: string = ''",
    shape=_gather_nd_shape,
    flops=no_flops,
    doc="The elements or slices of `params` at positions along its first axes, which the last axis of `indices` "
    "holds. A position outside gives zeros, as on TensorFlow's GPU.",
)
