"""Where a run takes place: alone in its folder, or as one of many. The run itself is the same."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager

import yaml
from rich.console import Console

from framework.config.compose import Composed, to_yaml
from framework.config.experiment import Experiment
from framework.data.recorded import FILE, to_json
from framework.graph.graphdef.message import to_graph_def
from framework.plan import plan, render
from framework.train.checkpoint import Checkpoints
from framework.train.curves import Curves
from framework.train.engine import Engine
from framework.train.folder import RunFolder
from framework.train.hparams import chosen
from framework.train.lines import LinePrinter
from framework.train.log import logged
from framework.train.observer import Moment, Observer
from framework.train.progress import Terminal, show_line, show_notes, show_results
from framework.train.signals import StopRequest
from framework.train.stack import Stack
from framework.train.store import CheckpointStore
from framework.train.tensorboard import Opening


class Host(ABC):
    """What is around a run: what is written beside its records, who watches it, who may ask it to stop."""

    @abstractmethod
    def checkpoints(self, folder: RunFolder, keep: int) -> CheckpointStore:
        """Where the run is saved."""

    @abstractmethod
    def describe(self, folder: RunFolder, engine: Engine, composed: Composed) -> None:
        """Writes what is known of a run from its start, beside its configuration."""

    @abstractmethod
    def opening(self, engine: Engine, composed: Composed, choices: Mapping[str, str]) -> Opening:
        """What TensorBoard shows of the run from its start."""

    @abstractmethod
    def watching(self, folder: RunFolder, experiment: Experiment) -> Sequence[Observer]:
        """Those who watch, after the observers that keep its records."""

    @abstractmethod
    def stopping(self) -> StopRequest:
        """By what the run is asked to stop, a context that is entered while it trains."""

    @abstractmethod
    def log(self, folder: RunFolder) -> AbstractContextManager[None]:
        """A context in which what the framework says is written down."""

    @abstractmethod
    def say(self, line: str) -> None:
        """A line for the user."""

    @abstractmethod
    def finished(
        self, experiment: Experiment, moment: Moment, metrics: Mapping[str, float], notes: Mapping[str, str]
    ) -> None:
        """The run has come to its end. metrics: the last value of each number."""


class Alone(Host):
    """A run that is all this process does: it shows itself on the terminal, and its folder holds everything.

    said: what its log begins with.
    """

    def __init__(self, stack: tuple[Stack, str] | None = None, said: Iterable[logging.LogRecord] = ()):
        self.console, self._stack, self._said = Console(highlight=False), stack, said

    def checkpoints(self, folder: RunFolder, keep: int) -> Checkpoints:
        return Checkpoints(folder.path / "checkpoints", keep, self._stack)

    def describe(self, folder: RunFolder, engine: Engine, composed: Composed) -> None:
        folder.write("overrides.yaml", yaml.safe_dump(composed.overrides, allow_unicode=True))
        describe_program(folder, engine)

    def opening(self, engine: Engine, composed: Composed, choices: Mapping[str, str]) -> Opening:
        return opening(engine, composed, choices)

    def watching(self, folder: RunFolder, experiment: Experiment) -> Sequence[Observer]:
        path, lines = folder.path, experiment.trainer.lines
        return [
            Terminal(self.console) if lines is None else LinePrinter(self.console, lines),
            Curves(path / "metrics.csv", path / "curves.png", path.name),
        ]

    def stopping(self) -> StopRequest:
        return StopRequest()

    def log(self, folder: RunFolder) -> AbstractContextManager[None]:
        return logged(folder.path / "log.txt", self._said)

    def say(self, line: str) -> None:
        self.console.print(line, soft_wrap=True, markup=False)

    def finished(
        self, experiment: Experiment, moment: Moment, metrics: Mapping[str, float], notes: Mapping[str, str]
    ) -> None:
        lines = experiment.trainer.lines
        if lines is not None and lines.end is not None:
            show_line(self.console, lines.end, moment, metrics)
        else:
            show_results(self.console, {name: value for name, value in metrics.items() if "/" in name})
        show_notes(self.console, notes)


def describe_program(folder: RunFolder, engine: Engine) -> None:
    """Writes what all runs of one program share: the plan, what is known of the data, and the graph."""
    folder.write("plan.txt", render(plan(engine.experiment, engine.built)))
    folder.write(FILE, to_json(engine.experiment.dataset.spec()))
    folder.write("graph.pb", to_graph_def(engine.built.graph).SerializeToString(deterministic=True))


def opening(engine: Engine, composed: Composed, choices: Mapping[str, str]) -> Opening:
    """The configuration, the plan, the graph and the options by which runs are compared."""
    texts = {
        "configuration": f"```yaml\n{to_yaml(composed.tree)}```",
        "plan": f"```\n{render(plan(engine.experiment, engine.built))}```",
    }
    graph = to_graph_def(engine.built.graph, picture=True).SerializeToString()
    return Opening(graph, texts, chosen(composed.tree, engine.experiment, choices))
