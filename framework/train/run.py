"""One run from start to finish: its folder, its data, its engine, its observers; then the loop, then the test.

Returns an exit status: 0 finished, 128 + n stopped by signal n. What goes wrong is written into the status before it
is raised.
"""

from __future__ import annotations

import errno
import logging
import time
import traceback
from contextlib import suppress
from pathlib import Path

import jax

from framework.config.compose import ROOT, Composed, to_yaml
from framework.config.experiment import Experiment
from framework.data.recorded import differences, read_recorded
from framework.errors import CheckpointError, FrameworkError, RunFolderError
from framework.runtime.compile_cache import compilations
from framework.runtime.program import State
from framework.train.best import BestMetric, EarlyStopping
from framework.train.confusion import ConfusionMatrices
from framework.train.continuation import Continuation, accept, require_variables
from framework.train.engine import Engine
from framework.train.faults import Faults
from framework.train.folder import RunFolder, is_locked
from framework.train.host import Alone, Host
from framework.train.log import remembered
from framework.train.loop import announce, train_loop
from framework.train.observer import Moment, Observer, Reports
from framework.train.position import Progress
from framework.train.signals import StopRequest
from framework.train.stack import stacked
from framework.train.status import Status, commit, now, versions
from framework.train.table import Table, last_numbers
from framework.train.tensorboard import TensorBoard
from framework.train.warm_start import take

# What a system refuses that is full, read-only, broken or out of files, rather than what a program has got wrong.
OF_THE_SYSTEM = frozenset(
    getattr(errno, name)
    for name in ("ENOSPC", "EDQUOT", "EROFS", "EIO", "EMFILE", "ENFILE", "EFBIG", "EACCES", "EPERM", "ENOENT", "ESTALE")
    if hasattr(errno, name)  # Windows lacks some
)
_log = logging.getLogger("framework")


def run(experiment: Experiment, path: Path, composed: Composed) -> int:
    """Starts a run in a new folder. Raises FrameworkError for what a user can mend."""
    with remembered() as said:
        engine = Engine(experiment)
        engine.prepare()
        with RunFolder(path).locked() as folder:
            return carry_out(engine, folder, composed, Status(started=now()), Alone(said=said))


def resume(experiment: Experiment, path: Path, composed: Composed) -> int:
    """Goes on with the run in a folder from its last checkpoint. Raises FrameworkError for what a user can mend."""
    changed = accept(path, composed, experiment)
    status = Status.read(path)
    recorded = read_recorded(status.group(path) or path)
    changes = differences(experiment.dataset.spec(), recorded) if recorded else ""
    if changes:
        raise CheckpointError(f"the data of '{path}' have changed: {changes}; bring them back, or start a new run")
    if status.sweep is not None and is_locked(path / status.sweep):
        raise RunFolderError(f"the sweep that '{path}' is a trial of is running; wait for it to end")
    with remembered() as said:
        engine = Engine(experiment, execution=status.execution, kept=status.kernels)
        engine.prepare()
        with RunFolder(path).locked(resume=True) as folder:
            status.state, status.ended, status.error = "running", None, None
            return carry_out(engine, folder, composed, status, Alone(stacked(path, status), said), changed)


def carry_out(
    engine: Engine,
    folder: RunFolder,
    composed: Composed,
    status: Status,
    host: Host,
    changed: Continuation | None = None,
) -> int:
    """Trains and tests, alone or among others; returns the exit status. `status` is what became of it.

    changed: of a run that goes on, what is not as it was; None for one that begins. Raises FrameworkError for what a
    user can mend.
    """
    return _Run(engine, folder, composed, status, host).go(changed)


class _Run:
    """The parts of a run that is under way."""

    def __init__(self, engine: Engine, folder: RunFolder, composed: Composed, status: Status, host: Host):
        self.engine, self.folder, self.composed, self.status, self.host = engine, folder, composed, status, host
        self.experiment = engine.experiment
        self.checkpoints = host.checkpoints(folder, self.experiment.trainer.keep)
        self.progress = _progress(self.experiment)
        self.board = TensorBoard(folder.path)
        self._began = time.perf_counter() - status.seconds
        self._compiled_before = compilations()

    def go(self, changed: Continuation | None) -> int:
        """Trains and tests, keeping `status.json` true whatever happens."""
        with self.host.log(self.folder):
            try:
                state = self._prepare() if changed is None else self._restore(changed)
                self._write_status()
                self.board.opening = self.host.opening(self.engine, self.composed, self.status.choices)
                with self.host.stopping() as stop:
                    state = self._train(state, stop)
                if stop.requested is not None:
                    return self._stopped(stop.requested)
                return self._finished(state)
            except OSError as error:
                self._failed(error)
                if error.errno not in OF_THE_SYSTEM:
                    raise
                raise RunFolderError(self._left_by(error)) from None
            except (Exception, KeyboardInterrupt) as error:
                self._failed(error)
                raise
            finally:
                _log.info("programs: %s", compilations() - self._compiled_before)

    def _prepare(self) -> State:
        """Writes what a run folder holds from the start, and draws the first values."""
        self.folder.write("config.yaml", to_yaml(self.composed.tree))
        self.host.describe(self.folder, self.engine, self.composed)
        self.status.choices = {group: choice for group, choice in self.composed.choices.items() if choice}
        self.status.execution, self.status.kernels = self.engine.execution, self.engine.kernels
        self.status.fingerprint = self.engine.built.fingerprint
        self.status.device = str(jax.devices()[0])
        self.status.versions, self.status.commit = versions(), commit(ROOT)
        for warning in self.engine.built.warnings:
            self._say(f"warning: {warning}")
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

    def _restore(self, changed: Continuation) -> State:
        saved = self.checkpoints.latest()
        if saved is None:
            self.host.say("no checkpoint was written yet; starting from the beginning")
            return self._first_state()
        require_variables(self.engine.program.lowering.variables.read, saved)
        self.progress.restore(saved.progress)
        returns = self.experiment.trainer.on_nan == "rollback"
        self.checkpoints.tidy(spare=self.progress.anchor if returns else None)
        self.folder.write("config.yaml", to_yaml(self.composed.tree))
        self._say(f"going on from step {saved.step:,}")
        for line in changed.lines():
            self._say(line)
        if self.status.fingerprint != self.engine.built.fingerprint and not changed.is_of_program:
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
        self.host.say(line)
        _log.info(line)

    def _train(self, state: State, stop: StopRequest) -> State:
        observers = self._observers()
        moment = self._moment()
        for observer in observers:
            observer.begin(moment)
        try:
            faults = Faults(self.engine, self.checkpoints, self.folder, self._first_state, stop)
            state = train_loop(self.engine, state, self.progress, observers, self.checkpoints, faults, stop)
        except BaseException:
            for observer in observers:
                with suppress(FrameworkError, OSError):  # the error that is under way is the one to tell
                    observer.end(self._moment())
            raise
        for observer in observers:
            observer.end(self._moment())
        return state

    def _observers(self) -> list[Observer]:
        """In the order in which they are called: what must not be lost first."""
        path, step = self.folder.path, self.progress.step
        names = [*(f"train/{name}" for name in self.engine.built.reports), *self.experiment.monitored]
        return [
            Table(path / "metrics.csv", [*names, "learning_rate"], step),
            self.board,
            _StatusKeeper(self.status, path / "metrics.csv"),
            ConfusionMatrices(path / "confusion_matrix.csv"),
            *self.host.watching(self.folder, self.experiment),
        ]

    def _moment(self) -> Moment:
        return Moment(self.progress.step, self.engine.total_steps, self.engine.steps_per_epoch)

    def _finished(self, state: State) -> int:
        moment = self._moment()
        if self.engine.data.examples("test"):
            evaluation = self.engine.evaluate(state, "test").of("test")
            self.status.metrics.update(evaluation)
            announce(evaluation, moment, [self.board, ConfusionMatrices(self.folder.path / "confusion_matrix.csv")])
        best = self.progress.best
        found = {best.monitor: best.value} if best is not None and best.value is not None else {}
        self.board.finished(moment, found)
        self.board.end(moment)
        self._write_status("finished")
        self.host.finished(self.experiment, moment, self.status.metrics, self._notes())
        return 0

    def _stopped(self, signal: int) -> int:
        self._write_status("stopped")
        self.host.say(f"stopped at step {self.progress.step:,}; go on with: python train.py resume={self._path()}")
        return 128 + signal

    def _failed(self, error: BaseException) -> None:
        """Notes what went wrong; where not even that can be written, the error itself still reaches the user."""
        self.status.error = f"{type(error).__name__}: {error}"
        with suppress(FrameworkError, OSError):
            self._write_status("failed")
            if not isinstance(error, (FrameworkError, KeyboardInterrupt)):
                self.folder.write("error.txt", traceback.format_exc())
            self.board.failed()

    def _left_by(self, error: OSError) -> str:
        """What is said of a disk, or a system, that no longer does what a run needs."""
        what = f"'{error.filename}': {error.strerror}" if error.filename else str(error.strerror)
        return f"{what}; the run ended at step {self.progress.step:,}. Mend that, and go on with resume={self._path()}"

    def _notes(self) -> dict[str, str]:
        best = self.progress.best
        notes = {"run": f"{self._path()}  ({self.status.seconds:.1f} s, {self.progress.step:,} steps)"}
        if best is not None and best.value is not None:
            notes["best"] = f"{best.monitor} {best.value:.4f} at step {best.step:,}"
        if self.progress.early is not None and self.progress.early.stopped:
            notes["stopped early"] = f"{self.progress.early.best.monitor} no longer improved"
        first = self.folder.path.parts[:1]  # none, of the current folder
        notes["look"] = f"tensorboard --logdir {first[0] if first in (('outputs',), ('multirun',)) else self._path()}"
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
