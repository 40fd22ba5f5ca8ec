"""How cost grows: speed with the batch and the width, time with the depth, memory with the batch.

    python experiments/growth/study.py                            all of it, within about 10 minutes on two idle cores
    python experiments/growth/study.py "compiling by depth"       some of it; the rest keeps what was measured before

What was measured goes into results.json after each series, and from there into README.md and growth.png.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import jax

from experiments.benchmarks.workloads import drawn
from experiments.growth.pictures import draw
from experiments.reporting.machine import describe
from experiments.reporting.readme import table, write_measured
from framework.config.experiment import Experiment
from framework.data import Data
from framework.plan import plan
from framework.train.engine import Engine
from framework.train.measure import analyse

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
TURN, TURNS, COMPILED = 0.3, 9, 3  # seconds of a turn at least; turns, and compilations, of a point: medians count
EXAMPLES = 4096
BATCHES = (16, 32, 64, 128, 256, 512, 1024)
WIDTHS = (32, 64, 128, 256, 512, 1024, 2048)
DEPTHS = (1, 2, 4, 8, 16, 32, 64)
PERCEPTRON = ["experiments=benchmarks/perceptron"]
CONVOLUTIONS = ["experiments=benchmarks/cnn"]
Point = dict[str, float]


class Training:
    """An experiment that trains on, a turn at a time."""

    def __init__(self, overrides: list[str]) -> None:
        experiment = Experiment.compose(*overrides, "trainer.epochs=100000")
        self._engine = Engine(experiment, Data({"train": drawn(experiment.dataset.spec(), EXAMPLES)}))
        self._state, self._done = self._engine.initialize(), 0
        self._flops = plan(experiment).step_flops or 0
        self._train(2)  # compiles
        self._steps = max(2, int(TURN / self._train(2)))
        self._seconds: list[float] = []

    def _train(self, steps: int) -> float:
        """Seconds a step."""
        began, stop = time.perf_counter(), self._done + steps
        while self._done < stop:
            self._state, records = self._engine.advance(self._state, self._done, stop, lambda: False)
            self._done += len(records)
        return (time.perf_counter() - began) / steps

    def turn(self) -> None:
        self._seconds.append(self._train(self._steps))

    def point(self) -> Point:
        """Seconds a step and examples a second of training, without what compiles; FLOPs a second by the plan."""
        seconds = statistics.median(self._seconds)
        return {"seconds": seconds, "examples": self._engine.sampler.batch / seconds, "flops": self._flops / seconds}


def speed(points: list[list[str]]) -> list[Point]:
    """Training of each point; all take turns, so that an hour in which the machine is slow is every point's."""
    trainings = [Training(overrides) for overrides in points]
    for _ in range(TURNS):
        for training in trainings:
            training.turn()
    return [training.point() for training in trainings]


def compiling(points: list[list[str]]) -> list[Point]:
    """Seconds to build the graph, and to compile a training step: tracing, lowering and XLA."""
    found: list[list[Point]] = [[] for _ in points]
    for _ in range(COMPILED):
        for overrides, measured in zip(points, found, strict=True):
            began = time.perf_counter()
            experiment = Experiment.compose(*overrides)
            parameters = plan(experiment).parameters
            building = time.perf_counter() - began
            seconds = analyse(experiment)[0].seconds
            measured.append({"building": building, "compiling": seconds, "parameters": parameters})
    return [{key: statistics.median(point[key] for point in measured) for key in measured[0]} for measured in found]


def memory(points: list[list[str]]) -> list[Point]:
    """Bytes of a training step, as planned and as XLA says."""
    experiments = [Experiment.compose(*overrides) for overrides in points]
    peaks = [memory.peak if (memory := plan(experiment).memory) else 0.0 for experiment in experiments]
    return [{"planned": p, "xla": analyse(e)[0].bytes} for p, e in zip(peaks, experiments, strict=True)]


Series = tuple[str, tuple[int, ...], Callable[[list[list[str]]], list[Point]], Callable[[int], list[str]]]
# Name -> what is on the axis, its points, what is measured, and the overrides of a point.
SERIES: dict[str, Series] = {
    "perceptron by batch": ("batch", BATCHES, speed, lambda n: [*PERCEPTRON, f"trainer.batch_size={n}"]),
    "convolutions by batch": ("batch", BATCHES, speed, lambda n: [*CONVOLUTIONS, f"trainer.batch_size={n}"]),
    "perceptron by width": (
        "width", WIDTHS, speed,
        lambda n: [*PERCEPTRON, "trainer.batch_size=128", *(f"model.layers.fc{k}.units={n}" for k in (1, 2))],
    ),
    "step by depth": (
        "depth", DEPTHS, speed, lambda n: [*PERCEPTRON, "trainer.batch_size=128", f"model.layers.fc2.repeat={n}"]
    ),
    "compiling by depth": ("depth", DEPTHS, compiling, lambda n: [*PERCEPTRON, f"model.layers.fc2.repeat={n}"]),
    "memory of the perceptron": ("batch", BATCHES, memory, lambda n: [*PERCEPTRON, f"trainer.batch_size={n}"]),
    "memory of the convolutions": ("batch", BATCHES, memory, lambda n: [*CONVOLUTIONS, f"trainer.batch_size={n}"]),
}  # fmt: skip


def main(names: list[str]) -> None:
    if set(names) - set(SERIES):
        sys.exit(f"{__doc__}\nseries: {', '.join(repr(name) for name in SERIES)}")
    jax.config.update("jax_enable_compilation_cache", False)  # compiling is measured
    results: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in names or SERIES:
        _, points, measure, overrides = SERIES[name]
        measured = measure([overrides(number) for number in points])
        found = [{"at": number, **point} for number, point in zip(points, measured, strict=True)]
        for point in found:
            print(name, {key: float(f"{value:.4g}") for key, value in point.items()}, flush=True)
        results[name] = {"points": found, "date": date.today().isoformat()}
        RESULTS.write_text(json.dumps({key: results[key] for key in SERIES if key in results}, indent=1) + "\n")
    draw(results, HERE / "growth.png")
    write_measured(HERE / "README.md", lines(results))


def lines(results: dict[str, Any]) -> Iterator[str]:
    """The lines of the README."""
    units: dict[str, tuple[str, Callable[[float], str]]] = {
        "seconds": ("ms a step", lambda x: f"{x * 1e3:.2f}"),
        "examples": ("examples/s", lambda x: f"{x:,.0f}"),
        "flops": ("GFLOP/s", lambda x: f"{x / 1e9:.1f}"),
        "building": ("composing, building, planning, ms", lambda x: f"{x * 1e3:.0f}"),
        "compiling": ("compiling, s", lambda x: f"{x:.2f}"),
        "parameters": ("parameters", lambda x: f"{x:,.0f}"),
        "planned": ("planned, MB", lambda x: f"{x / 1e6:.1f}"),
        "xla": ("by XLA, MB", lambda x: f"{x / 1e6:.1f}"),
    }
    yield "![speed by batch and width, time by depth, memory by batch](growth.png)"
    for name, found in results.items():
        keys = [key for key in found["points"][0] if key != "at"]
        header = [f"{name}: {SERIES[name][0]}", *(units[key][0] for key in keys)]
        rows = ([f"{p['at']:,}", *(units[key][1](p[key]) for key in keys)] for p in found["points"])
        yield from ("", *table(header, rows))
    latest = max(found["date"] for found in results.values())
    yield from ("", f"Measured on {describe()}, jax {version('jax')}, {latest}.")


if __name__ == "__main__":
    main(sys.argv[1:])
