"""Images in another size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from framework.graph import Call, register_op
from framework.graph.shapes import show
from framework.ops.inference import Flops, Shapes, no_flops, product, static_vector

_TYPES = "{int8, uint8, int16, uint16, int32, int64, half, float, double, bfloat16}"
_KERNELS = ("lanczos1", "lanczos3", "lanczos5", "gaussian", "box", "triangle", "keyscubic", "mitchellcubic")
_ALIGNMENT = "align_corners: bool = false, half_pixel_centers: bool = false"


def positions(attrs: Mapping[str, Any], length: int, output: int) -> np.ndarray:
    """Where along an axis of `length` pixels each of `output` pixels is looked up, float32 `[output]`.

    attrs: of the op. Computed in float32, as TensorFlow does: whole positions depend on it.
    """
    whole = np.arange(output, dtype=np.float32)
    if attrs["align_corners"] and output > 1:
        return whole * (np.float32(length - 1) / np.float32(output - 1))
    scale = np.float32(length) / np.float32(output)
    return (whole + np.float32(0.5)) * scale - np.float32(0.5) if attrs["half_pixel_centers"] else whole * scale


def _resized_shape(call: Call) -> Shapes:
    if call.attrs["align_corners"] and call.attrs["half_pixel_centers"]:
        raise call.fail("align_corners and half_pixel_centers exclude each other, found both")
    return _sized_shape(call)


def _sized_shape(call: Call) -> Shapes:
    images, size = call.rank(0, 4), static_vector(call, 1)
    if size is not None and (len(size) != 2 or min(size) < 1):
        raise call.fail(f"size must be a height and width of at least 1, found {list(size)}")
    height, width = size or (None, None)
    return [(images[0] if images else None, height, width, images[3] if images else None)]


def _weighed_flops(per_element: int) -> Flops:
    """So many for each element along the width, and as many along the height."""

    def flops(call: Call, outputs: Shapes) -> int | None:
        if outputs[0] is None or call.shapes[0] is None:
            return None
        batch, rows, columns, channels = outputs[0]
        across = product([per_element, batch, call.shapes[0][1], columns, channels])
        down = product([per_element, batch, rows, columns, channels])
        return None if across is None or down is None else across + down

    return flops


register_op(
    "ResizeNearestNeighbor",
    inputs="images: T, size: int32",
    outputs="resized_images: T",
    attrs=f"T: {_TYPES}, {_ALIGNMENT}",
    shape=_resized_shape,
    flops=no_flops,
    doc="Images [batch, height, width, channels] in another height and width, each pixel the nearest one of the input.",
)


register_op(
    "ResizeBicubic",
    inputs="images: T, size: int32",
    outputs="resized_images: float",
    attrs=f"T: {_TYPES}, {_ALIGNMENT}",
    shape=_resized_shape,
    flops=_weighed_flops(7),
    doc="Images [batch, height, width, channels] in another height and width, each pixel made of the sixteen around "
    "it by cubic polynomials (Keys, 1981), with a = -0.5 for half_pixel_centers and a = -0.75 otherwise.",
)
register_op(
    "ResizeBilinear",
    inputs="images: T, size: int32",
    outputs="resized_images: float",
    attrs=f"T: {_TYPES}, {_ALIGNMENT}",
    shape=_resized_shape,
    flops=_weighed_flops(3),
    doc="Images [batch, height, width, channels] in another height and width, each pixel made of the four around it.",
)


def _span_flops(call: Call, outputs: Shapes) -> int | None:
    """A product with a matrix along the width, and one along the height."""
    if outputs[0] is None or call.shapes[0] is None:
        return None
    batch, rows, columns, channels = outputs[0]
    across = product([2, batch, *call.shapes[0][1:3], columns, channels])
    down = product([2, batch, rows, columns, call.shapes[0][1], channels])
    return None if across is None or down is None else across + down


register_op(
    "ResizeArea",
    inputs="images: T, size: int32",
    outputs="resized_images: float",
    attrs=f"T: {_TYPES}, align_corners: bool = false",
    shape=_sized_shape,
    flops=_span_flops,
    doc="Images [batch, height, width, channels] in another height and width, each pixel the mean of the area of the "
    "input that it covers.",
)


def _translated_shape(call: Call) -> Shapes:
    if call.attrs["kernel_type"] not in _KERNELS:
        raise call.fail(
            f"attribute 'kernel_type' must be one of {', '.join(_KERNELS)}, found {call.attrs['kernel_type']!r}"
        )
    for index in (2, 3):
        pair = call.rank(index, 1)
        if pair is not None and pair[0] not in (2, None):
            raise call.fail(
                f"'{call.op.input_name(index)}' holds a number for rows and for columns, found {show(pair)}"
            )
    return _sized_shape(call)


register_op(
    "ScaleAndTranslate",
    inputs="images: T, size: int32, scale: float, translation: float",
    outputs="resized_images: float",
    attrs=f"T: {_TYPES}, kernel_type: string = 'lanczos3', antialias: bool = true",
    shape=_translated_shape,
    flops=_span_flops,
    doc="Images [batch, height, width, channels] in another height and width: what lies at x comes to "
    "`scale * x + translation`, weighed by a kernel, which is widened where an image shrinks and `antialias` is set.",
)
