"""Kernels on strings, in NumPy: an array of them holds bytes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from framework.kernels.registry import register_kernel


def strings(value: Any) -> np.ndarray:
    """An array of Python's strings, of the shape of a tensor of strings."""
    array = np.asarray(value, dtype=object)
    found = [item.decode(errors="surrogateescape") if isinstance(item, bytes) else str(item) for item in array.flat]
    return _array(found, array.shape)


def encoded(value: Any) -> np.ndarray:
    """A tensor of strings, as it flows through a graph, of text or bytes."""
    array = np.asarray(value, dtype=object)
    found = [item if isinstance(item, bytes) else item.encode(errors="surrogateescape") for item in array.flat]
    return _array(found, array.shape)


def _array(items: list[Any], shape: tuple[int, ...]) -> np.ndarray:
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array.reshape(shape)


@register_kernel("AsString")
def as_string(attrs: Mapping[str, Any], values: Any) -> np.ndarray:
    array = np.asarray(values)
    if array.dtype == object:
        array = strings(array)
    return encoded(_array([_format(attrs, item) for item in array.reshape(-1).tolist()], array.shape))


def _format(attrs: Mapping[str, Any], value: Any) -> str:
    """One element as C's printf writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, complex):
        return f"({_format(attrs, value.real)},{_format(attrs, value.imag)})"
    width = str(attrs["width"]) if attrs["width"] >= 0 else ""
    fill = attrs["fill"]
    if isinstance(value, str):
        return f"%{'-' if fill == '-' else ''}{width}s" % value
    if isinstance(value, int):
        is_signed = attrs["T"].numpy.kind == "i"
        return f"%{fill if is_signed or fill not in ('+', ' ') else ''}{width}d" % value
    if not math.isfinite(value) and fill == "0":
        fill = ""
    precision = f".{attrs['precision']}" if attrs["precision"] >= 0 else ""
    letter = "g" if attrs["shortest"] else "e" if attrs["scientific"] else "f"
    return f"%{fill}{width}{precision}{letter}" % value


@register_kernel("StringJoin")
def string_join(attrs: Mapping[str, Any], *inputs: Any) -> np.ndarray:
    if not inputs:
        return encoded("")
    parts = np.broadcast_arrays(*(strings(value) for value in inputs))
    joined = [attrs["separator"].join(items) for items in zip(*(part.flat for part in parts), strict=True)]
    return encoded(_array(joined, parts[0].shape))


@register_kernel("ShardedFilename")
def sharded_filename(attrs: Mapping[str, Any], basename: Any, shard: Any, count: Any) -> np.ndarray:
    return encoded(f"{strings(basename).item()}-{int(shard):05d}-of-{int(count):05d}")
