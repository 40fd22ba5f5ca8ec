"""The losses, whose weighted sum is minimised, the metrics, and how each becomes a number that is reported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from framework import ops
from framework.build.building import Building, ReadsBrokenError
from framework.build.built import Report
from framework.build.scope import PartScope
from framework.errors import GraphError
from framework.graph import Tensor
from framework.layers import Mode, Scope
from framework.layers.gathered import Gathered

Result = TypeVar("Result")


def add_losses(building: Building) -> bool:
    """Adds the losses; whether there is something to minimise."""
    per_example: list[Tensor] = []
    constant: list[Tensor] = []
    losses = building.experiment.loss
    for name, loss in losses.items():
        scope = PartScope(building, ("loss", name), f"Loss/{name}/")
        tensor = _build_part(building, scope, loss.build)
        if tensor is None:
            continue
        with building.graph.as_default(), building.graph.name_scope(scope.prefix):
            weighted = tensor * scope.value("weight", loss.weight)
        (per_example if tensor.shape != () else constant).append(weighted)
    if not per_example and not constant:
        if not building.mistakes and not losses and building.mode is Mode.TRAIN:
            building.fail(("loss",), GraphError("there is nothing to minimise; declare at least one loss"))
        return False
    with building.graph.as_default(), building.graph.name_scope("Loss/"):
        parts = [_sum(part) for part in (per_example, constant) if part]
    _report(building, "loss", parts[0] if per_example else None, parts[-1] if constant else None, "Loss/")
    return True


def add_metrics(building: Building) -> None:
    """Adds the metrics; those of whole splits where these are evaluated, and not to the training graph."""
    for name, metric in building.experiment.metrics.items():
        scope = PartScope(building, ("metrics", name), f"Metrics/{name}/")
        if name == "loss":
            building.fail(scope.path, GraphError("a metric cannot be called 'loss', which is what is minimised"))
        elif metric.gives == "mean" or building.mode is Mode.EVALUATE:
            found = _build_part(building, scope, metric.build)
            if isinstance(found, Gathered):
                building.built.gathered[name] = found
            elif found is not None:
                _report(building, name, found, None, scope.prefix)


def warn_of_the_best(building: Building) -> None:
    """Notes that a checkpoint is to be kept by a number that is never known."""
    monitor = building.experiment.trainer.keep_best
    if monitor is not None and not building.spec.sizes.get("validation"):
        building.warn(
            f"there is no validation split, so '{monitor}' is never known and no checkpoint is kept as the best; hold "
            "one out, such as dataset.validation_fraction=0.1, or say trainer.keep_best=null"
        )


def _build_part(building: Building, scope: PartScope, build: Callable[[Scope], Result]) -> Result | None:
    """What a loss or metric builds; None when it cannot be."""
    try:
        with building.graph.as_default(), building.graph.name_scope(scope.prefix):
            return build(scope)
    except GraphError as error:
        building.fail(scope.path, error)
    except ReadsBrokenError:
        pass
    return None


def _report(building: Building, name: str, per_example: Tensor | None, offset: Tensor | None, prefix: str) -> None:
    """Adds what is fetched to report a number: its mean over a batch, and the sums that make it exact over many."""
    with building.graph.as_default(), building.graph.name_scope(prefix):
        total = mean = None
        if per_example is not None and building.weights is not None:
            total = ops.reduce_sum(per_example * building.weights, [0], name="total")
            mean = total / ops.maximum(ops.reduce_sum(building.weights, [0]), 1.0)
        elif per_example is not None:
            total = ops.reduce_sum(per_example, [0], name="total")
            mean = ops.reduce_mean(per_example, [0])
        scalar = _sum([part for part in (mean, offset) if part is not None])
        scalar = ops.identity(scalar, name="mean")
    building.built.reports[name] = Report(
        scalar.name, None if total is None else total.name, None if offset is None else offset.name
    )


def _sum(tensors: Sequence[Tensor]) -> Tensor:
    return tensors[0] if len(tensors) == 1 else ops.add_n(list(tensors))
