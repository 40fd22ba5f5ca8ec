"""Kernels that write Summary messages, in NumPy.

Source: TensorFlow's op pages (tf/raw_ops/ImageSummary says how images are scaled).
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np

from framework.errors import InvalidArgumentError
from framework.kernels.registry import register_kernel
from framework.kernels.strings import encoded, strings

_SMALLEST, _LARGEST, _GROWTH = 1e-12, 1e20, 1.1
_BLACK_BELOW = 1e-6
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def _summary() -> Any:
    """The message, of whose package the import takes longer than most graphs need."""
    from framework.graph.graphdef.proto import Summary

    return Summary


def _message(values: Iterable[Any]) -> np.ndarray:
    return encoded(_summary()(value=values).SerializeToString())


def _tag(value: Any) -> str:
    return strings(value).item()


@register_kernel("ScalarSummary")
def scalar_summary(attrs: Mapping[str, Any], tags: Any, values: Any) -> np.ndarray:
    tags, numbers = strings(tags), np.asarray(values).astype(np.float32)
    if tags.shape != numbers.shape:
        raise InvalidArgumentError(f"{tags.shape} tags, but {numbers.shape} values")
    value = _summary().Value
    return _message(value(tag=tag, simple_value=number) for tag, number in zip(tags.flat, numbers.flat, strict=True))


# -- histograms -----------------------------------------------------------------------------------------------------


@register_kernel("HistogramSummary")
def histogram_summary(attrs: Mapping[str, Any], tag: Any, values: Any) -> np.ndarray:
    numbers = np.asarray(values).astype(np.float64).reshape(-1)
    name = _tag(tag)
    for what, found in (("NaN", np.isnan), ("infinity", np.isinf)):
        if found(numbers).any():
            raise InvalidArgumentError(f"the values for '{name}' hold {what}")
    value = _summary().Value(tag=name)
    _fill(value.histo, numbers)
    return _message([value])


@cache
def bucket_limits() -> np.ndarray:
    """The upper ends of the buckets: from 1e-12 on each is 1.1 times the one before, on either side of zero."""
    ends, end = [], _SMALLEST
    while end < _LARGEST:
        ends.append(end)
        end *= _GROWTH
    ends.append(sys.float_info.max)
    return np.array([*(-end for end in reversed(ends)), 0.0, *ends])


def _fill(message: Any, numbers: np.ndarray) -> None:
    """Fills a HistogramProto; a run of empty buckets is one."""
    limits = bucket_limits()
    message.min = numbers.min() if numbers.size else limits[-1]
    message.max = numbers.max() if numbers.size else limits[0]
    message.num, message.sum, message.sum_squares = numbers.size, numbers.sum(), np.square(numbers).sum()
    places = np.minimum(np.searchsorted(limits, numbers, side="right"), limits.size - 1)
    counts = np.bincount(places, minlength=limits.size)
    is_last = (counts > 0) | np.append(counts[1:] > 0, True)
    message.bucket_limit.extend(limits[is_last])
    message.bucket.extend(counts[is_last])


# -- images ---------------------------------------------------------------------------------------------------------


@register_kernel("ImageSummary")
def image_summary(attrs: Mapping[str, Any], tag: Any, tensor: Any) -> np.ndarray:
    images, name, most = np.asarray(tensor), _tag(tag), attrs["max_images"]
    if images.shape[3] not in _MODES:
        raise InvalidArgumentError(f"images have 1, 3 or 4 channels, found {images.shape[3]}")

    def values() -> Iterator[Any]:
        for number, image in enumerate(images[:most]):
            value = _summary().Value(tag=f"{name}/image/{number}" if most > 1 else f"{name}/image")
            value.image.height, value.image.width, value.image.colorspace = image.shape
            value.image.encoded_image_string = _png(to_bytes(image, attrs["bad_color"]))
            yield value

    return _message(values())


def to_bytes(image: np.ndarray, bad_color: np.ndarray) -> np.ndarray:
    """An image `[height, width, channels]` of floating-point numbers as uint8."""
    if image.dtype == np.uint8:
        return image
    is_good = np.isfinite(image).all(axis=-1)
    good = image[is_good].astype(np.float32)
    kind = image.dtype.type
    if good.size and good.min() < 0:
        extent, top, offset = np.abs(good).max(), 127.0, kind(128)
    else:
        extent, top, offset = good.max(initial=0.0), 255.0, kind(0)
    scale = kind(0 if extent < _BLACK_BELOW else np.float32(top) / extent)
    found = np.empty(image.shape, np.uint8)
    found[is_good] = (image[is_good] * scale + offset).astype(np.uint8)
    found[~is_good] = bad_color[: image.shape[-1]]
    return found


def _png(pixels: np.ndarray) -> bytes:
    from PIL import Image

    height, width, channels = pixels.shape
    stream = io.BytesIO()
    Image.frombytes(_MODES[channels], (width, height), pixels.tobytes()).save(stream, format="png")
    return stream.getvalue()


# -- others ---------------------------------------------------------------------------------------------------------


@register_kernel("TensorSummaryV2")
def tensor_summary(attrs: Mapping[str, Any], tag: Any, tensor: Any, metadata: Any) -> np.ndarray:
    from framework.graph.graphdef.message import to_tensor_proto

    value = _summary().Value(tag=_tag(tag), tensor=to_tensor_proto(np.asarray(tensor)))
    value.metadata.MergeFromString(encoded(metadata)[()])
    return _message([value])


@register_kernel("MergeSummary")
def merge_summary(attrs: Mapping[str, Any], *inputs: Any) -> np.ndarray:
    merged = _summary()()
    for text in (item for value in inputs for item in encoded(value).flat):
        merged.MergeFromString(text)
    tags = [value.tag for value in merged.value]
    for tag in tags:
        if tags.count(tag) > 1:
            raise InvalidArgumentError(f"two of the summaries have the tag '{tag}'")
    return encoded(merged.SerializeToString())
