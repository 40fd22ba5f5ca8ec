"""What is spent around the steps of a run, at the defaults: dispatch, means, files, the terminal, checkpoints.

    GRAPHWRIGHT_DATA=<folder> python experiments/benchmarks/overhead.py

Seconds are those of processors, not of a clock: what a busy machine makes wait is no waste of ours. What the threads of
XLA compute while the main thread waits is the step; what the main thread computes itself within a call is dispatch.
Evaluation is work that was asked for, and left out, and so is the first epoch, which compiles.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from framework.config.loader import Source
from framework.launch import prepare
from framework.train.checkpoint import Checkpoints
from framework.train.engine import Engine
from framework.train.faults import Faults
from framework.train.folder import RunFolder
from framework.train.loop import Progress, train_loop
from framework.train.observer import Observer
from framework.train.progress import Terminal
from framework.train.signals import StopRequest
from framework.train.table import Table
from framework.train.tensorboard import TensorBoard

WORKLOADS = {
    "perceptron, batch 100": ("model=mlp", "dataset=mnist", "trainer.batch_size=100", "trainer.epochs=6"),
    "perceptron, a report a step": (
        *("model=mlp", "dataset=mnist", "trainer.batch_size=100", "trainer.epochs=6"),
        "trainer.summaries.every=1 steps",
    ),
    "convolutional network, batch 128": (
        *("model=cnn", "dataset=mnist", "dataset.limit=2560", "dataset.validation_examples=512"),
        *("trainer.batch_size=128", "trainer.epochs=3"),
    ),
}
PARTS = ("dispatch", "metrics.csv", "TensorBoard", "terminal", "checkpoints")
ORDER = "order of the examples"


class Meter:
    """Processor seconds of calls, by part of the loop."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def wrap(self, part: str, call: Callable[..., Any], clock: Callable[[], float] = time.thread_time) -> Any:
        """The same call, whose seconds count for a part."""

        def timed(*arguments: Any, **named: Any) -> Any:
            began = clock()
            try:
                return call(*arguments, **named)
            finally:
                self.seconds[part] = self.seconds.get(part, 0.0) + clock() - began

        return timed

    def observer(self, part: str, observer: Observer) -> Observer:
        """An observer, all of whose calls count for a part."""
        for name in ("advanced", "reported", "evaluated"):
            setattr(observer, name, self.wrap(part, getattr(observer, name)))
        return observer


def measure(overrides: tuple[str, ...], folder: Path) -> tuple[Mapping[str, float], float, str]:
    """Seconds by part, those of all steps with what is around them, and how the steps were run."""
    experiment = prepare(list(overrides), Source()).experiment
    engine, meter = Engine(experiment, experiment.dataset.load()), Meter()
    names = [*(f"train/{name}" for name in engine.built.reports), *experiment.monitored, "learning_rate"]
    checkpoints = Checkpoints(folder / "checkpoints", experiment.trainer.keep)
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    observers = [
        meter.observer("metrics.csv", Table(folder / "metrics.csv", names)),
        meter.observer("TensorBoard", TensorBoard(folder)),
        meter.observer("terminal", Terminal(console)),
        Reset(meter, engine.steps_per_epoch),
    ]
    engine.advance = meter.wrap("dispatch", engine.advance)  # type: ignore[method-assign]
    engine.sampler.epoch = meter.wrap("order", engine.sampler.epoch)  # type: ignore[method-assign]
    engine.evaluate = meter.wrap("evaluation", engine.evaluate, time.process_time)  # type: ignore[method-assign]
    checkpoints.save = meter.wrap("checkpoints", checkpoints.save)  # type: ignore[method-assign]
    with StopRequest() as stop:
        faults = Faults(engine, checkpoints, RunFolder(folder), engine.initialize, stop)
        train_loop(engine, engine.initialize(), Progress(), observers, checkpoints, faults, stop)
    meter.seconds["dispatch"] -= meter.seconds["order"]  # which is drawn within a call, once an epoch
    whole = time.process_time() - meter.seconds.pop("began") - meter.seconds.pop("evaluation", 0.0)
    return meter.seconds, whole, engine.execution


class Reset(Observer):
    """Begins to count when the first epoch is over."""

    def __init__(self, meter: Meter, steps: int):
        self._meter, self._steps = meter, steps

    def evaluated(self, moment: Any, found: Any) -> None:
        if moment.step == self._steps:
            self._meter.seconds.clear()
            self._meter.seconds["began"] = time.process_time()


def main() -> None:
    print(f"| workload | execution | {' | '.join(PARTS)} | together | {ORDER} |")
    print(f"|---|---|{'---|' * (len(PARTS) + 2)}")
    for name, overrides in WORKLOADS.items():
        with tempfile.TemporaryDirectory() as folder:
            seconds, whole, execution = measure(overrides, Path(folder))
        shares = [seconds.get(part, 0.0) / whole for part in PARTS]
        cells = [name, execution, *(f"{share:.2%}" for share in (*shares, sum(shares), seconds["order"] / whole))]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
