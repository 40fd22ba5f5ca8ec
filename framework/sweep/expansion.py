"""From a command line to frozen trials: expanded once, every configuration composed, checked and, of a program, built.

Two configurations of one structure have one graph, so the first of them answers for all what only a graph shows. No
JAX is needed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hydra.core.override_parser.types import Override

from framework.config.arguments import Arguments
from framework.config.check import check
from framework.config.compose import Composed
from framework.config.composer import Composer
from framework.config.experiment import Experiment, structure
from framework.config.loader import Loader
from framework.config.origins import Origins, PlacedError
from framework.config.overrides import expand, parse
from framework.config.sweep import Sweep
from framework.data import Dataset
from framework.errors import ConfigError, FrameworkError, Mistake
from framework.optimizers import Span
from framework.plan import steps_of
from framework.prepare import checked
from framework.registry import did_you_mean
from framework.sweep.trial import Trial, identity

Placed = tuple[Mistake, Origins]


@dataclass(frozen=True)
class Invalid:
    """A combination that describes no experiment. changed: the overrides that are its own."""

    position: int
    changed: tuple[str, ...]
    mistakes: tuple[Placed, ...]


@dataclass(frozen=True)
class Expansion:
    """All that a command line asks for.

    sweep: how it is run. trials: in order, each configuration once. invalid: left out by `sweep.on_invalid=skip`.
    repeated: how many combinations were there already. choices: of the first trial, by which the sweep is named.
    """

    sweep: Sweep
    trials: list[Trial]
    invalid: list[Invalid]
    repeated: int = 0


def expand_sweep(arguments: Arguments) -> Expansion:
    """Every trial of a sweep. Raises ConfigError with the mistakes of all of them, placed."""
    loader = Loader(arguments.source)
    parsed = parse(arguments.overrides, is_sweep=True, loader=loader)
    parsed = [*_of_files(parsed, loader), *parsed]
    mistakes = list(_wrong_with_ranges(parsed))
    if mistakes:
        raise ConfigError(mistakes)
    freezer = Freezer(arguments, parsed)
    trials: dict[str, Trial] = {}
    invalid: list[Invalid] = []
    sweep: Sweep | None = None
    combinations = expand(parsed)
    for position, overrides in enumerate(combinations):
        try:
            trial, options = freezer.freeze(position, overrides)
            trials.setdefault(trial.id, trial)
            sweep = sweep or options
        except ConfigError as error:
            invalid.append(Invalid(position, freezer.own(overrides), _placed(error)))
    wrong = [mistake for one in invalid for mistake in one.mistakes]
    if sweep is None or (invalid and sweep.on_invalid == "stop"):
        raise PlacedError(wrong)
    return Expansion(sweep, list(trials.values()), invalid, len(combinations) - len(invalid) - len(trials))


class Freezer:
    """Freezes trials of one command line, remembering what they share.

    parsed: all overrides of the command line, those that list several values among them.
    """

    def __init__(self, arguments: Arguments, parsed: Sequence[Override], searched: Iterable[str] = ()):
        ranged = [override for override in parsed if override.is_sweep_override()]
        self._varied = {override.key_or_group for override in ranged} | set(searched)
        self._composer = Composer(arguments.source, self._varied)
        self._known: dict[str, str] = {}
        self._datasets: dict[str, Dataset] = {}

    def own(self, overrides: Iterable[str]) -> tuple[str, ...]:
        """Those of a trial's overrides that other trials do not share."""
        return tuple(text for text in overrides if text.lstrip("+~").partition("=")[0] in self._varied)

    def freeze(self, position: int, overrides: Sequence[str], folder: str | None = None) -> tuple[Trial, Sweep]:
        """The trial that overrides describe, and how its sweep is to be run. Raises ConfigError, placed."""
        composed = self._composer.compose(overrides)
        try:
            experiment = self._with_known_data(check(composed.tree), composed)
            fingerprint = self._fingerprint(experiment, composed)
            _check_sweep(experiment)
        except ConfigError:
            return self._explain(overrides)
        tree = {key: held for key, held in composed.tree.items() if key != "sweep"}
        trial = Trial(
            position=position,
            id=identity(tree),
            folder=folder or str(position),
            changed=self.own(overrides),
            overrides=tuple(text for text in composed.overrides if not _is_of_sweep(text)),
            tree=tree,
            choices={group: choice for group, choice in composed.choices.items() if group != "sweep"},
            experiment=experiment,
            fingerprint=fingerprint,
        )
        return trial, experiment.sweep

    def _explain(self, overrides: Sequence[str]) -> Any:
        """Raises what is wrong with a configuration, composed again so that every mistake has its place."""
        composed = self._composer.compose_whole(overrides)
        trial = checked(composed)
        try:
            _check_sweep(trial.experiment)
        except ConfigError as error:
            raise PlacedError((mistake, composed.origins) for mistake in error.mistakes) from None
        raise ConfigError([Mistake((), "this configuration is refused for a reason that cannot be found again")])

    def _with_known_data(self, experiment: Experiment, composed: Composed) -> Experiment:
        """The experiment with the data set that others of the same options have, which knows what its source holds."""
        key = json.dumps(composed.tree.get("dataset"), sort_keys=True, default=str)
        if key not in self._datasets:
            try:
                self._datasets[key] = experiment.dataset.recorded(experiment.dataset.spec())
            except FrameworkError:  # `checked` says what is wrong, in the user's words
                self._datasets[key] = experiment.dataset
        return experiment.model_copy(update={"dataset": self._datasets[key]})

    def _fingerprint(self, experiment: Experiment, composed: Composed) -> str:
        """That of its program; what only the loop decides is checked for each trial. Raises ConfigError."""
        shape = json.dumps([structure(experiment), composed.tree.get("warm_start")], sort_keys=True, default=str)
        if shape not in self._known:
            self._known[shape] = checked(composed, experiment=experiment).built.fingerprint
        else:
            _, per_epoch, steps = steps_of(experiment)
            rate = experiment.optimizer.hyper().get("learning_rate", 0.0)
            experiment.schedule.call(rate, Span(per_epoch, steps))
        return self._known[shape]


def reported(experiment: Experiment) -> dict[str, bool]:
    """The numbers that a trial has at its end -> whether greater is better."""
    names = {name.partition("/")[2]: better for name, better in experiment.monitored.items()}
    splits = ("validation", "test", "train")
    return {f"{split}/{name}": better for split in splits for name, better in names.items()}


def _check_sweep(experiment: Experiment) -> None:
    """Raises ConfigError for options of the sweep that do not fit its trials."""
    metric, known = experiment.sweep.metric, reported(experiment)
    if metric is not None and metric not in known:
        message = f"nothing is reported as '{metric}'{did_you_mean(metric, known)}  known: {', '.join(known)}"
        raise ConfigError([Mistake(("sweep", "metric"), message)])


def _of_files(parsed: Sequence[Override], loader: Loader) -> list[Override]:
    """What `hydra.sweeper.params` of the files ranges over, where the command line says nothing of it."""
    choices = [override.input_line or "" for override in parsed if _is_single_choice(override, loader)]
    try:
        config, _ = loader.load(choices)
        params = dict(config.hydra.sweeper.get("params") or {})
    except Exception:  # composing the trials says what is wrong with the files
        return []
    given = {override.key_or_group for override in parsed}
    texts = [f"{key}={value}" for key, value in params.items() if str(key).lstrip("+~") not in given]
    return parse(texts, is_sweep=True, loader=loader) if texts else []


def _is_single_choice(override: Override, loader: Loader) -> bool:
    is_one = not (override.is_sweep_override() or override.is_delete() or override.is_hydra_override())
    return is_one and loader.is_group(override.key_or_group) and isinstance(override.value(), str)


def _is_of_sweep(text: str) -> bool:
    key = text.lstrip("+~").partition("=")[0]
    return key == "sweep" or key.startswith(("sweep.", "hydra"))


def _placed(error: ConfigError) -> tuple[Placed, ...]:
    if isinstance(error, PlacedError):
        return error.placed
    return tuple((mistake, Origins()) for mistake in error.mistakes)


def _wrong_with_ranges(parsed: Iterable[Override]) -> Iterator[Mistake]:
    for override in parsed:
        place = f"command line  {override.input_line}"
        if override.is_sweep_override() and _is_of_sweep(override.key_or_group):
            message = "the options of a sweep are the same for all of its trials; give one value"
            yield Mistake((), message, place=place)
        elif override.is_discrete_sweep() and next(override.sweep_string_iterator(), None) is None:
            yield Mistake((), "this ranges over nothing, so there would be no trial", place=place)
