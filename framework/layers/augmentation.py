"""Augmentation: changes of the training examples, drawn anew at every step, as part of the training graph.

A data set lists them under `augment`; they are applied one after the other. What they draw follows from the run's seed
and the step, as dropout's does. The graphs that evaluate and predict have none of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from framework import ops
from framework.errors import GraphError
from framework.fields import Component, structural
from framework.graph import Tensor, show
from framework.layers.base import Scope
from framework.registry import Registry, did_you_mean

Features = Mapping[str, Tensor]


class Augmentation(Component):
    """Changes the features of a batch, each example by numbers of its own."""

    def apply(self, scope: Scope, features: Features) -> dict[str, Tensor]:
        """Every feature of the batch, changed or not. Raises GraphError when one does not fit.

        features: by name, `[batch, ...]`: inputs as float32, multiplied by their scale but not yet normalised, targets
        as they are stored.
        """
        raise NotImplementedError


class ImageAugmentation(Augmentation):
    """Changes one feature, `[batch, height, width, channels]`."""

    feature: str | None = structural(None, "name of the images; by default the only ones of the data set")

    def apply(self, scope: Scope, features: Features) -> dict[str, Tensor]:
        name = self._name_among(features)
        return {**features, name: self.change(scope, features[name])}

    def change(self, scope: Scope, images: Tensor) -> Tensor:
        """The images, changed; of the same shape."""
        raise NotImplementedError

    def _name_among(self, features: Features) -> str:
        images = [name for name, x in features.items() if x.dtype.is_floating and len(x.shape or ()) == 4]
        kind, listed = AUGMENTATIONS.name_of(self), ", ".join(f"{name} {show(x.shape)}" for name, x in features.items())
        if self.feature is None and len(images) == 1:
            return images[0]
        if self.feature is None:
            found = f"of several: {', '.join(images)}" if images else f"but the data set has none  features: {listed}"
            hint = f"say which: feature: {images[0]}" if images else None
            raise GraphError(f"{kind} changes images [batch, height, width, channels], {found}", hint=hint)
        if self.feature not in features:
            near = did_you_mean(self.feature, features)
            raise GraphError(f"the data set has no feature '{self.feature}'{near}  features: {listed}")
        if self.feature not in images:
            x = features[self.feature]
            raise GraphError(
                f"{kind} changes images, float32 [batch, height, width, channels], but '{self.feature}' is "
                f"{x.dtype} {show(x.shape)}"
            )
        return self.feature


def examples(x: Tensor) -> Tensor:
    """The number of examples of `[batch, ...]`, as the shape `[batch]` of a number for each."""
    return ops.strided_slice(ops.shape(x), [0], [1], [1])


def drawn(x: Tensor) -> Tensor:
    """A number for each example of `[batch, ...]`, float32 `[batch]`, from the uniform distribution over [0, 1)."""
    return ops.random_uniform(examples(x), dtype="float32")


def drawn_around_zero(x: Tensor, reach: Tensor) -> Tensor:
    """A number for each example, float32 `[batch]`, from the uniform distribution over [-reach, reach)."""
    return (drawn(x) * 2.0 - 1.0) * reach


def each(numbers: Tensor) -> Tensor:
    """`[batch]` as `[batch, 1, 1, 1]`, to be combined with images."""
    return ops.reshape(numbers, [-1, 1, 1, 1])


AUGMENTATIONS: Registry[type[Augmentation]] = Registry("augmentation")
