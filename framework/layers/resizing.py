"""Layers that change the height and width of images."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from framework import ops
from framework.errors import GraphError
from framework.fields import structural
from framework.graph import Tensor, show
from framework.layers.base import LAYERS, Layer, Scope
from framework.layers.convolution import Sides, image_shape, pair
from framework.ops.precision import narrowed

Amount = Annotated[int, Field(ge=0)]
Ends = Annotated[tuple[Amount, Amount], Strict(False)]
# One number for all four sides; height and width; or [[top, bottom], [left, right]].
Borders = Amount | Annotated[tuple[Amount | Ends, Amount | Ends], Strict(False)]


def ends(borders: Borders) -> tuple[tuple[int, int], tuple[int, int]]:
    """((top, bottom), (left, right)) from one number for all sides, from two, or from the four."""
    height, width = (borders, borders) if isinstance(borders, int) else borders
    return (
        (height, height) if isinstance(height, int) else height,
        (width, width) if isinstance(width, int) else width,
    )


@LAYERS.register("zero_pad2d")
class ZeroPad2D(Layer):
    """Puts zeros around `[batch, height, width, channels]`."""

    padding: Borders = structural(
        1, "rows and columns added: one number, [height, width] or [[top, bottom], [left, right]]", unit="pixels"
    )

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        image_shape(x, "zero_pad2d")
        return ops.pad(x, [[0, 0], *map(list, ends(self.padding)), [0, 0]])


@LAYERS.register("crop2d")
class Crop2D(Layer):
    """Cuts rows and columns off `[batch, height, width, channels]`."""

    cropping: Borders = structural(
        ..., "rows and columns cut off: one number, [height, width] or [[top, bottom], [left, right]]", unit="pixels"
    )

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        height, width, _ = image_shape(x, "crop2d")
        (top, bottom), (left, right) = ends(self.cropping)
        if top + bottom >= height or left + right >= width:
            raise GraphError(f"crop2d cannot cut {[[top, bottom], [left, right]]} off {show(x.shape)}: nothing is left")
        # The first and the last axis are taken whole: that is what the masks say.
        return ops.strided_slice(
            x, [0, top, left, 0], [0, height - bottom, width - right, 0], [1, 1, 1, 1], begin_mask=9, end_mask=9
        )


@LAYERS.register("upsample2d")
class Upsample2D(Layer):
    """Makes `[batch, height, width, channels]` larger by whole factors.

    Source: https://www.tensorflow.org/api_docs/python/tf/keras/layers/UpSampling2D
    """

    size: Sides = structural(2, "factors of height and width")
    interpolation: Literal["nearest", "bilinear"] = structural(
        "nearest", "nearest: pixels are repeated; bilinear: each is made of the four around it"
    )

    def build(self, scope: Scope, x: Tensor) -> Tensor:
        height, width, _ = image_shape(x, "upsample2d")
        down, across = pair(self.size)
        resize = {"nearest": ops.resize_nearest_neighbor, "bilinear": ops.resize_bilinear}[self.interpolation]
        # Interpolation gives float32, whatever it reads.
        return narrowed(resize(x, [height * down, width * across], half_pixel_centers=True), x)
