"""A data set of any shape, and networks over it that a test can run a layer at a time."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
import pytest

from framework.build import Built, build
from framework.config.check import check
from framework.config.experiment import Experiment
from framework.config.loader import ROOT
from framework.data.dataset import DATASETS, Contents, UndividedDataset
from framework.data.spec import Arrays, Feature
from framework.fields import structural
from framework.graph import as_dtype
from framework.layers import Mode
from framework.runtime.session import Session
from framework.train.engine import Engine

# What pytest and hypothesis call is deep, and nobody looks up where an operation of a test's program comes from.
jax.config.update("jax_traceback_in_locations_limit", 0)

CLASSES = 3
IDS = 11
# What the models of conf/ are made for, where that is not the default data set with its classes.
PARTNERS = {
    "char_transformer": ["dataset=text", "loss=language", "metrics=none"],
    "lstm": ["dataset=text", "loss=language", "metrics=none"],
    "regressor": ["dataset=diabetes", "loss=mean_squared_error", "metrics=regression"],
    "unet": ["loss=reconstruction", "metrics=none"],
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `shipped` runs for every model of conf/, as overrides of the command line."""
    if "shipped" in metafunc.fixturenames:
        models = sorted(path.stem for path in ROOT.glob("conf/model/*.yaml"))
        metafunc.parametrize("shipped", [[f"model={m}", *PARTNERS.get(m, [])] for m in models], ids=models)


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Python collects no garbage meanwhile: it would go through what thousands of tests before have left."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def stopped_behind(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], AbstractContextManager[None]]:
    """`with stopped_behind(step)`: SIGTERM comes to this process right behind a step of whatever it trains."""

    @contextmanager
    def stopping(step: int) -> Iterator[None]:
        advance = Engine.advance

        def advance_to(self: Engine, state: Any, first: int, end: int, is_stopping: Any, **watched: Any) -> Any:
            state, records = advance(self, state, first, min(end, step), is_stopping, **watched)
            if first + len(records) == step:
                os.kill(os.getpid(), signal.SIGTERM)
            return state, records

        with monkeypatch.context() as patched:
            patched.setattr(Engine, "advance", advance_to)
            yield

    return stopping


@pytest.fixture(scope="module")
def unoptimized() -> Iterator[None]:
    """XLA makes the same programs and leaves out what LLVM would do for their speed, which halves the time it takes.

    For tests of what is computed; not for those of bits, times or the compiled program.
    """
    before = jax.config.read("jax_disable_most_optimizations")
    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", before)


@DATASETS.register("sample")
class Sample(UndividedDataset):
    """`x` float32 of a given shape, a second input `z`, `ids` `[5]`, and to compare with: class numbers `label`,
    probabilities `soft`, and `target`.
    """

    shape: list[int] = structural([4], "shape of x")
    examples: int = structural(40, "number of examples")

    def contents(self) -> Contents:
        float32 = as_dtype("float32")
        features = (
            Feature("x", float32, tuple(self.shape)),
            Feature("z", float32, tuple(self.shape)),
            Feature("ids", as_dtype("int32"), (5,), categories=IDS),
            Feature("label", as_dtype("int32"), ()),
            Feature("soft", float32, (CLASSES,)),
            Feature("target", float32, (2,)),
        )
        dimensions = {"num_classes": CLASSES, "vocabulary_size": IDS}
        return Contents(features, ("label", "soft", "target"), self.examples, dimensions, "the sample")

    def read(self) -> tuple[Arrays, None]:
        rng = np.random.default_rng(0)
        soft = rng.random((self.examples, CLASSES)).astype(np.float32)
        return {
            "x": rng.normal(size=(self.examples, *self.shape)).astype(np.float32),
            "z": rng.normal(size=(self.examples, *self.shape)).astype(np.float32),
            "ids": rng.integers(0, IDS, (self.examples, 5)).astype(np.int32),
            "label": rng.integers(0, CLASSES, self.examples).astype(np.int32),
            "soft": soft / soft.sum(1, keepdims=True),
            "target": rng.normal(size=(self.examples, 2)).astype(np.float32),
        }, None


@dataclass
class Network:
    """A built graph with its session; `run` feeds features by name."""

    built: Built
    session: Session

    def run(self, fetches: Any, features: Mapping[str, np.ndarray], weights: np.ndarray | None = None) -> Any:
        known = self.built.features
        feeds = {known[name]: value for name, value in features.items() if name in known}
        if self.built.weights:
            length = len(next(iter(features.values())))
            feeds[self.built.weights] = np.ones(length, np.float32) if weights is None else weights
        return self.session.run(fetches, feeds)

    def variable(self, name: str) -> np.ndarray:
        return np.asarray(self.session.state[name])


MakeNetwork = Callable[..., Network]


# Something must be trained, whatever layer is looked at.
PROBE = {"probe_flat": {"type": "flatten", "inputs": ["x"]}, "probe": {"type": "dense", "units": 1}}


def tree(layers: Mapping[str, Any], shape: tuple[int, ...] = (4,), **more: Any) -> dict[str, Any]:
    """A whole configuration around some layers; the last one is the output `out`."""
    base: dict[str, Any] = {
        "model": {"layers": {**layers, **PROBE}, "outputs": {"out": list(layers)[-1]}},
        "dataset": {"type": "sample", "shape": list(shape)},
        "loss": {"l": {"type": "l2", "parameters": "*"}},
        "metrics": {},
        "optimizer": {"type": "sgd"},
        "schedule": {"type": "constant"},
        "trainer": {"epochs": 1, "batch_size": 8, "drop_last": True},
    }
    return {**base, **more}


@pytest.fixture
def experiment() -> Callable[..., Experiment]:
    """Checks a configuration around some layers."""
    return lambda layers, shape=(4,), **more: check(tree(layers, shape, **more))


@pytest.fixture
def network() -> MakeNetwork:
    """Builds a network and gives its variables their first values."""

    def make(layers: Mapping[str, Any], shape: tuple[int, ...] = (4,), mode: Mode = Mode.TRAIN, **more: Any) -> Network:
        experiment = check(tree(layers, shape, **more))
        initial = build(experiment, Mode.TRAIN)
        first = Session(initial.graph)
        first.run(initial.graph.operation(initial.init_op or ""))
        built = initial if mode is Mode.TRAIN else build(experiment, mode)
        return Network(built, Session(built.graph, first.state))

    return make
