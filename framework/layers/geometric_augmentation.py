"""Augmentation that moves the pixels of images: shift, crop, flip, rotation."""

from __future__ import annotations

import math
from typing import Any, Literal

from framework import ops
from framework.fields import structural, value
from framework.graph import Tensor
from framework.layers.augmentation import AUGMENTATIONS, ImageAugmentation, drawn, drawn_around_zero, examples
from framework.layers.base import Scope
from framework.layers.convolution import image_shape

Fill = Literal["zeros", "edge", "reflect"]
_MODES = {"zeros": "CONSTANT", "edge": "NEAREST", "reflect": "REFLECT"}
Sources = tuple[Tensor | float, Tensor | float, Tensor | float, Tensor | float, Tensor | float, Tensor | float]


def fill() -> Any:
    """A field that says what comes into an image from outside of it."""
    return structural("zeros", "what comes in from outside: zeros; the edge, repeated; or the image, reflected there")


def _project(images: Tensor, sources: Sources, fill: Fill = "zeros", interpolation: str = "NEAREST") -> Tensor:
    """The images whose pixel (x, y) is that of `images` at (a x + b y + c, d x + e y + f).

    sources: (a, b, c, d, e, f), each a number or float32 `[batch]`.
    """
    height, width, _ = image_shape(images, "augmentation")
    columns = [x if isinstance(x, Tensor) else ops.fill(examples(images), x) for x in (*sources, 0.0, 0.0)]
    return ops.image_projective_transform_v3(
        images,
        ops.stack(columns, axis=1),
        [height, width],
        0.0,
        interpolation=interpolation,
        fill_mode=_MODES[fill],
    )


def _move(images: Tensor, reach: Tensor, fill: Fill) -> Tensor:
    """Each image moved by whole pixels, in both directions at most by `reach`, all distances equally likely."""
    down, right = (ops.floor(drawn(images) * (reach * 2.0 + 1.0)) - reach for _ in range(2))
    return _project(images, (1.0, 0.0, right, 0.0, 1.0, down), fill)


@AUGMENTATIONS.register("random_shift")
class RandomShift(ImageAugmentation):
    """Moves each image by whole pixels, up or down and left or right."""

    pixels: int = value(..., "the furthest that an image is moved in either direction", unit="pixels", ge=0)
    fill: Fill = fill()

    def change(self, scope: Scope, images: Tensor) -> Tensor:
        return _move(images, scope.value("pixels", self.pixels), self.fill)


@AUGMENTATIONS.register("random_crop")
class RandomCrop(ImageAugmentation):
    """Pads each image on all sides and cuts a window of its first size out of that.

    Source: He et al., CVPR 2016, section 4.2.
    """

    padding: int = value(4, "rows and columns that are added on each side", unit="pixels", ge=0)
    fill: Fill = fill()

    def change(self, scope: Scope, images: Tensor) -> Tensor:
        return _move(images, scope.value("padding", self.padding), self.fill)


@AUGMENTATIONS.register("random_flip")
class RandomFlip(ImageAugmentation):
    """Mirrors each image from left to right, from top to bottom, or both."""

    horizontal: float = value(0.5, "probability that left and right change places", ge=0, le=1)
    vertical: float = value(0.0, "probability that top and bottom change places", ge=0, le=1)

    def change(self, scope: Scope, images: Tensor) -> Tensor:
        height, width, _ = image_shape(images, "random_flip")
        across, down = (
            ops.cast(ops.less(drawn(images), scope.value(option, probability)), "float32")
            for option, probability in (("horizontal", self.horizontal), ("vertical", self.vertical))
        )
        mirrored = (1.0 - across * 2.0, 0.0, across * float(width - 1), 0.0, 1.0 - down * 2.0, down * float(height - 1))
        return _project(images, mirrored)


@AUGMENTATIONS.register("random_rotation")
class RandomRotation(ImageAugmentation):
    """Turns each image around its centre; between the pixels it is interpolated."""

    degrees: float = value(..., "the furthest that an image is turned in either direction", unit="degrees", ge=0)
    fill: Fill = fill()

    def change(self, scope: Scope, images: Tensor) -> Tensor:
        height, width, _ = image_shape(images, "random_rotation")
        angle = drawn_around_zero(images, scope.value("degrees", self.degrees) * (math.pi / 180))
        cosine, sine = ops.cos(angle), ops.sin(angle)
        x, y = (width - 1) / 2, (height - 1) / 2
        # What takes the centre (x, y) to itself.
        right, down = x - cosine * x + sine * y, y - sine * x - cosine * y
        return _project(images, (cosine, -sine, right, sine, cosine, down), self.fill, "BILINEAR")
