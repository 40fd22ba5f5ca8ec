"""Kernels of TensorArrays: the handle says what one may hold, the flow carries the list that it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from framework.errors import GraphError
from framework.graph import DType, Shape
from framework.graph.shapes import merge
from framework.kernels.lists import concatenated, gathered, scattered, split_at
from framework.kernels.registry import Context, register_kernel, static
from framework.kernels.tensor_list import TensorList

Array = jax.Array | np.ndarray
Attrs = Mapping[str, Any]


@jax.tree_util.register_static
@dataclass(frozen=True)
class TensorArray:
    """The handle of a TensorArray: what its elements are, and whether it grows where it is written behind its end."""

    dtype: DType
    shape: Shape
    is_dynamic: bool


@register_kernel("TensorArrayV3")
def tensor_array(context: Context, attrs: Attrs, size: Array) -> tuple[TensorArray, TensorList]:
    handle = TensorArray(attrs["dtype"], attrs["element_shape"], attrs["dynamic_size"])
    return handle, TensorList.empty(handle.dtype, handle.shape, int(static(size, "size")))


@register_kernel("TensorArrayReadV3")
def read(context: Context, attrs: Attrs, handle: TensorArray, index: Array, flow: TensorList) -> Array:
    return flow.get(index)


@register_kernel("TensorArrayWriteV3")
def write(
    context: Context, attrs: Attrs, handle: TensorArray, index: Array, value: Array, flow: TensorList
) -> TensorList:
    if handle.is_dynamic:
        needed = int(static(index, "index")) + 1
        flow = flow.resized(needed) if needed > flow.known_length() else flow
    return flow.set(index, value)


@register_kernel("TensorArrayGatherV3")
def gather(context: Context, attrs: Attrs, handle: TensorArray, indices: Array, flow: TensorList) -> Array:
    return gathered(flow, indices, merge(handle.shape, attrs["element_shape"]))


@register_kernel("TensorArrayScatterV3")
def scatter(
    context: Context, attrs: Attrs, handle: TensorArray, indices: Array, value: Array, flow: TensorList
) -> TensorList:
    return scattered(_grown(handle, flow, max(static(indices, "indices"), default=-1) + 1), indices, value)


@register_kernel("TensorArraySizeV3")
def size(context: Context, attrs: Attrs, handle: TensorArray, flow: TensorList) -> Array:
    return np.asarray(flow.known_length(), np.int32)


@register_kernel("TensorArrayConcatV3")
def concat(context: Context, attrs: Attrs, handle: TensorArray, flow: TensorList) -> tuple[Array, Array]:
    rest = attrs["element_shape_except0"]
    return concatenated(flow, handle.shape if rest is None else (None, *rest))


@register_kernel("TensorArraySplitV3")
def split(
    context: Context, attrs: Attrs, handle: TensorArray, value: Array, lengths: Array, flow: TensorList
) -> TensorList:
    pieces = split_at(value, lengths)
    flow = _grown(handle, flow, len(pieces))
    for index, piece in enumerate(pieces):
        flow = flow.set(np.int32(index), piece)
    return flow


@register_kernel("TensorArrayCloseV3")
def close(context: Context, attrs: Attrs, handle: TensorArray) -> tuple[()]:
    return ()


def _grown(handle: TensorArray, flow: TensorList, needed: int) -> TensorList:
    """The list with at least this many elements. Raises GraphError where it must not grow."""
    if needed <= flow.known_length():
        return flow
    if not handle.is_dynamic:
        raise GraphError(f"{needed} elements do not fit a TensorArray of {flow.known_length()}")
    return flow.resized(int(needed))
