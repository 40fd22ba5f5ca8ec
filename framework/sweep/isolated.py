"""Trials in processes of their own: some at a time on this machine, or wherever a launcher of Hydra's starts them.

A trial's process knows the sweep's folder and the trial's id: it runs the configuration that was frozen there.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.console import Console

from framework.config.experiment import Experiment
from framework.config.loader import ROOT
from framework.errors import FrameworkError, RunFolderError
from framework.sweep.group import begin, failed, is_free, standing
from framework.sweep.hosting import TrialFolder
from framework.sweep.ledger import Ledger, SweepError
from framework.sweep.trial import Outcome, Trial
from framework.train.continuation import Continuation
from framework.train.engine import Engine
from framework.train.folder import RunFolder, is_locked
from framework.train.host import Alone
from framework.train.observer import Observer
from framework.train.run import carry_out
from framework.train.signals import StopRequest
from framework.train.status import Status
from framework.train.tensorboard import TensorBoard

_log = logging.getLogger("framework")
_OUTPUT = "output.txt"
_POLL_SECONDS = 0.05
_Running = dict[str, tuple[Trial, int, "subprocess.Popen[bytes]"]]  # by id: a trial, its attempt, its process


class Isolated(Alone):
    """A trial in a process of its own: a run by itself, whose folder holds everything, and that shows nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.console = Console(quiet=True)

    def watching(self, folder: RunFolder, experiment: Experiment) -> Sequence[Observer]:
        return []


def run_frozen(path: Path, id: str) -> int:
    """Runs one trial of the sweep in a folder; returns the exit status. Raises FrameworkError."""
    trials = {trial.id: trial for trial in Ledger.read(path).trials([id])}
    if id not in trials:
        raise SweepError(f"'{path}' has no trial {id}")
    trial = trials[id]
    folder = path / trial.folder
    if not is_free(folder):
        raise RunFolderError(f"'{folder}' holds a run already")
    try:
        status = begin(trial, folder)
        data = trial.experiment.dataset.load()
        engine = Engine(trial.experiment, data, status.execution or None, status.kernels or None)
        with RunFolder(folder).locked(resume=True) as locked:
            changed = Continuation() if status.step else None
            return carry_out(engine, locked, trial.composed, status, Isolated(), changed)
    except Exception as error:
        failed(folder, 1, error)
        raise


def run_job(path: str, jobs: Sequence[tuple[str, int]], config: Any) -> int:
    """What a launcher of Hydra's calls for each of its jobs. A job that its sweep has given up meanwhile does nothing.

    jobs: the ids of the trials, each with the number of its attempt. config: Hydra's, which is not used.
    """
    from hydra.core.hydra_config import HydraConfig

    _log.propagate = False  # Hydra would print all of it; the trial's folder has it
    id, attempt = jobs[HydraConfig.get().job.num]
    try:
        known = Ledger.read(Path(path)).outcomes[id]
        return run_frozen(Path(path), id) if (known.state, known.attempt) == ("running", attempt) else 1
    except Exception:  # it is written into the trial's folder
        return 1


class Processes:
    """Runs trials in processes, `count` at a time.

    path: of the sweep. stop: what ends it; the processes are then asked to stop as well.
    """

    def __init__(self, path: Path, count: int, stop: StopRequest):
        self.path, self.count, self.stop = path, count, stop

    def run(
        self,
        trials: Iterable[tuple[Trial, int]],
        started: Callable[[Trial, int], object],
        ended: Callable[[Trial, Outcome], None],
        is_over: Callable[[], bool],
    ) -> None:
        """Runs all trials, each with the number of its attempt, or those that were begun when `is_over` says yes."""
        running: _Running = {}
        try:
            self._run(iter(trials), running, started, ended, is_over)
        except BaseException:  # such as a full disk; what is under way is saved, and a sweep that goes on waits for it
            self._ask_to_stop(running)
            raise

    def _run(
        self,
        waiting: Iterator[tuple[Trial, int]],
        running: _Running,
        started: Callable[[Trial, int], object],
        ended: Callable[[Trial, Outcome], None],
        is_over: Callable[[], bool],
    ) -> None:
        is_asked = False
        while True:
            while len(running) < self.count and not is_over() and (following := next(waiting, None)) is not None:
                trial, attempt = following
                started(trial, attempt)
                if is_free(self.path / trial.folder):
                    running[trial.id] = (trial, attempt, self._process(trial))
                else:
                    ended(trial, taken(self.path / trial.folder, attempt))
            if self.stop.requested is not None and not is_asked:
                is_asked = True
                self._ask_to_stop(running)
            for trial, attempt, process in list(running.values()):
                if process.poll() is not None:
                    del running[trial.id]
                    ended(trial, settled(self.path / trial.folder, attempt, process.returncode))
            if not running and (is_over() or following is None):
                return
            time.sleep(_POLL_SECONDS)

    def _ask_to_stop(self, running: _Running) -> None:
        for _, _, process in running.values():
            process.send_signal(signal.SIGTERM)

    def _process(self, trial: Trial) -> subprocess.Popen[bytes]:
        folder = self.path / trial.folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / _OUTPUT).open("wb") as output:
                command = [sys.executable, "-m", "framework.sweep.child", str(self.path.resolve()), trial.id]
                environment = _environment()
                # A process group of its own: Ctrl-C reaches the sweep alone, which then asks its processes.
                return subprocess.Popen(command, stdout=output, stderr=output, env=environment, start_new_session=True)
        except OSError as error:
            raise RunFolderError(f"cannot start trial {trial.folder} in '{folder}': {error.strerror}") from None


def launch(launcher: Any, path: Path, trials: Iterable[tuple[Trial, int]]) -> Iterator[tuple[Trial, Outcome]]:
    """Runs trials, each with the number of its attempt, by a launcher of Hydra's that was made for `run_job`.

    Some launchers fail as soon as one worker is gone, while others still run. Those are told last, when they are done.
    """
    trials = list(trials)
    try:
        launcher.launch([list(trial.changed) for trial, _ in trials], initial_job_idx=0)
    except Exception as error:  # whatever its library raises, such as for a worker that was killed
        _log.warning("the launcher failed: %s: %s", type(error).__name__, error)
    for trial, attempt in sorted(trials, key=lambda one: is_locked(path / one[0].folder)):
        wait_for(path / trial.folder)
        yield trial, settled(path / trial.folder, attempt)


def wait_for(folder: Path) -> None:
    """Returns when no process runs the trial in a folder any more."""
    while is_locked(folder):
        time.sleep(_POLL_SECONDS)


def settled(folder: Path, attempt: int, code: int | None = None) -> Outcome:
    """What became of a trial whose process is gone; one that was killed had no time to leave that in its folder.

    code: of its exit, where that is known.
    """
    outcome = outcome_of(folder, attempt, code)
    if outcome.state == "failed" and not (folder / "error.txt").exists():
        with suppress(FrameworkError, OSError):
            TrialFolder(folder).write("error.txt", f"{outcome.error}\n")
            TensorBoard(folder).failed()
    return outcome


def outcome_of(folder: Path, attempt: int, code: int | None) -> Outcome:
    """What became of a trial whose process has ended, as its folder tells. code: of its exit, where that is known."""
    try:
        status = Status.read(folder)
    except RunFolderError:
        status = Status(state="failed", error=_last_line(folder / _OUTPUT))
    outcome = standing(status, attempt)
    if status.state in ("finished", "stopped"):
        outcome.state = "finished" if status.state == "finished" else "stopped"
        return outcome
    outcome.state = "failed"
    outcome.error = status.error or f"its process {_ending(code)} before it was done"
    return outcome


def _ending(code: int | None) -> str:
    if code is None:
        return "ended"
    if code >= 0:
        return f"ended with status {code}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    return f"was killed by {name}{', as by a system that is out of memory,' if name == 'SIGKILL' else ''}"


def taken(folder: Path, attempt: int) -> Outcome:
    """What becomes of a trial whose folder holds a run that is none of the sweep's."""
    return Outcome("failed", attempt, error=f"RunFolderError: '{folder}' holds a run already")


def _environment() -> dict[str, str]:
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def _last_line(path: Path) -> str | None:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return None
    return next((line for line in reversed(lines) if line.strip()), None)
