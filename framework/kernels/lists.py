"""Kernels of lists of tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from framework.errors import GraphError
from framework.graph import Shape
from framework.graph.shapes import merge
from framework.kernels.registry import register_kernel, static
from framework.kernels.tensor_list import TensorList

Array = jax.Array | np.ndarray
Attrs = Mapping[str, Any]


def shape_of(element_shape: Array) -> Shape:
    """What an input says of the shape of elements: -1 is a size, or in place of a vector a rank, that is not known."""
    found = static(element_shape, "element_shape")
    return None if found.ndim == 0 else tuple(None if d < 0 else int(d) for d in found)


def rows(value: Array) -> list[Array]:
    """The entries of an array along its first axis."""
    return [value[k] for k in range(len(value))]


def gathered(values: TensorList, indices: Array, shape: Shape) -> Array:
    """The elements at `indices` along a new first axis."""
    if isinstance(indices, Tracer):
        return jnp.take(jnp.asarray(values.stacked(shape).items), indices, axis=0, mode="clip")
    found = [values.get(index, shape) for index in np.asarray(indices)]
    return jnp.stack(found) if found else values.resized(0).stack(shape)


def scattered(values: TensorList, indices: Array, items: Array) -> TensorList:
    """The list with the entries of `items` at `indices`, and as much longer as they ask for."""
    places = static(indices, "indices")
    if len(places) != len(items):
        raise GraphError(f"{len(places)} indices for {len(items)} elements")
    longest = max(places, default=-1) + 1
    if longest > values.known_length():
        values = values.resized(int(longest))
    if np.array_equal(places, np.arange(values.known_length())):
        values.check(items[0]) if len(items) else None
        return replace(values, items=items)
    for place, item in zip(places, rows(items), strict=True):
        values = values.set(place, item)
    return values


def concatenated(values: TensorList, shape: Shape) -> tuple[Array, Array]:
    """All elements behind each other along their first axis, and how long each is."""
    found = values.elements(shape)
    lengths = np.array([item.shape[0] for item in found], np.int64)
    return (jnp.concatenate(found) if found else values.stack(shape)), lengths


@register_kernel("EmptyTensorList")
def empty(attrs: Attrs, element_shape: Array, max_num_elements: Array) -> TensorList:
    return TensorList.empty(attrs["element_dtype"], shape_of(element_shape), 0)


@register_kernel("TensorListReserve")
def reserve(attrs: Attrs, element_shape: Array, num_elements: Array) -> TensorList:
    length = int(static(num_elements, "num_elements"))
    return TensorList.empty(attrs["element_dtype"], shape_of(element_shape), length)


@register_kernel("TensorListFromTensor")
def from_tensor(attrs: Attrs, tensor: Array, element_shape: Array) -> TensorList:
    shape = merge(shape_of(element_shape), tensor.shape[1:])
    return TensorList(attrs["element_dtype"], shape, tensor, len(tensor))


@register_kernel("TensorListScatter")
def scatter(attrs: Attrs, tensor: Array, indices: Array, element_shape: Array) -> TensorList:
    return scattered(TensorList.empty(attrs["element_dtype"], shape_of(element_shape), 0), indices, tensor)


@register_kernel("TensorListScatterV2")
def scatter_v2(attrs: Attrs, tensor: Array, indices: Array, element_shape: Array, num_elements: Array) -> TensorList:
    length = max(int(static(num_elements, "num_elements")), 0)
    return scattered(TensorList.empty(attrs["element_dtype"], shape_of(element_shape), length), indices, tensor)


@register_kernel("TensorListScatterIntoExistingList")
def scatter_into(attrs: Attrs, values: TensorList, tensor: Array, indices: Array) -> TensorList:
    return scattered(values, indices, tensor)


@register_kernel("TensorListGetItem")
def get_item(attrs: Attrs, values: TensorList, index: Array, element_shape: Array) -> Array:
    return values.get(index, shape_of(element_shape))


@register_kernel("TensorListSetItem")
def set_item(attrs: Attrs, values: TensorList, index: Array, item: Array) -> TensorList:
    if attrs["resize_if_index_out_of_bounds"]:
        values = _reaching(values, index)
    return values.set(index, item)


def _reaching(values: TensorList, index: Array) -> TensorList:
    """The list, made long enough that it has an element at `index`."""
    needed = int(static(index, "index")) + 1
    return values.resized(needed) if needed > values.known_length() else values


@register_kernel("TensorListPushBack")
def push_back(attrs: Attrs, values: TensorList, tensor: Array) -> TensorList:
    return values.push(tensor)


@register_kernel("TensorListPopBack")
def pop_back(attrs: Attrs, values: TensorList, element_shape: Array) -> tuple[TensorList, Array]:
    return values.pop(shape_of(element_shape))


@register_kernel("TensorListStack")
def stack(attrs: Attrs, values: TensorList, element_shape: Array) -> Array:
    stacked, wanted = values.stack(shape_of(element_shape)), attrs["num_elements"]
    if wanted >= 0 and len(stacked) != wanted:
        raise GraphError(f"the list has {len(stacked)} elements, attribute 'num_elements' says {wanted}")
    return stacked


@register_kernel("TensorListGather")
def gather(attrs: Attrs, values: TensorList, indices: Array, element_shape: Array) -> Array:
    return gathered(values, indices, shape_of(element_shape))


@register_kernel("TensorListConcatV2")
def concat(attrs: Attrs, values: TensorList, element_shape: Array, leading_dims: Array) -> tuple[Array, Array]:
    return concatenated(values, shape_of(element_shape))


@register_kernel("TensorListLength")
def length(attrs: Attrs, values: TensorList) -> Array:
    return np.asarray(values.length, np.int32) if isinstance(values.length, int) else values.length


@register_kernel("TensorListResize")
def resize(attrs: Attrs, values: TensorList, size: Array) -> TensorList:
    return values.resized(int(static(size, "size")))


@register_kernel("TensorListElementShape")
def element_shape(attrs: Attrs, values: TensorList) -> Array:
    numpy_type = attrs["shape_type"].numpy
    return np.asarray(-1 if values.shape is None else [-1 if d is None else d for d in values.shape], numpy_type)


def split_at(value: Array, lengths: Array) -> Sequence[Array]:
    """Pieces of `value` along its first axis. Raises GraphError where the lengths do not add up to it."""
    sizes = static(lengths, "lengths")
    if sizes.sum() != len(value):
        raise GraphError(f"lengths that add up to {sizes.sum()} for a value of {len(value)} rows")
    return [value[end - size : end] for size, end in zip(sizes, np.cumsum(sizes), strict=True)]
