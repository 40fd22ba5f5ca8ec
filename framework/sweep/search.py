"""A search: trials that Optuna proposes one after the other, run, pruned and kept as those of any sweep."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from framework.config.arguments import Arguments
from framework.config.compose import ROOT
from framework.config.loader import Source
from framework.config.overrides import parse
from framework.config.sweep import Search, Sweep
from framework.data import Data
from framework.errors import ConfigError, Mistake
from framework.sweep.expansion import Expansion, Freezer
from framework.sweep.group import Group
from framework.sweep.ledger import Ledger, SweepError
from framework.sweep.live import LiveTable
from framework.sweep.objective import Objective
from framework.sweep.optuna import check, open_study, suggest
from framework.sweep.run import OPTION, SweepRun
from framework.sweep.space import Space, override
from framework.sweep.trial import Outcome, Trial
from framework.train.folder import RunFolder
from framework.train.log import logged
from framework.train.observer import Moment, Numbers, Observer
from framework.train.signals import StopRequest
from framework.train.status import commit, now, versions


def prepare_search(arguments: Arguments, expansion: Expansion) -> tuple[Space, Freezer]:
    """What is ranged over, and what freezes a choice of it; every choice and every end is tried out.

    Raises ConfigError with all that is wrong, and SweepError where Optuna is not installed.
    """
    search = _search(expansion.sweep)
    if len(expansion.trials) > 1:
        message = (
            "a search proposes the values itself; give one value to each option, or list them without sweep.search"
        )
        raise ConfigError([Mistake((), message, place="command line  -m")])
    if expansion.sweep.processes is not None:
        message = "a search runs its trials in this process"
        raise ConfigError([Mistake(("sweep", "processes"), message, "leave it out")])
    space = Space.of(search)
    check(search)
    freezer = Freezer(arguments, parse(arguments.overrides), [dimension.key for dimension in space.dimensions])
    for position, chosen in enumerate(space.examples()):
        freezer.freeze(position, [*_beside(space, arguments), *(override(*item) for item in chosen.items())])
    return space, freezer


def _beside(space: Space, arguments: Arguments) -> list[str]:
    """The overrides of options that are not searched over."""
    searched = {dimension.key for dimension in space.dimensions}
    return [text for text in arguments.overrides if text.lstrip("+~").partition("=")[0] not in searched]


def run_search(arguments: Arguments, expansion: Expansion, path: Path) -> int:
    """Starts a search in a folder of its own; returns the exit status. Raises FrameworkError."""
    space, freezer = prepare_search(arguments, expansion)
    source = arguments.source
    about = {
        "command": list(arguments.overrides),
        "source": [str(source.directory), source.name, [str(folder) for folder in source.extra]],
        "started": now(),
        "versions": versions(),
        "commit": commit(ROOT),
        "options": expansion.sweep.model_dump(mode="json"),
    }
    with RunFolder(path, OPTION).locked(resume=True) as folder:
        ledger = Ledger.begin(path, about, [])
        return SearchRun(folder, ledger, expansion, space, freezer, _beside(space, arguments)).search()


def resume_search(path: Path, ledger: Ledger, sweep: Sweep) -> int:
    """Goes on with a search, to as many trials as it is to have. Raises FrameworkError."""
    directory, name, extra = ledger.about["source"]
    source = Source(Path(directory), name, tuple(map(Path, extra)))
    arguments = Arguments(source, tuple(ledger.about["command"]), is_sweep=True)
    from framework.sweep.expansion import expand_sweep

    expansion = replace(expand_sweep(arguments), sweep=sweep)
    space, freezer = prepare_search(arguments, expansion)
    for trial in ledger.trials():
        again, _ = freezer.freeze(trial.position, [*_beside(space, arguments), *trial.changed])
        if again.id != trial.id or again.fingerprint != trial.fingerprint:
            raise SweepError(
                f"trial {trial.folder} of '{path}' would be another now: files of the configuration, or the code, have "
                "changed since; bring them back, or start a new search"
            )
    with RunFolder(path, OPTION).locked(resume=True) as folder:
        return SearchRun(folder, ledger, expansion, space, freezer, _beside(space, arguments)).search()


class SearchRun(SweepRun):
    """The parts of a search that is under way."""

    def __init__(
        self,
        folder: RunFolder,
        ledger: Ledger,
        expansion: Expansion,
        space: Space,
        freezer: Freezer,
        same: Sequence[str],
    ):
        super().__init__(
            folder, ledger, expansion.sweep, [*ledger.trials(), *expansion.trials], Console(highlight=False)
        )
        self.trials = ledger.trials()
        self.keys = tuple(dimension.key for dimension in space.dimensions)
        self._wanted, self._space, self._freezer, self._same = _search(expansion.sweep), space, freezer, same
        self._known_groups: dict[str, Group] = {}
        self._loaded: dict[int, Data] = {}

    def search(self) -> int:
        """Proposes and runs trials until there are as many as wanted, and answers."""
        study = open_study(self.path, self._wanted, maximise=self.objective.higher_is_better)
        done = [
            trial for trial in self.trials if self.ledger.outcomes[trial.id].state in ("finished", "pruned", "failed")
        ]
        self.live = LiveTable(self.console, self.objective, self._wanted.trials, len(done))
        for trial in done:
            self.live.ended(trial, self.ledger.outcomes[trial.id], known={})
        with logged(self.path / "log.txt"), self.stop, self.live:
            self._settle(study)
            while not self._is_over() and len(study.get_trials(deepcopy=False)) < self._wanted.trials:
                self._try(study)
        return self._answer()

    def _settle(self, study: Any) -> None:
        """Proposals that were under way when the search was killed have failed, for Optuna; they are not counted on."""
        from optuna.trial import TrialState

        for unfinished in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            study.tell(unfinished.number, state=TrialState.FAIL)

    def _try(self, study: Any) -> None:
        """Proposes one trial, runs it unless an equal one has run, and tells what came of it."""
        from optuna.trial import TrialState

        proposed = study.ask()
        chosen = self._space.choose(lambda dimension: suggest(proposed, dimension))
        overrides = [*self._same, *(override(*item) for item in chosen.items())]
        trial, _ = self._freezer.freeze(proposed.number, overrides)
        known = self.ledger.outcomes.get(trial.id)
        if known is None:
            self.ledger.add(trial)
            self.trials.append(trial)
            known = self._run(trial, proposed)
        value = self.objective.value(known)
        if known.state == "pruned":
            study.tell(proposed, state=TrialState.PRUNED)
        elif known.state == "finished" and value is not None:
            study.tell(proposed, value)
        else:
            study.tell(proposed, state=TrialState.FAIL)

    def _run(self, trial: Trial, proposed: Any) -> Outcome:
        group = self._group(trial)
        while True:
            attempt = self.ledger.outcomes[trial.id].attempt + 1
            ending = _Ending(self.stop)
            observers = [self._started(trial, attempt), _Pruning(proposed, self.objective, ending)]
            outcome = group.run(trial, attempt, observers, ending)
            if ending.is_pruned and outcome.state == "stopped":
                outcome = replace(outcome, state="pruned")
            self._note(trial, outcome)
            if outcome.state != "failed" or self._is_over() or not self._may_be_tried_again(trial, outcome):
                return outcome

    def _group(self, trial: Trial) -> Group:
        """The group of a trial's program; programs and data of those before are kept."""
        if trial.fingerprint not in self._known_groups:
            dataset = trial.experiment.dataset
            if id(dataset) not in self._loaded:
                self._loaded[id(dataset)] = dataset.load()
            group = Group(self.path, [trial], self._loaded[id(dataset)], self.keys, self.stop)
            self._known_groups[trial.fingerprint] = group
        return self._known_groups[trial.fingerprint]


class _Ending(StopRequest):
    """What ends a trial: the sweep's end, or its pruning."""

    def __init__(self, sweep: StopRequest):
        self._sweep, self.is_pruned = sweep, False

    @property
    def requested(self) -> int | None:  # type: ignore[override]
        """The signal that ended the sweep, 0 for a trial that is pruned, or None."""
        return self._sweep.requested if self._sweep.requested is not None else 0 if self.is_pruned else None


class _Pruning(Observer):
    """Reports every evaluation, and ends the trial when it is not worth more."""

    def __init__(self, proposed: Any, objective: Objective, ending: _Ending):
        self._proposed, self._objective, self._ending = proposed, objective, ending

    def evaluated(self, moment: Moment, found: Numbers) -> None:
        value = found.get(self._objective.name)
        if value is not None and math.isfinite(value) and moment.step < moment.total_steps:
            self._proposed.report(value, moment.step)
            self._ending.is_pruned = self._ending.is_pruned or self._proposed.should_prune()


def _search(sweep: Sweep) -> Search:
    if sweep.search is None:
        raise SweepError("this sweep is no search")
    return sweep.search
