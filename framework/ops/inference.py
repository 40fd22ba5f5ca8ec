"""Shape functions and costs that ops of several families share."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from framework.errors import GraphError
from framework.graph.opdef import Call
from framework.graph.shapes import Shape, broadcast, normalize_axes, show, size

Shapes = Sequence[Shape]
Fold = Callable[..., Any]
Flops = Callable[[Call, Shapes], int | None]


def unchanged(call: Call) -> Shapes:
    """One output of the shape of the first input."""
    return [call.shapes[0]]


def broadcasted(call: Call) -> Shapes:
    """One output: all inputs under NumPy's broadcasting rules."""
    result: Shape = ()
    for shape in call.shapes:
        result = broadcast(result, shape)
    return [result]


def scalar(call: Call) -> Shapes:
    """One output of rank 0."""
    return [()]


def static_scalar(call: Call, index: int) -> int | None:
    """The value of a scalar integer input (an axis, a depth), or None where it is computed. Raises GraphError."""
    shape = call.rank(index, 0)
    value = call.constants[index]
    return None if value is None or shape is None else int(value)


def static_vector(call: Call, index: int) -> tuple[int, ...] | None:
    """The values of an integer vector input, or None where they are computed. Raises GraphError for another rank."""
    call.rank(index, 1)
    value = call.constants[index]
    return None if value is None else tuple(int(v) for v in value)


def described_shape(call: Call, index: int) -> Shape:
    """The shape that integer vector `index` holds, as far as it is known. Raises GraphError for a negative size."""
    dims = static_vector(call, index)
    if dims is None:
        return unknown_of_length(call.shapes[index])
    if any(d < 0 for d in dims):
        raise call.fail(f"input '{call.op.input_name(index)}' must hold sizes of at least 0, found {list(dims)}")
    return dims


def unknown_of_length(vector: Shape) -> Shape:
    """A shape of unknown dimensions, as many as a vector of shape `vector` has elements."""
    return None if vector is None or vector[0] is None else (None,) * vector[0]


def at_least_rank(call: Call, index: int, rank: int) -> Shape:
    """The shape of input `index`, which must have at least this rank. Raises GraphError."""
    shape = call.shapes[index]
    if shape is not None and len(shape) < rank:
        name = call.op.input_name(index)
        raise call.fail(f"input '{name}' must have rank {rank} or more, found shape {show(shape)}")
    return shape


def reduced(call: Call) -> Shapes:
    """Input 0 without the axes of input 1, or with size 1 there when `keep_dims` is set."""
    shape, keep = call.shapes[0], call.attrs["keep_dims"]
    axes = call.constants[1]
    call.rank(1, 0, 1)
    if shape is None:
        return [None]
    if axes is None:
        return [(None,) * len(shape) if keep else None]
    found = normalize_axes([int(a) for a in np.atleast_1d(axes)], len(shape))
    if len(set(found)) < len(found):
        raise call.fail(f"each axis may be reduced once, found axes {np.atleast_1d(axes).tolist()}")
    if keep:
        return [tuple(1 if axis in found else d for axis, d in enumerate(shape))]
    return [tuple(d for axis, d in enumerate(shape) if axis not in found)]


def quiet(function: Callable[..., Any]) -> Fold:
    """`function` of arrays as a fold: it takes no attributes, and NumPy does not warn of overflow or of zero."""

    def fold(attrs: Any, *inputs: np.ndarray) -> Any:
        with np.errstate(all="ignore"):
            return function(*inputs)

    return fold


def require_shape(name: str, value: Any, wanted: tuple[int, ...]) -> None:
    """Raises GraphError where a shape that only a run knows is another: NumPy and JAX stretch some silently."""
    if np.shape(value) != wanted:
        raise GraphError(f"'{name}' must be {show(wanted)}, found {show(np.shape(value))}")


def no_flops(call: Call, outputs: Shapes) -> int:
    """Data is only moved."""
    return 0


def input_flops(per_element: int = 1) -> Flops:
    """A cost of `per_element` operations an element of the first input."""

    def flops(call: Call, outputs: Shapes) -> int | None:
        count = size(call.shapes[0])
        return None if count is None else per_element * count

    return flops


def product(dims: Sequence[int | None]) -> int | None:
    """The product of `dims`, or None when one is unknown."""
    return None if None in dims else math.prod(dims)  # type: ignore[arg-type]
