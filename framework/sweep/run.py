"""A sweep from its frozen trials to its answer; what was interrupted goes on.

Returns an exit status: 0 all trials finished, 1 some failed, 128 + n stopped by signal n.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

from rich.console import Console

from framework.config.compose import ROOT
from framework.config.sweep import Sweep
from framework.data import Data
from framework.data.recorded import differences, read_recorded
from framework.runtime.compile_cache import compilations
from framework.sweep.expansion import Expansion
from framework.sweep.group import GROUPS, Group, may_be_tried_again
from framework.sweep.isolated import Processes, launch, outcome_of, run_job, wait_for
from framework.sweep.ledger import DONE, Ledger, SweepError
from framework.sweep.live import LiveTable
from framework.sweep.objective import Objective
from framework.sweep.report import show, write_results
from framework.sweep.results import Results
from framework.sweep.trial import Outcome, Trial, varied
from framework.sweep.vectorization import Choice
from framework.train.folder import RunFolder, is_locked
from framework.train.log import logged
from framework.train.observer import Observer
from framework.train.signals import StopRequest
from framework.train.status import commit, now, versions

_FILE_WIDTH = 160  # columns of a table that goes into a file
OPTION = "hydra.sweep.dir"
_TOLD = 5  # trials whose errors are told at the end
Launcher = Callable[[Callable[[Any], int]], Any]  # from what is called for each job to a launcher of Hydra's


def run_sweep(expansion: Expansion, path: Path, command: Sequence[str], launcher: Launcher | None = None) -> int:
    """Starts a sweep in a folder of its own. Raises FrameworkError for what a user can mend.

    launcher: makes one of Hydra's for a function that it calls for each job; None to run the trials here.
    """
    with RunFolder(path, OPTION).locked(resume=True) as folder:
        about = {
            "command": list(command),
            "started": now(),
            "versions": versions(),
            "commit": commit(ROOT),
            "options": expansion.sweep.model_dump(mode="json"),
            "invalid": [" ".join(one.changed) for one in expansion.invalid],
        }
        ledger = Ledger.begin(path, about, expansion.trials)
        return SweepRun(folder, ledger, expansion.sweep, expansion.trials, launcher=launcher).go()


def resume_sweep(path: Path, options: Mapping[str, Any], launcher: Launcher | None = None) -> int:
    """Runs what is missing or failed of the sweep in a folder. options: of the sweep, in place of those before.

    launcher: see `run_sweep`. Raises SweepError where it cannot go on safely, and FrameworkError for what else a user
    can mend.
    """
    ledger = Ledger.read(path)  # before the folder is locked, which would make it
    sweep = Sweep.model_validate(_merged(ledger.about["options"], options))
    console = Console(highlight=False)
    for line in changes_of_code(ledger):
        console.print(f"since this sweep began: {line}", style="yellow", soft_wrap=True, markup=False)
    command = ledger.about.get("command", ())
    before = " ".join(word for word in command if word.startswith(("hydra/launcher", "hydra.launcher.")))
    if before and launcher is None:
        console.print(f"the trials run here; by the launcher of before with: {before}", soft_wrap=True, markup=False)
    if sweep.search is not None:
        from framework.sweep.search import resume_search  # Optuna is needed for no other sweep

        return resume_search(path, ledger, sweep)
    with RunFolder(path, OPTION).locked(resume=True) as folder:
        ledger = Ledger.read(path)
        trials = ledger.trials()
        _require_same_programs(path, trials)
        return SweepRun(folder, ledger, sweep, trials, console, launcher).go()


def _merged(before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Options with others in their place; `search.trials` is one of a mapping."""
    found = dict(before)
    for key, value in given.items():
        first, _, rest = key.partition(".")
        found[first] = _merged(found.get(first) or {}, {rest: value}) if rest else value
    return found


def changes_of_code(ledger: Ledger) -> Iterator[str]:
    """What is no longer as it was when the sweep began; graphs and data are compared besides, and must be equal."""
    before = {**ledger.about.get("versions", {}), "commit": ledger.about.get("commit")}
    after = {**versions(), "commit": commit(ROOT)}
    for name, value in after.items():
        if before.get(name) != value:
            yield f"{name} is {value}, was {before.get(name)}; the trials that ran then may differ in their last digits"


def _require_same_programs(path: Path, trials: Iterable[Trial]) -> None:
    """Raises SweepError when the code builds other graphs of the frozen configurations, or the data are others."""
    from framework.build import build
    from framework.layers import Mode

    known: dict[str, Trial] = {}
    for trial in trials:
        known.setdefault(trial.fingerprint, trial)
    for fingerprint, trial in known.items():
        dataset = trial.experiment.dataset
        recorded = read_recorded(path / GROUPS / fingerprint[:12])
        changed = differences(dataset.spec(), recorded) if recorded else ""
        if changed:
            raise SweepError(f"the data of '{path}' have changed: {changed}; bring them back, or start a new sweep")
        if build(trial.experiment, Mode.TRAIN).fingerprint != fingerprint:
            raise SweepError(
                f"the code now builds another graph of trial {trial.folder} of '{path}' than when the sweep began, so "
                "its results could not be compared with those before; bring the code back, or start a new sweep"
            )


class SweepRun:
    """The parts of a sweep that is under way."""

    def __init__(
        self,
        folder: RunFolder,
        ledger: Ledger,
        sweep: Sweep,
        trials: Sequence[Trial],
        console: Console | None = None,
        launcher: Launcher | None = None,
    ):
        self.folder, self.path, self.ledger, self.sweep = folder, folder.path, ledger, sweep
        self.trials = list(trials)
        self.objective = Objective.of(_with(trials[0], sweep).experiment)
        self.console = console or Console(highlight=False)
        if not self.console.is_terminal:
            self.console.width = _FILE_WIDTH
        self.stop, self.launcher = StopRequest(), launcher
        self.keys = tuple(varied(self.trials))
        self._began = time.perf_counter()
        self._compiled_before = compilations()
        self._is_halted = False
        self._tries: Counter[str] = Counter()
        self._ways: Counter[str] = Counter()  # how trials were run -> how many

    def go(self) -> int:
        """Runs what is to be run, and answers."""
        self._adopt()
        outcomes = self.ledger.outcomes
        done = [trial for trial in self.trials if self._is_done(trial)]
        waiting = [trial for trial in self.trials if trial not in done]
        self.live = LiveTable(self.console, self.objective, len(self.trials), len(done))
        for trial in done:
            self.live.ended(trial, outcomes[trial.id], known={})
        with logged(self.path / "log.txt"), self.stop, self.live:
            if self.launcher is not None:
                self._run_by_launcher(self.launcher, waiting)
            elif self.sweep.processes is not None:
                self._run_in_processes(self.sweep.processes, waiting)
            else:
                self._run_here(waiting)
        with suppress(OSError):
            self.ledger.flush()
        return self._answer()

    def _adopt(self) -> None:
        """Notes the trials that finished in processes of their own after the sweep itself had been killed."""
        for trial in self.trials:
            folder = self.path / trial.folder
            if self.ledger.outcomes[trial.id].state != "running":
                continue
            self._wait_for(folder)
            if not (folder / "checkpoints").is_dir():
                continue
            outcome = outcome_of(folder, self.ledger.outcomes[trial.id].attempt, None)
            if outcome.state == "finished":
                self.ledger.note(trial.id, outcome)

    def _wait_for(self, folder: Path) -> None:
        """Returns when no process that outlived its sweep runs the trial in a folder any more."""
        if is_locked(folder):
            self.console.print(f"waiting for '{folder}', which a process of before still runs", soft_wrap=True)
        wait_for(folder)

    def _is_done(self, trial: Trial) -> bool:
        """Whether a trial has finished, and its folder is there as it should be."""
        is_written = (self.path / trial.folder / "status.json").exists()
        return self.ledger.outcomes[trial.id].state in DONE and is_written

    def _groups(self, trials: Iterable[Trial]) -> Iterator[Group]:
        """Trials of one program, those of one set of data behind one another, so that it is loaded once."""
        by_data: dict[int, dict[str, list[Trial]]] = {}
        for trial in trials:
            of_data = by_data.setdefault(id(trial.experiment.dataset), {})
            of_data.setdefault(trial.fingerprint, []).append(trial)
        for of_data in by_data.values():
            data: Data | None = None
            for members in of_data.values():
                data = data or members[0].experiment.dataset.load()
                yield Group(self.path, members, data, self.keys, self.stop)

    def _run_here(self, trials: Iterable[Trial]) -> None:
        if self.sweep.pictures:
            from framework.sweep.pictures import prepare

            Thread(target=prepare, name="pictures").start()  # while the first programs are compiled
        for group in self._groups(trials):
            choice = group.choose(self.sweep.vectorize)
            self._tell(group, choice)
            for start in range(0, len(group.trials), choice.at_once):
                if self._is_over():
                    return
                some = group.trials[start : start + choice.at_once]
                group.run_at_once([partial(self._run_trial, group, trial) for trial in some])

    def _tell(self, group: Group, choice: Choice) -> None:
        """Says how the trials of a group run."""
        if len(group.trials) == 1 and choice.at_once == 1:
            return
        how = f"{choice.at_once} at once" if choice.at_once > 1 else "one after another"
        self.ledger.note_group(group.folder.name, choice.at_once, choice.why)
        self.live.say(f"{len(group.trials)} trials of program {group.folder.name}: {how}; {choice.why}")
        self._ways[how] += len(group.trials)

    def _run_in_processes(self, count: int, trials: Iterable[Trial]) -> None:
        pending = list(trials)
        while pending and not self._is_over():
            processes = Processes(self.path, count, self.stop)
            processes.run(self._numbered(pending), self._started, self._note, self._is_over)
            pending = self._to_try_again(pending)

    def _run_by_launcher(self, launcher: Launcher, trials: Iterable[Trial]) -> None:
        """The launcher says nothing before all have ended; what ended before a kill, the folders tell."""
        pending = list(trials)
        while pending and not self._is_over():
            numbered = self._numbered(pending)
            for trial, attempt in numbered:
                self._started(trial, attempt)
            self.ledger.flush()
            jobs = [(trial.id, attempt) for trial, attempt in numbered]
            made = launcher(partial(run_job, str(self.path.resolve()), jobs))
            for trial, outcome in launch(made, self.path, numbered):
                self._note(trial, outcome)
            pending = self._to_try_again(pending)

    def _numbered(self, trials: Iterable[Trial]) -> list[tuple[Trial, int]]:
        """Each with the number of its next attempt."""
        return [(trial, self.ledger.outcomes[trial.id].attempt + 1) for trial in trials]

    def _to_try_again(self, trials: Iterable[Trial]) -> list[Trial]:
        """Those that have failed and may be tried again."""
        outcomes = [(trial, self.ledger.outcomes[trial.id]) for trial in trials]
        return [t for t, outcome in outcomes if outcome.state == "failed" and self._may_be_tried_again(t, outcome)]

    def _run_trial(self, group: Group, trial: Trial) -> None:
        """Runs a trial, again when it failed and may be tried again."""
        while True:
            attempt = self.ledger.outcomes[trial.id].attempt + 1
            outcome = group.run(trial, attempt, [self._started(trial, attempt)])
            self._note(trial, outcome)
            if outcome.state != "failed" or self._is_over() or not self._may_be_tried_again(trial, outcome):
                return

    def _may_be_tried_again(self, trial: Trial, outcome: Outcome) -> bool:
        """Whether a failure may be another the next time, and there is a next time."""
        return self._tries[trial.id] <= self.sweep.retry and may_be_tried_again(outcome.error)

    def _started(self, trial: Trial, attempt: int) -> Observer:
        self._tries[trial.id] += 1
        self.ledger.note(trial.id, Outcome("running", attempt))
        return self.live.started(trial)

    def _note(self, trial: Trial, outcome: Outcome) -> None:
        self.ledger.note(trial.id, outcome)
        self.live.ended(trial, outcome)
        is_final = outcome.state == "failed" and not self._may_be_tried_again(trial, outcome)
        self._is_halted = self._is_halted or (is_final and self.sweep.on_failure == "stop")

    def _is_over(self) -> bool:
        return self._is_halted or self.stop.requested is not None

    def _answer(self) -> int:
        """Writes and shows what came of it all."""
        results = Results.of(self.trials, self.ledger.outcomes, self.objective)
        write_results(self.folder, results)
        if self.sweep.pictures and self.stop.requested is None:
            from framework.sweep.pictures import draw  # matplotlib, which takes long to import

            draw(self.folder, results)
        show(self.console, results, self._notes(results))
        if self.stop.requested is not None:
            return 128 + self.stop.requested
        return 0 if all(state in DONE for state in results.counts()) else 1

    def _notes(self, results: Results) -> dict[str, str]:
        counts = results.counts()
        said = ", ".join(f"{count} {state}" for state, count in counts.items())
        notes = {"sweep": f"{self.path}  ({said}; {time.perf_counter() - self._began:.1f} s)"}
        if self.launcher is None and self.sweep.processes is None:
            notes["programs"] = str(compilations() - self._compiled_before)
        if self._ways:
            notes["trials"] = ", ".join(f"{count} {how}" for how, count in self._ways.items())
        best = results.best
        if best is not None:
            notes["best"] = f"python train.py --config-path {self.path} --config-name best"
        if any(state not in DONE for state in counts):
            notes["go on"] = f"python train.py -m resume={self.path}"
        failed = [row for row in results.rows if row.outcome.state == "failed"]
        for row in failed[:_TOLD]:
            error = (row.outcome.error or "").partition("\n")[0]
            notes[f"trial {row.trial.folder}"] = f"{error}  ({self.path / row.trial.folder}/error.txt)"
        if len(failed) > _TOLD:
            notes["failed too"] = f"{len(failed) - _TOLD} more, see {self.path / 'results.csv'}"
        first = self.path.parts[0]
        notes["look"] = f"tensorboard --logdir {first if first == 'multirun' else self.path}"
        return notes


def _with(trial: Trial, sweep: Sweep) -> Trial:
    return replace(trial, experiment=trial.experiment.model_copy(update={"sweep": sweep}))
