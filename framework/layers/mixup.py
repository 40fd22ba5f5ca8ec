"""Mixup: examples and their labels, mixed in pairs."""

from __future__ import annotations

from framework import ops
from framework.errors import GraphError
from framework.fields import structural, value
from framework.graph import Tensor, show
from framework.layers.augmentation import AUGMENTATIONS, Augmentation, Features, drawn, examples
from framework.layers.base import Scope
from framework.registry import did_you_mean


@AUGMENTATIONS.register("mixup")
class Mixup(Augmentation):
    """Every feature of an example becomes `share * its own + (1 - share) * that of another`, drawn from the batch.

    The share is drawn for each example from the Beta(alpha, alpha) distribution. Class numbers `[batch]` become
    probabilities `[batch, classes]`. Source: Zhang et al., ICLR 2018.
    """

    alpha: float = value(0.2, "both parameters of the distribution: near 0 little is mixed; at 1, by any share", gt=0)
    labels: str = structural("label", "name of the class numbers, where there are some")
    features: list[str] | None = structural(None, "names of all that is mixed; by default every feature", min_length=1)

    def apply(self, scope: Scope, features: Features) -> dict[str, Tensor]:
        names = list(features) if self.features is None else self.features
        numbers = {name: self._numbers(scope, name, features) for name in names}
        first = numbers[names[0]]
        share = _beta(first, scope.value("alpha", self.alpha))
        size = ops.cast(ops.squeeze(examples(first), axis=[0]), "float32")
        others = ops.cast(ops.floor(drawn(first) * size), "int32")
        return {**features, **{name: _mixed(x, ops.gather(x, others, 0), share) for name, x in numbers.items()}}

    def _numbers(self, scope: Scope, name: str, features: Features) -> Tensor:
        """A feature as numbers that can be mixed. Raises GraphError for integers that are no class numbers."""
        if name not in features:
            near, listed = did_you_mean(name, features), ", ".join(features)
            raise GraphError(f"mixup: the data set has no feature '{name}'{near}  features: {listed}")
        x = features[name]
        if x.dtype.is_floating:
            return x
        if name != self.labels or len(x.shape or ()) != 1:
            hint = f"labels: {name}, if these are class numbers; features: [...], to say what is mixed"
            raise GraphError(f"mixup cannot mix the feature '{name}', which is {x.dtype} {show(x.shape)}", hint=hint)
        return ops.one_hot(x, scope.dimension("num_classes"), 1.0, 0.0)


def _mixed(own: Tensor, other: Tensor, share: Tensor) -> Tensor:
    share = ops.reshape(share, [-1, *(1 for _ in (own.shape or ())[1:])])
    return other + (own - other) * share


def _beta(x: Tensor, alpha: Tensor) -> Tensor:
    """A number for each example, float32 `[batch]`, from the Beta(alpha, alpha) distribution.

    Without rejection, so that it costs the same for every alpha: a number from Student's distribution by the polar
    method (Bailey, Mathematics of Computation, 1994), mapped to 0..1.
    """
    along, across = (ops.square(ops.random_normal(examples(x), dtype="float32")) for _ in range(2))
    # The power overflows for a small alpha: beyond this bound nothing changes any more.
    radius = ops.minimum(ops.pow(drawn(x), -1.0 / alpha) - 1.0, 1e30)
    distance = ops.rsqrt(1.0 + (1.0 + across / along) / radius) * 0.5
    return ops.where(ops.less(drawn(x), 0.5), 0.5 - distance, 0.5 + distance)
