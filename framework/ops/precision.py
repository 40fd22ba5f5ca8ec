"""The type that sums over many elements are taken in."""

from __future__ import annotations

from framework.graph import Tensor
from framework.ops import wrappers as ops


def widened(x: Tensor) -> Tensor:
    """x in float32 where its own type holds fewer digits (bfloat16, float16), else x itself."""
    return ops.cast(x, "float32") if x.dtype.name in ("bfloat16", "float16") else x


def narrowed(x: Tensor, like: Tensor) -> Tensor:
    """x in the type of `like`."""
    return x if x.dtype is like.dtype else ops.cast(x, like.dtype)
