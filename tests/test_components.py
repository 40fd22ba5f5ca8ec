"""Every component that a configuration can name: each is built, planned and stepped, and all of them are counted."""

from __future__ import annotations

import math
from typing import Any

import pytest

from framework.build import build
from framework.config.example import example
from framework.config.loader import Source
from framework.data import DATASETS
from framework.launch import prepare
from framework.layers import AUGMENTATIONS, INITIALIZERS, LAYERS, LOSSES, METRICS, Mode
from framework.optimizers import OPTIMIZERS, SCHEDULES
from framework.plan import plan
from framework.registry import Registry
from framework.train.engine import Engine

pytestmark = pytest.mark.usefixtures("unoptimized")
IMAGE, SEQUENCE, VECTOR = (8, 8, 2), (6, 4), (4,)
# What a layer reads where its name does not say so, and what it is told beyond what it must be.
SHAPES = {"batch_norm": IMAGE, "group_norm": IMAGE, "flatten": IMAGE, "permute": SEQUENCE}
SEQUENCES = ("position", "attention", "lstm", "gru")
OPTIONS: dict[str, dict[str, Any]] = {
    "embedding": {"inputs": ["ids"], "input_dim": 11},
    "group_norm": {"groups": 2},
}
TWO = ("add", "average", "concat", "dot", "maximum", "minimum", "multiply", "subtract")


def own(registry: Registry[Any]) -> list[str]:
    """The names of the framework's own components; those that tests and plugins add are left out."""
    return sorted(name for name in registry if registry[name].__module__.startswith("framework."))


def steps(experiment) -> None:
    """Plans an experiment and makes three steps of it."""
    planned = plan(experiment)
    assert planned.parameters > 0
    assert planned.step_flops
    engine = Engine(experiment, experiment.dataset.load())
    state, step = engine.initialize(), 0
    while step < 3:
        state, records = engine.advance(state, step, 3, lambda: False)
        assert all(math.isfinite(value) for value in records.scalars["loss"])
        step += len(records)


def shape_of(layer: str) -> tuple[int, ...]:
    if layer in SHAPES:
        return SHAPES[layer]
    if "2d" in layer:
        return IMAGE
    return SEQUENCE if "1d" in layer or any(word in layer for word in SEQUENCES) else VECTOR


def around(name: str, experiment, **trainer: Any):
    """An experiment around a layer."""
    layer = {**example(name, LAYERS[name]), **OPTIONS.get(name, {})}
    if name in TWO:
        layer["inputs"] = ["x", "z"]
    layers = {"it": layer, "flat": {"type": "flatten"}, "fc": {"type": "dense", "units": 2}}
    loss = {"l": {"type": "mean_squared_error", "predictions": "fc", "targets": "target"}}
    more = {"trainer": {"epochs": 1, "batch_size": 8, **trainer}} if trainer else {}
    return experiment(layers, shape_of(name), loss=loss, **more)


@pytest.mark.parametrize("name", own(LAYERS))
def test_a_layer_steps(name, experiment):
    steps(around(name, experiment))


@pytest.mark.parametrize("name", own(LAYERS))
@pytest.mark.parametrize("mode", [Mode.TRAIN, Mode.EVALUATE])
def test_a_layer_computes_in_bfloat16(name, mode, experiment):
    built = build(around(name, experiment, precision="bfloat16", drop_last=False), mode)
    assert built.graph.spec(built.reports["loss"].mean).dtype.name == "float32"
    assert {spec.dtype.name for spec in built.parameters.values()} == {"float32"}


# A layer of a number for each class, one of the two numbers that are to be found, and one of a single number.
HEADS = {
    "classes": {"type": "dense", "units": 3, "inputs": ["x"]},
    "two": {"type": "dense", "units": 2, "inputs": ["x"]},
}
SOFT = ("sigmoid_cross_entropy", "focal_cross_entropy", "kl_divergence")  # compare with a number for each class


def reads(name: str, part: type) -> dict[str, Any]:
    """A loss or metric that reads the heads above."""
    declared = example(name, part)
    if name == "expression":
        declared["value"] = "mean(square(two - target))"
    if name == "top_k_accuracy":
        declared["k"] = 2
    if "logits" in part.model_fields:
        declared |= {"logits": "classes", "labels": "soft" if name in SOFT else "label"}
    return declared | ({"predictions": "two", "targets": "target"} if "predictions" in part.model_fields else {})


@pytest.mark.parametrize("name", own(LOSSES))
def test_a_loss_steps(name, experiment):
    steps(experiment(HEADS, loss={"l": reads(name, LOSSES[name])}))


@pytest.mark.parametrize("name", own(METRICS))
def test_a_metric_is_evaluated(name, experiment):
    found = experiment(HEADS, metrics={"m": reads(name, METRICS[name])}, dataset={"type": "sample", "examples": 200})
    engine = Engine(found, found.dataset.load())
    evaluation = engine.evaluate(engine.initialize(), "test")
    assert "m" in evaluation or "m" in evaluation.tables
    assert all(math.isfinite(number) for number in evaluation.values())


@pytest.mark.parametrize("name", own(INITIALIZERS))
def test_an_initializer_steps(name, experiment):
    initializer = example(name, INITIALIZERS[name])
    layers = {"fc": {"type": "dense", "units": 2, "kernel_initializer": initializer}}
    loss = {"l": {"type": "mean_squared_error", "predictions": "fc", "targets": "target"}}
    steps(experiment(layers, loss=loss))


@pytest.mark.parametrize("name", own(AUGMENTATIONS))
def test_an_augmentation_steps(name):
    augmentation = example(name, AUGMENTATIONS[name])
    text = "{" + ", ".join(f"{key}: {value}" for key, value in augmentation.items()) + "}"
    steps(prepare(["model=perceptron", f"dataset.augment=[{text}]"], Source()).experiment)


@pytest.mark.parametrize("name", own(OPTIMIZERS))
def test_an_optimizer_plans(name):
    # That each of them steps, and equals optax, is tests/kernels/test_update.py's.
    found = plan(prepare([f"optimizer={name}", "model=perceptron", "schedule=constant"], Source()).experiment)
    assert found.memory is not None
    assert found.memory.peak > 3 * found.memory.parameters


@pytest.mark.parametrize("name", own(SCHEDULES))
def test_a_schedule_steps(name, experiment):
    schedule = {**example(name, SCHEDULES[name]), **({"boundaries": [2]} if name == "join" else {})}
    loss = {"l": {"type": "mean_squared_error", "predictions": "fc", "targets": "target"}}
    steps(experiment({"fc": {"type": "dense", "units": 2}}, loss=loss, schedule=schedule))


# Counted, so that none is lost and this table is kept.
COUNTED = {
    "layers": 69,
    "losses": 12,
    "metrics": 11,
    "initializers": 9,
    "augmentations": 8,
    "optimizers": 31,
    "schedules": 13,
    "datasets": 13,
}


def test_the_table_of_components():
    registries: dict[str, Registry[Any]] = {
        "layers": LAYERS, "losses": LOSSES, "metrics": METRICS, "initializers": INITIALIZERS,
        "augmentations": AUGMENTATIONS, "optimizers": OPTIMIZERS, "schedules": SCHEDULES, "datasets": DATASETS,
    }  # fmt: skip
    counted = {kind: len(own(registry)) for kind, registry in registries.items()}
    assert counted == COUNTED
