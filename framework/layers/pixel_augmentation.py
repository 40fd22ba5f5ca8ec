"""Augmentation that changes the values of pixels: brightness, contrast, cutout."""

from __future__ import annotations

from framework import ops
from framework.fields import value
from framework.graph import Tensor
from framework.layers.augmentation import AUGMENTATIONS, ImageAugmentation, drawn, drawn_around_zero, each
from framework.layers.base import Scope
from framework.layers.convolution import image_shape


@AUGMENTATIONS.register("random_brightness")
class RandomBrightness(ImageAugmentation):
    """Adds one number to all pixels of an image.

    Source: https://www.tensorflow.org/api_docs/python/tf/image/random_brightness
    """

    delta: float = value(..., "the most that is added or taken away, where pixels are 0 to 1", ge=0)

    def change(self, scope: Scope, images: Tensor) -> Tensor:
        return images + each(drawn_around_zero(images, scope.value("delta", self.delta)))


@AUGMENTATIONS.register("random_contrast")
class RandomContrast(ImageAugmentation):
    """Multiplies the distance of each pixel from the mean of its channel in the image by one factor.

    Source: https://www.tensorflow.org/api_docs/python/tf/image/random_contrast
    """

    delta: float = value(..., "the factor is between 1 less this and 1 plus this", ge=0)

    def change(self, scope: Scope, images: Tensor) -> Tensor:
        mean = ops.reduce_mean(images, [1, 2], keepdims=True)
        factor = 1.0 + drawn_around_zero(images, scope.value("delta", self.delta))
        return mean + (images - mean) * each(factor)


@AUGMENTATIONS.register("cutout")
class Cutout(ImageAugmentation):
    """Sets a square of each image to zero, whose centre is any pixel, so that a part of it may lie outside.

    Source: DeVries and Taylor, 2017, https://arxiv.org/abs/1708.04552
    """

    size: int = value(..., "height and width of the square", unit="pixels", ge=0)

    def change(self, scope: Scope, images: Tensor) -> Tensor:
        height, width, _ = image_shape(images, "cutout")
        size = scope.value("size", self.size)
        rows, columns = (
            ops.reshape(_is_cut(images, length, size), shape)
            for length, shape in ((height, [-1, height, 1, 1]), (width, [-1, 1, width, 1]))
        )
        return ops.where(ops.logical_and(rows, columns), ops.zeros_like(images), images)


def _is_cut(images: Tensor, length: int, size: Tensor) -> Tensor:
    """Which of the positions along an axis lie in a window of this size, for each example: bool `[batch, length]`."""
    centre = ops.floor(drawn(images) * float(length))
    first = ops.reshape(centre - ops.floor(size * 0.5), [-1, 1])
    positions = ops.reshape(ops.cast(ops.range(0, length), "float32"), [1, length])
    return ops.logical_and(ops.greater_equal(positions, first), ops.less(positions, first + size))
