"""Static shapes: a tuple with None for an unknown dimension, or None for an unknown rank."""

from __future__ import annotations

import math
from collections.abc import Sequence

from framework.errors import GraphError

Dim = int | None
Shape = tuple[Dim, ...] | None


def show(shape: Shape) -> str:
    """`[batch, 7, 7, 64]` style text: unknown dimensions are `?`, an unknown rank is `<unknown>`."""
    return "<unknown>" if shape is None else "[" + ", ".join("?" if d is None else str(d) for d in shape) + "]"


def size(shape: Shape) -> int | None:
    """Number of elements, or None when a dimension is unknown."""
    return None if shape is None or None in shape else math.prod(shape)  # type: ignore[arg-type]


def is_known(shape: Shape) -> bool:
    """Whether rank and every dimension are known."""
    return shape is not None and None not in shape


def merge(a: Shape, b: Shape) -> Shape:
    """The more specific of two descriptions of one shape. Raises GraphError where they contradict."""
    if a is None or b is None:
        return b if a is None else a
    if len(a) != len(b):
        raise GraphError(f"shapes {show(a)} and {show(b)} have different ranks")
    return tuple(merge_dim(x, y, a, b) for x, y in zip(a, b, strict=True))


def merge_dim(x: Dim, y: Dim, a: Shape = None, b: Shape = None) -> Dim:
    """The more specific of two descriptions of one dimension. Raises GraphError where they contradict."""
    if x is None or y is None:
        return y if x is None else x
    if x != y:
        raise GraphError(f"dimensions {x} and {y} differ" + (f" in {show(a)} and {show(b)}" if a is not None else ""))
    return x


def fits(general: Shape, specific: Shape) -> bool:
    """Whether a value of shape `specific` may stand where `general` is declared."""
    if general is None or specific is None:
        return True
    return len(general) == len(specific) and all(
        g is None or s is None or g == s for g, s in zip(general, specific, strict=True)
    )


def broadcast(a: Shape, b: Shape) -> Shape:
    """The shape of an elementwise operation on `a` and `b` under NumPy's rules. Raises GraphError."""
    if a == b:
        return a
    if a is None or b is None:
        return None
    rank = max(len(a), len(b))
    dims = []
    for x, y in zip((1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b, strict=True):
        if x == 1:
            dims.append(y)
        elif y == 1 or x == y:
            dims.append(x)
        elif x is None or y is None:
            dims.append(y if x is None else x)  # the unknown one must be 1 or equal to the known one
        else:
            raise GraphError(f"shapes {show(a)} and {show(b)} do not broadcast")
    return tuple(dims)


def normalize_axes(axes: Sequence[int], rank: int) -> tuple[int, ...]:
    """Axes as numbers in 0..rank-1. Raises GraphError for one out of range."""
    for axis in axes:
        if not -rank <= axis < rank:
            raise GraphError(f"axis {axis} is outside of a rank-{rank} tensor")
    return tuple(int(a) % rank for a in axes) if rank else ()
