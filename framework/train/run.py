"""One run from start to finish: its folder, its data, its engine, its observers; then the loop, then the test.

Returns an exit status: 0 finished, 128 + n stopped by signal n. What goes wrong is written into the status before it
is raised.
"""

from __future__ import annotations

import logging
import time
import traceback
from pathlib import Path

import jax
import yaml
from rich.console import Console

from framework.config.compose import ROOT, Composed, to_yaml
from framework.config.experiment import Experiment
from framework.data.recorded import FILE, differences, read_recorded, to_json
from framework.errors import CheckpointError, FrameworkError
from framework.graph.graphdef.message import to_graph_def
from framework.plan import plan, render
from framework.runtime.compile_cache import compilations
from framework.runtime.program import State
from framework.train.best import BestMetric, EarlyStopping
from framework.train.checkpoint import Checkpoints
from framework.train.confusion import ConfusionMatrices
from framework.train.continuation import Continuation, accept, require_variables
from framework.train.curves import Curves
from framework.train.engine import Engine
from framework.train.folder import RunFolder
from framework.train.hparams import chosen
from framework.train.lines import LinePrinter
from framework.train.loop import Progress, announce, train_loop
from framework.train.observer import Moment, Observer, Reports
from framework.train.progress import Terminal, show_line, show_notes, show_results
from framework.train.signals import StopRequest
from framework.train.status import Status, commit, now, versions
from framework.train.table import Table, last_numbers
from framework.train.tensorboard import Opening, TensorBoard
from framework.train.warm_start import take

_log = logging.getLogger("framework")


def run(experiment: Experiment, path: Path, composed: Composed) -> int:
    """Starts a run in a new folder. Raises FrameworkError for what a user can mend."""
    engine = Engine(experiment, experiment.dataset.load())
    with RunFolder(path).locked() as folder:
        status = Status(started=now())
        return _Run(engine, folder, composed, status).go()


def resume(experiment: Experiment, path: Path, composed: Composed) -> int:
    """Goes on with the run in a folder from its last checkpoint. Raises FrameworkError for what a user can mend."""
    changed = accept(path, composed, experiment)
    status = Status.read(path)
    engine = Engine(experiment, experiment.dataset.load(), status.execution, status.kernels)
    recorded = read_recorded(path)
    changes = differences(experiment.dataset.spec(), recorded) if recorded else ""
    if changes:
        raise CheckpointError(f"the data of '{path}' have changed: {changes}; bring them back, or start a new run")
    with RunFolder(path).locked(resume=True) as folder:
        status.state, status.ended, status.error = "running", None, None
        return _Run(engine, folder, composed, status, changed).go(resume=True)


class _Run:
    """The parts of a run that is under way."""

    def __init__(
        self,
        engine: Engine,
        folder: RunFolder,
        composed: Composed,
        status: Status,
        changed: Continuation = Continuation(),  # noqa: B008
    ):
        self.engine, self.folder, self.composed, self.status = engine, folder, composed, status
        self.changed = changed
        self.experiment = engine.experiment
        self.console = Console(highlight=False)
        self.checkpoints = Checkpoints(folder.path / "checkpoints", self.experiment.trainer.keep)
        self.progress = _progress(self.experiment)
        self._began = time.perf_counter() - status.seconds
        self._compiled_before = compilations()

    def go(self, *, resume: bool = False) -> int:
        """Trains and tests, keeping `status.json` true whatever happens."""
        log = _log_to(self.folder.path / "log.txt")
        try:
            state = self._restore() if resume else self._prepare()
            self._write_status()
            with StopRequest() as stop:
                state = self._train(state, stop)
            if stop.requested is not None:
                return self._stopped(stop.requested)
            return self._finished(state)
        except (Exception, KeyboardInterrupt) as error:
            self.status.error = f"{type(error).__name__}: {error}"
            self._write_status("failed")
            if not isinstance(error, (FrameworkError, KeyboardInterrupt)):
                self.folder.write("error.txt", traceback.format_exc())
            raise
        finally:
            _log.info("programs: %s", compilations() - self._compiled_before)
            _log.removeHandler(log)
            log.close()

    def _prepare(self) -> State:
        """Writes what a run folder holds from the start, and draws the first values."""
        graph, folder = self.engine.built.graph, self.folder
        folder.write("config.yaml", to_yaml(self.composed.tree))
        folder.write("overrides.yaml", yaml.safe_dump(self.composed.overrides, allow_unicode=True))
        folder.write("plan.txt", render(plan(self.experiment, self.engine.built)))
        folder.write(FILE, to_json(self.experiment.dataset.spec()))
        folder.write("graph.pb", to_graph_def(graph).SerializeToString(deterministic=True))
        self.status.choices = {group: choice for group, choice in self.composed.choices.items() if choice}
        self.status.execution, self.status.kernels = self.engine.execution, self.engine.kernels
        self.status.fingerprint = self.engine.built.fingerprint
        self.status.device = str(jax.devices()[0])
        self.status.versions, self.status.commit = versions(), commit(ROOT)
        return self._first_state()

    def _first_state(self) -> State:
        """The first values, as another run has left them where the configuration says so."""
        warm_start = self.experiment.warm_start
        if warm_start is None:
            return self.engine.initialize()
        taken = take(warm_start, self.engine.built)
        for line in taken.lines(warm_start):
            self._say(line)
        return self.engine.initialize(taken.arrays)

    def _restore(self) -> State:
        saved = self.checkpoints.latest()
        if saved is None:
            self.console.print("no checkpoint was written yet; starting from the beginning")
            return self._first_state()
        require_variables(self.engine.program.lowering.variables.read, saved)
        self.progress.restore(saved.progress)
        self.folder.write("config.yaml", to_yaml(self.composed.tree))
        self._say(f"going on from step {saved.step:,}")
        for line in self.changed.lines():
            self._say(line)
        if self.status.fingerprint != self.engine.built.fingerprint and not self.changed.is_of_program:
            _log.warning("this version builds another graph of the configuration; the bits may differ from here on")
        self.status.fingerprint = self.engine.built.fingerprint
        self._warn_of_missing_kernels()
        return dict(saved.state)

    def _warn_of_missing_kernels(self) -> None:
        began = {(op, name) for op, names in self.status.kernels.items() for name in names}
        now = {(op, name) for op, names in self.engine.kernels.items() for name in names}
        missing = ", ".join(sorted(f"{name} for {op}" for op, name in began - now))
        if missing:
            _log.warning("the run began with kernels that are not here (%s); the bits may differ from here on", missing)

    def _say(self, line: str) -> None:
        self.console.print(line, soft_wrap=True, markup=False)
        _log.info(line)

    def _train(self, state: State, stop: StopRequest) -> State:
        observers = self._observers()
        moment = self._moment()
        for observer in observers:
            observer.begin(moment)
        try:
            return train_loop(self.engine, state, self.progress, observers, self.checkpoints, stop)
        finally:
            for observer in observers:
                observer.end(self._moment())

    def _observers(self) -> list[Observer]:
        """In the order in which they are called: what must not be lost first."""
        path, step, lines = self.folder.path, self.progress.step, self.experiment.trainer.lines
        names = [*(f"train/{name}" for name in self.engine.built.reports), *self.experiment.monitored]
        return [
            Table(path / "metrics.csv", [*names, "learning_rate"], step),
            TensorBoard(path, self._opening()),
            _StatusKeeper(self.status, path / "metrics.csv"),
            ConfusionMatrices(path / "confusion_matrix.csv"),
            Terminal(self.console) if lines is None else LinePrinter(self.console, lines),
            Curves(path / "metrics.csv", path / "curves.png", path.name),
        ]

    def _opening(self) -> Opening:
        """What TensorBoard shows of the run from its start."""
        texts = {
            "configuration": f"```yaml\n{to_yaml(self.composed.tree)}```",
            "plan": f"```\n{render(plan(self.experiment, self.engine.built))}```",
        }
        graph = to_graph_def(self.engine.built.graph, picture=True).SerializeToString()
        return Opening(graph, texts, chosen(self.composed.tree, self.experiment, self.status.choices))

    def _moment(self) -> Moment:
        return Moment(self.progress.step, self.engine.total_steps, self.engine.steps_per_epoch)

    def _finished(self, state: State) -> int:
        moment, board = self._moment(), TensorBoard(self.folder.path)
        if self.engine.data.examples("test"):
            evaluation = self.engine.evaluate(state, "test").of("test")
            self.status.metrics.update(evaluation)
            announce(evaluation, moment, [board, ConfusionMatrices(self.folder.path / "confusion_matrix.csv")])
        best = self.progress.best
        board.finished(moment, {best.monitor: best.value} if best is not None and best.value is not None else {})
        board.end(moment)
        self._write_status("finished")
        self._show_results(moment)
        return 0

    def _show_results(self, moment: Moment) -> None:
        lines, metrics = self.experiment.trainer.lines, self.status.metrics
        if lines is not None and lines.end is not None:
            show_line(self.console, lines.end, moment, metrics)
        else:
            show_results(self.console, {name: value for name, value in metrics.items() if "/" in name})
        show_notes(self.console, self._notes())

    def _stopped(self, signal: int) -> int:
        self._write_status("stopped")
        self.console.print(f"stopped at step {self.progress.step:,}; go on with: python train.py resume={self._path()}")
        return 128 + signal

    def _notes(self) -> dict[str, str]:
        best = self.progress.best
        notes = {"run": f"{self._path()}  ({self.status.seconds:.1f} s, {self.progress.step:,} steps)"}
        if best is not None and best.value is not None:
            notes["best"] = f"{best.monitor} {best.value:.4f} at step {best.step:,}"
        if self.progress.early is not None and self.progress.early.stopped:
            notes["stopped early"] = f"{self.progress.early.best.monitor} no longer improved"
        first = self.folder.path.parts[0]
        notes["look"] = f"tensorboard --logdir {first if first in ('outputs', 'multirun') else self._path()}"
        return notes

    def _path(self) -> str:
        return str(self.folder.path)

    def _write_status(self, state: str | None = None) -> None:
        status = self.status
        if state is not None:
            status.state, status.ended = state, now()  # type: ignore[assignment]
        status.step, status.total_steps = self.progress.step, self.engine.total_steps
        status.steps_per_epoch = self.engine.steps_per_epoch
        status.best = self.progress.best.to_json() if self.progress.best else None
        status.seconds = round(time.perf_counter() - self._began, 3)
        status.programs = (compilations() - self._compiled_before).to_json()
        status.write(self.folder)


class _StatusKeeper(Observer):
    """Keeps the last value of each number for the status."""

    def __init__(self, status: Status, table: Path):
        self._status, self._table = status, table

    def begin(self, moment: Moment) -> None:
        """A run that was killed had no time to write its numbers into the status; the table has them."""
        self._status.metrics = last_numbers(self._table)

    def reported(self, moment: Moment, reports: Reports) -> None:
        self._status.metrics.update(reports.last())

    def evaluated(self, moment: Moment, found: dict[str, float]) -> None:  # type: ignore[override]
        self._status.metrics.update(found)


def _progress(experiment: Experiment) -> Progress:
    trainer, better = experiment.trainer, experiment.monitored
    progress = Progress()
    if trainer.keep_best is not None:
        progress.best = BestMetric(trainer.keep_best, better[trainer.keep_best])
    if trainer.early_stop is not None:
        monitor = trainer.early_stop.monitor
        watched = BestMetric(monitor, better[monitor])
        progress.early = EarlyStopping(watched, trainer.early_stop.patience, trainer.early_stop.min_delta)
    return progress


def _log_to(path: Path) -> logging.Handler:
    """What the framework says of a run goes to the run folder; warnings go to the terminal as well."""
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    return handler
