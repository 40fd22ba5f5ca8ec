"""Windows that slide over images: the axes of a data format, padding, and the size of what comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from framework.graph.opdef import Call
from framework.graph.shapes import Dim, Shape

FORMATS = "{'NHWC', 'NCHW'}"
Pads = tuple[tuple[int, int], ...]


def channel_axis(data_format: str) -> int:
    """The axis of the channels in an image of this format (`NHWC`, `NCHW`, `NDHWC`, ...)."""
    return data_format.index("C")


def spatial_axes(data_format: str) -> tuple[int, ...]:
    """The axes of an image of this format that windows slide along."""
    return tuple(axis for axis, letter in enumerate(data_format) if letter not in "NC")


def span(window: int, dilation: int = 1) -> int:
    """How far a window reaches whose elements lie `dilation` apart."""
    return (window - 1) * dilation + 1


def pads(attrs: Mapping[str, Any], image: Sequence[int], spans: Sequence[int]) -> Pads:
    """What is added before and behind each axis of an image of known shape; `spans` are those of its windows."""
    explicit = attrs.get("explicit_paddings") or (0,) * (2 * len(image))
    if attrs["padding"] == "EXPLICIT":
        return tuple(zip(explicit[::2], explicit[1::2], strict=True))
    if attrs["padding"] == "VALID":
        return ((0, 0),) * len(image)
    return tuple(_same(*axis) for axis in zip(image, spans, attrs["strides"], strict=True))


def _same(size: int, reach: int, stride: int) -> tuple[int, int]:
    """Enough for ceil(size / stride) windows, the odd one behind."""
    total = max((-(-size // stride) - 1) * stride + reach - size, 0)
    return total // 2, total - total // 2


def reads(attrs: Mapping[str, Any], image: Sequence[int], windows: Sequence[int], dilations: Sequence[int]) -> int:
    """How many elements of one channel all windows together read; what lies in the padding is not read."""
    spans = [span(w, d) for w, d in zip(windows, dilations, strict=True)]
    total = 1
    for axis, (before, behind) in enumerate(pads(attrs, image, spans)):
        size, stride = image[axis], attrs["strides"][axis]
        first = np.arange((size + before + behind - spans[axis]) // stride + 1) * stride - before
        position = first[:, None] + np.arange(windows[axis]) * dilations[axis]
        total *= int(np.count_nonzero((position >= 0) & (position < size)))
    return total


def slid(call: Call, image: Sequence[Dim], spans: Sequence[Dim]) -> tuple[Dim, ...]:
    """The number of windows along each axis of `image`. Raises GraphError where a window is larger than the axis."""
    explicit = call.attrs.get("explicit_paddings") or (0,) * (2 * len(image))
    return tuple(
        _count(call, axis, image[axis], spans[axis], stride, explicit[2 * axis] + explicit[2 * axis + 1])
        for axis, stride in enumerate(call.attrs["strides"])
    )


def _count(call: Call, axis: int, size: Dim, reach: Dim, stride: int, padding: int) -> Dim:
    if size is None:
        return None
    if call.attrs["padding"] == "SAME":
        return -(-size // stride)
    if reach is None:
        return None
    if size + padding < reach and reach > 1:
        raise call.fail(
            f"a window that reaches over {reach} elements does not fit into the {size + padding} of axis {axis}"
        )
    return (size + padding - reach) // stride + 1


def check_windows(call: Call, *lists: str) -> None:
    """Raises GraphError unless the attributes named (and `strides`) have one positive number for each axis, and
    explicit paddings are given exactly when the padding is EXPLICIT."""
    data_format = call.attrs["data_format"]
    for name in ("strides", *lists):
        numbers = call.attrs[name]
        if len(numbers) != len(data_format) or any(n < 1 for n in numbers):
            raise call.fail(
                f"attribute '{name}' must be {len(data_format)} positive numbers, one for each axis of {data_format}; "
                f"found {list(numbers)}"
            )
    explicit = call.attrs.get("explicit_paddings", ())
    if call.attrs["padding"] != "EXPLICIT":
        if explicit:
            raise call.fail(
                f"attribute 'explicit_paddings' goes with padding EXPLICIT only, found it with {call.attrs['padding']}"
            )
        return
    outer = [axis for axis, letter in enumerate(data_format) if letter in "NC"]
    if (
        len(explicit) != 2 * len(data_format)
        or any(p < 0 for p in explicit)
        or any(explicit[2 * axis] or explicit[2 * axis + 1] for axis in outer)
    ):
        raise call.fail(
            f"attribute 'explicit_paddings' must be {2 * len(data_format)} numbers of at least 0, two for each axis "
            f"of {data_format} and 0 for batch and channels; found {list(explicit)}"
        )


def with_rank(call: Call, index: int) -> Shape:
    """The shape of image `index`, which must have an axis for each letter of the data format."""
    return call.rank(index, len(call.attrs["data_format"]))
