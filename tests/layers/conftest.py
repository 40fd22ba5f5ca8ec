"""A data set with every kind of answer a model may give, so that losses and metrics can be fed logits themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from framework.build import Built, build
from framework.data.dataset import DATASETS, Contents, UndividedDataset
from framework.data.spec import Arrays, Feature
from framework.graph import as_dtype
from framework.layers import METRICS, Mode
from framework.runtime.session import Session

EXAMPLES, TIME = 30, 5
INPUTS = {"x": (4,), "one": (), "column": (1,), "two": (2,), "three": (3,), "steps": (TIME, 3), "importance": ()}
# Class numbers have a shape and how many classes there are; the other targets are floating-point.
NUMBERS = {"label": ((), 3), "yes": ((), 2), "step_label": ((TIME,), 3), "many": ((), 7)}
TARGETS = {"bears": (3,), "soft": (3,), "step_soft": (TIME, 3), "target": (2,), "number": (1,)}


@DATASETS.register("answers")
class Answers(UndividedDataset):
    """Features of the shapes above, random and the same each time; `yes` is seldom."""

    def contents(self) -> Contents:
        number, whole = as_dtype("float32"), as_dtype("int32")
        features = (
            *(Feature(name, number, shape) for name, shape in INPUTS.items()),
            *(Feature(name, whole, shape, categories=count) for name, (shape, count) in NUMBERS.items()),
            *(Feature(name, number, shape) for name, shape in TARGETS.items()),
        )
        return Contents(features, (*NUMBERS, *TARGETS), EXAMPLES, {}, "the answers", ("red", "green", "blue"))

    def read(self) -> tuple[Arrays, None]:
        return answers(EXAMPLES), None


def answers(examples: int, seed: int = 0) -> Arrays:
    """Arrays of the features above."""
    rng = np.random.default_rng(seed)
    arrays = {name: 2 * rng.normal(size=(examples, *shape)) for name, shape in INPUTS.items()}
    arrays["importance"] = rng.uniform(0, 3, examples)
    arrays |= {name: rng.normal(size=(examples, *shape)) for name, shape in TARGETS.items()}
    arrays["bears"] = rng.integers(0, 2, (examples, 3))
    for name in ("soft", "step_soft"):
        arrays[name] = rng.dirichlet(np.ones(3), (examples, *TARGETS[name][:-1]))
    found = {name: array.astype(np.float32) for name, array in arrays.items()}
    for name, (shape, count) in NUMBERS.items():
        found[name] = rng.integers(0, count, (examples, *shape)).astype(np.int32)
    found["yes"] = (rng.random(examples) < 0.25).astype(np.int32)
    return found


@pytest.fixture
def data() -> Arrays:
    """Nine of the answers."""
    return answers(9, seed=1)


LAYERS = {"out": {"type": "dense", "units": 3, "inputs": ["x"]}}


@pytest.fixture
def loss_of(experiment: Any) -> Callable[..., Any]:
    """Fetches a loss, given by its options, for nine examples; or the gradient of its sum by the feature `by`."""
    trainer = {"epochs": 1, "batch_size": 9, "drop_last": True}
    known: dict[str, Built] = {}

    def run(features: Arrays, by: str | None = None, **options: Any) -> Any:
        if repr(options) not in known:
            parts = {"dataset": {"type": "answers"}, "trainer": trainer, "loss": {"l": options}}
            known[repr(options)] = build(experiment(LAYERS, **parts), Mode.TRAIN)
        built = known[repr(options)]
        report, graph = built.reports["loss"], built.graph
        if by is None:
            return float(fetched(built, report.mean, features))
        y, x = graph.tensor(report.total or ""), graph.tensor(built.features[by])
        gradients = graph.add("Gradients", [y, x], {"Tys": [y.dtype], "Txs": [x.dtype], "Tgrads": []})
        return np.asarray(fetched(built, gradients.outputs[0], features))

    return run


@pytest.fixture
def metric_of(experiment: Any) -> Callable[..., Any]:
    """The value of a metric, given by its options, for some features."""

    def run(features: Arrays, **options: Any) -> Any:
        built = build(experiment(LAYERS, dataset={"type": "answers"}, metrics={"m": options}), Mode.EVALUATE)
        if METRICS[options["type"]].gives == "mean":
            return float(fetched(built, built.reports["m"].mean, features))
        found = built.gathered["m"]
        values = fetched(built, list(found.tensors.values()), features)
        return found.compute(**dict(zip(found.tensors, map(np.asarray, values), strict=True)))

    return run


def fetched(built: Built, fetches: Any, features: Arrays) -> Any:
    """Runs what reads no variable, all examples of equal weight."""
    feeds = {tensor: features[name] for name, tensor in built.features.items()}
    if built.weights:
        feeds[built.weights] = np.ones(len(features["x"]), np.float32)
    return Session(built.graph).run(fetches, feeds)
