"""What is fed: the features of the data, prepared as a model reads them, and the weights of the examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framework import ops
from framework.data import Feature
from framework.errors import GraphError
from framework.graph import Tensor
from framework.layers import Mode

if TYPE_CHECKING:
    from framework.build.building import Building


def check_batch(building: Building) -> None:
    """Notes a batch that is larger than the data."""
    examples = building.spec.sizes["train"]
    if building.batch is not None and building.batch > examples:
        hint = f"set trainer.batch_size to at most {examples}, or to all"
        message = f"a batch of {building.batch} is larger than the training split of {examples} examples"
        building.fail(("trainer", "batch_size"), GraphError(message, hint=hint))


def add_weights(building: Building) -> None:
    """Adds the examples' weights, where some rows of a batch may only pad it."""
    trainer, examples = building.experiment.trainer, building.spec.sizes["train"]
    divides = building.batch is not None and examples % building.batch == 0
    if building.mode is Mode.PREDICT or (building.mode is Mode.TRAIN and (trainer.drop_last or divides)):
        return
    with building.graph.as_default(), building.graph.name_scope("Data/"):
        building.weights = ops.placeholder(dtype="float32", shape=(building.batch,), name="weights")
    building.built.weights = building.weights.name


def feature(building: Building, name: str) -> Tensor:
    """A feature of the data as the model sees it: numbers as float32 and normalised, labels and ids as they are."""
    if name not in building.tensors:
        found = building.spec.features[name]
        building.tensors[name] = prepared(building, scaled(building, found), found)
    return building.tensors[name]


def scaled(building: Building, found: Feature) -> Tensor:
    """Adds a feature as it is fed: numbers as float32 and multiplied by their scale, labels and ids as they are."""
    graph = building.graph
    with graph.as_default(), graph.name_scope("Data/"):
        raw = ops.placeholder(dtype=found.dtype, shape=(building.batch, *found.shape), name=found.name)
        building.built.features[found.name] = raw.name
        if not _is_number(building, found):
            return raw
        with graph.name_scope(f"Data/prepare_{found.name}/"):
            x = raw if found.dtype.name == "float32" else ops.cast(raw, "float32")
            return x if found.scale == 1 else x * found.scale


def prepared(building: Building, x: Tensor, found: Feature) -> Tensor:
    """A scaled feature as the model reads it."""
    return _spread(building, _normalized(building, x, found), found)


def _normalized(building: Building, x: Tensor, found: Feature) -> Tensor:
    """`(x - mean) / scale` by what was learned from the training split; the trainer fills the two variables."""
    if building.experiment.dataset.normalize == "none" or not _is_number(building, found):
        return x
    width = found.shape[-1:] or (1,)
    learned = []
    with building.graph.as_default(), building.graph.name_scope(f"Data/prepare_{found.name}/"):
        for role in ("mean", "scale"):
            variable = ops.variable(shape=width, dtype="float32", name=role)
            building.built.state[variable.op.name] = variable.spec
            building.built.statistics[variable.op.name] = (found.name, role)
            learned.append(variable)
        return (x - learned[0]) / learned[1]


def _spread(building: Building, x: Tensor, found: Feature) -> Tensor:
    """`[batch, columns]` with a number for each category of a column instead of the number of the category."""
    if found.one_hot is None:
        return x
    numbers = [position for position, width in enumerate(found.one_hot) if not width]
    with building.graph.as_default(), building.graph.name_scope(f"Data/prepare_{found.name}/"):
        parts = [ops.gather(x, numbers, 1)] if numbers else []
        for position, width in enumerate(found.one_hot):
            if width:
                number = ops.cast(ops.gather(x, position, 1), "int32")
                parts.append(ops.one_hot(number, width, 1.0, 0.0))
        return parts[0] if len(parts) == 1 else ops.concat(parts, 1)


def balance(building: Building, name: str, categories: int) -> Tensor:
    """The weights `[categories]` of a feature's categories, by which each counts the same; the trainer fills them."""
    path = f"Data/prepare_{name}/balance"
    if path in building.graph.nodes:
        return building.graph.tensor(path)
    with building.graph.as_default(), building.graph.name_scope(None):
        variable = ops.variable(shape=(categories,), dtype="float32", name=path)
    building.built.state[path] = variable.spec
    building.built.statistics[path] = (name, "balance")
    return variable


def _is_number(building: Building, found: Feature) -> bool:
    return found.name not in building.spec.targets and found.categories is None
