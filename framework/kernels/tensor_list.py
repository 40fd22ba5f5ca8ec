"""The value of a list of tensors: what flows along a tensor of type `variant`, and along the flow of a TensorArray."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer

from framework.errors import GraphError, InvalidArgumentError, UntraceableError
from framework.graph import DType, Shape
from framework.graph.dtypes import string
from framework.graph.shapes import fits, merge, show
from framework.kernels.values import element_type

Array = jax.Array | np.ndarray


@dataclass(frozen=True)
class TensorList:
    """A list whose elements are arrays of one type.

    items: one entry an element, None where it was never set; or one array `[capacity, *element]`, which is how a list
    goes through compiled loops. length: how many elements there are; an array where only a run knows it, and then
    there may be fewer than the capacity. shape: what is declared of the elements' shape.
    """

    dtype: DType
    shape: Shape
    items: tuple[Array | None, ...] | Array
    length: int | Array

    @classmethod
    def empty(cls, dtype: DType, shape: Shape, length: int) -> TensorList:
        """`length` elements that are yet to be set. Raises GraphError for fewer than none."""
        if length < 0:
            raise GraphError(f"a list cannot have {length} elements")
        return cls(dtype, shape, (None,) * length, length)

    def __array__(self, dtype: Any = None, copy: Any = None) -> NoReturn:
        raise InvalidArgumentError("a list of tensors is no array; fetch its elements, or all of them stacked")

    @property
    def is_stacked(self) -> bool:
        return not isinstance(self.items, tuple)

    @property
    def capacity(self) -> int:
        return len(self.items)

    @property
    def element(self) -> tuple[int, ...] | None:
        """The shape that all elements have, as far as it follows from the declared one and those that are set."""
        if not isinstance(self.items, tuple):
            return self.items.shape[1:]
        shape = self.shape
        for item in self.items:
            shape = shape if item is None else self._merged(shape, item.shape)
        return None if shape is None or None in shape else shape  # type: ignore[return-value]

    def get(self, index: Any, shape: Shape = None) -> Array:
        """The element at `index`, which has this shape where it was never set."""
        position = _known(index)
        if position is None:
            items: Any = self.stacked(shape).items
            return lax.dynamic_index_in_dim(jnp.asarray(items), index, 0, keepdims=False)
        if not isinstance(self.items, tuple):
            return self.items[self._inside(position)]
        item = self.items[self._inside(position)]
        return self._zeros(self._described(shape)) if item is None else item

    def set(self, index: Any, item: Array) -> TensorList:
        """The list with `item` at `index`."""
        self.check(item)
        position = _known(index)
        if position is None or (self.is_stacked and item.shape == self.items.shape[1:]):  # type: ignore[union-attr]
            stacked = self.stacked(item.shape)
            place = index if position is None else self._inside(position)
            return replace(stacked, items=jnp.asarray(stacked.items).at[place].set(item, mode="drop"))
        items = list(self.unstacked().items)
        items[self._inside(position)] = item
        return replace(self, items=tuple(items))

    def push(self, item: Array) -> TensorList:
        """The list with `item` behind its last element."""
        self.check(item)
        if not isinstance(self.length, int):
            stacked = self.stacked(item.shape)
            items = jnp.asarray(stacked.items).at[self.length].set(item, mode="drop")
            return replace(stacked, items=items, length=self.length + np.int32(1))
        items = self.unstacked().items
        return replace(self, items=(*items, item), length=len(items) + 1)

    def pop(self, shape: Shape = None) -> tuple[TensorList, Array]:
        """The list without its last element, and that element."""
        if not isinstance(self.length, int):
            last = self.length - np.int32(1)
            return replace(self, length=last), self.get(last, shape)
        if not self.length:
            raise GraphError("there is no element to take from an empty list")
        shorter = replace(self, items=self.items[: self.length - 1], length=self.length - 1)
        return shorter, self.get(np.int32(self.length - 1), shape)

    def resized(self, length: int) -> TensorList:
        """The list with this many elements; new ones are yet to be set."""
        items = self.unstacked().items[:length]
        return replace(self, items=(*items, *(None,) * (length - len(items))), length=length)

    def stack(self, shape: Shape = None) -> Array:
        """All elements along a new first axis. Raises UntraceableError where only a run knows how many there are."""
        length = self.known_length()
        return self.stacked(shape).items[:length]  # type: ignore[return-value]

    def elements(self, shape: Shape = None) -> list[Array]:
        """All elements one by one."""
        return [self.get(np.int32(k), shape) for k in range(self.known_length())]

    def known_length(self) -> int:
        """How many elements there are. Raises UntraceableError where the program computes that."""
        length = _known(self.length)
        if length is None:
            raise UntraceableError("how many elements a list has must be known before the program runs")
        return length

    def stacked(self, shape: Shape = None) -> TensorList:
        """The same list as one array; elements that were never set are zeros of this shape.

        Raises GraphError where nothing says their shape, and UntraceableError where elements have several shapes.
        """
        if not isinstance(self.items, tuple):
            return self
        try:
            element = self.element
        except GraphError as error:
            raise UntraceableError(error.message) from None
        zeros = self._zeros(self._described(shape)) if element is None else self._zeros(element)
        if not self.items:
            return replace(self, items=self._zeros((0, *zeros.shape)))
        if all(item is None for item in self.items):
            return replace(self, items=self._arrays.broadcast_to(zeros, (self.capacity, *zeros.shape)))
        arrays = [zeros if item is None else self._arrays.asarray(item) for item in self.items]
        return replace(self, items=self._arrays.stack(arrays))

    def unstacked(self) -> TensorList:
        """The same list as single elements."""
        if isinstance(self.items, tuple):
            return self
        length = self.known_length()
        return replace(self, items=tuple(self.items[k] for k in range(length)), length=length)

    def with_room(self, capacity: int, element: Shape, is_counted: bool) -> TensorList:
        """The same list as one array with room for this many elements, of this shape where none is set.

        is_counted: whether its length stays known, rather than one that a program may change.
        """
        stacked = self.stacked(element)
        items: Any = stacked.items
        if self.capacity < capacity:
            rest = jnp.zeros((capacity - self.capacity, *items.shape[1:]), items.dtype)
            items = jnp.concatenate([jnp.asarray(items), rest])
        return replace(stacked, items=items, length=self.length if is_counted else jnp.asarray(self.length, jnp.int32))

    def check(self, item: Array) -> None:
        """Raises GraphError where `item` can be no element of the list."""
        if item.dtype != self._element_type:
            raise GraphError(f"a list of {self.dtype} cannot hold an element of type {item.dtype}")
        self._merged(self.shape, item.shape)

    def _inside(self, position: int) -> int:
        length = _known(self.length)
        if not 0 <= position < (self.capacity if length is None else length):
            raise GraphError(f"index {position} is outside of a list of {self.capacity} elements")
        return position

    def _described(self, shape: Shape) -> tuple[int, ...]:
        """The shape of an element that was never set: what is declared, what the caller knows, what others have."""
        found = self._merged(self.shape, shape)
        for item in self.items if isinstance(self.items, tuple) else ():
            if item is not None and fits(found, item.shape):
                found = item.shape
        if found is None or None in found:
            raise GraphError(f"an element was never set, and its shape is known only as {show(found)}")
        return found  # type: ignore[return-value]

    def _zeros(self, shape: Sequence[int]) -> Array:
        return np.full(shape, b"", object) if self.dtype is string else jnp.zeros(shape, self._element_type)

    @property
    def _arrays(self) -> Any:
        """What computes with the elements: JAX holds no text."""
        return np if self.dtype is string else jnp

    @property
    def _element_type(self) -> np.dtype[Any]:
        return self.dtype.numpy if self.dtype is string else element_type(self.dtype)

    def _merged(self, declared: Shape, found: Shape) -> Shape:
        try:
            return merge(declared, found)
        except GraphError:
            raise GraphError(
                f"an element of shape {show(found)} does not fit a list of elements of shape {show(declared)}"
            ) from None


def _known(value: Any) -> int | None:
    """The number that a scalar holds, or None where a program computes it."""
    return None if isinstance(value, Tracer) else int(value)


def _flatten(value: TensorList) -> tuple[tuple[Any, Any], tuple[Any, ...]]:
    fixed = value.length if isinstance(value.length, int) else None
    return (value.items, None if fixed is not None else value.length), (value.dtype, value.shape, fixed)


def _unflatten(fixed: tuple[Any, ...], children: Sequence[Any]) -> TensorList:
    dtype, shape, length = fixed
    return TensorList(dtype, shape, children[0], children[1] if length is None else length)


jax.tree_util.register_pytree_node(TensorList, _flatten, _unflatten)
