"""What is trained: a recipe each, and who is compared on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from framework.config.experiment import Experiment
from framework.config.loader import ROOT
from framework.data import DataSpec
from framework.data.spec import Arrays

FRAMEWORKS = ("torch", "tensorflow", "keras on tensorflow", "keras on jax")
LIBRARIES = ("jax", *FRAMEWORKS)


OURS, PLAIN = "graphwright", "plain"  # the second without native kernels


class Goal(NamedTuple):
    """The least ratio of Graphwright's speed to the best of some programs, `<peer>` or `<peer>: <variant>`.

    called: those programs together. ours: which of Graphwright's.
    """

    ratio: float
    over: tuple[str, ...]
    called: str
    ours: str = OURS


@dataclass(frozen=True)
class Workload:
    """A recipe of this folder, and how it is measured: examples a second.

    steps: of a turn, the same for all. rounds: of turns, by default. peers: who takes turns. noise: whether the
    pictures are drawn rather than read, where they may not be there and do not change the work.
    """

    name: str
    title: str
    steps: int
    goals: tuple[Goal, ...] = ()
    rounds: int = 9
    peers: tuple[str, ...] = (OURS, *LIBRARIES)
    noise: bool = False

    @property
    def overrides(self) -> list[str]:
        return [f"experiments=benchmarks/{self.name}"]

    def arrays(self, experiment: Experiment) -> Arrays:
        """The training split, feature -> `[examples, ...]`, as it is stored."""
        if self.noise:
            return drawn(experiment.dataset.spec(), examples=20_000)
        return experiment.dataset.load().splits["train"]


@dataclass(frozen=True)
class Whole:
    """A command each, from its start to its end: seconds.

    commands: peer -> the arguments of Python.
    """

    name: str
    title: str
    commands: Mapping[str, tuple[str, ...]]
    goals: tuple[Goal, ...] = ()
    rounds: int = 3


def drawn(spec: DataSpec, examples: int) -> Arrays:
    """Random bytes in the shape of a data set's images, and random labels."""
    rng = np.random.default_rng(0)
    classes = spec.dimensions["num_classes"]
    return {
        name: rng.integers(0, classes if name in spec.targets else 256, (examples, *feature.shape)).astype(
            feature.dtype.numpy
        )
        for name, feature in spec.features.items()
    }


WORKLOADS: dict[str, Workload | Whole] = {
    workload.name: workload
    for workload in (
        Workload(
            "perceptron",
            "MNIST perceptron 784-256-256-10, batch 100, SGD",
            550,
            goals=(Goal(1.0, ("jax: scan",), "JAX by hand, a scan"), Goal(1.2, FRAMEWORKS, "the best framework")),
        ),
        Workload(
            "cnn",
            "MNIST convolutional network 5x5x32, 5x5x64, 1024, dropout, batch 128, Adam",
            8,
            goals=(
                Goal(1.1, ("torch", "tensorflow", "keras on tensorflow"), "the best of PyTorch and TensorFlow"),
                Goal(3.0, ("jax: step",), "plain JAX"),
                Goal(1.5, ("jax: step",), "plain JAX", PLAIN),
            ),
            peers=(OURS, PLAIN, *LIBRARIES),
        ),
        Workload(
            "resnet20",
            "ResNet-20 on 32x32x3, batch 64, Adam",
            6,
            goals=(Goal(1.0, LIBRARIES, "the best of all"),),
            peers=(OURS, PLAIN, *LIBRARIES),
            noise=True,
        ),
        Workload(
            "transformer",
            "character transformer, 4 layers, width 128, window 128, batch 32, Adam",
            6,
            goals=(Goal(1.0, LIBRARIES, "the best of all"),),
        ),
        Workload(
            "lstm",
            "two LSTM layers of 128 units, 64 steps, batch 64, Adam",
            12,
            goals=(Goal(1.0, LIBRARIES, "the best of all"),),
        ),
        Whole(
            "mnist_mlp",
            "the study mnist_mlp whole: 25 epochs, scalar summaries at each step, from the command",
            {
                OURS: (str(ROOT / "train.py"), "experiments=mnist_mlp", "hydra.run.dir=run"),
                "tensorflow 1": (str(ROOT / "experiments" / "benchmarks" / "peers" / "tensorflow_1.py"),),
            },
            goals=(Goal(1.5, ("tensorflow 1",), "TensorFlow 1's form of program"),),
        ),
    )
}
