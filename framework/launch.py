"""From the command line to a run: everything is composed, checked and built before anything is made on disk.

Exit status: 0 done; 1 failed; 2 a mistake in the configuration, the data or the arguments; 128 + n stopped by signal
n, with a checkpoint to go on from.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from framework.build import build
from framework.config.check import check
from framework.config.compose import Composed, Source, compose, expand
from framework.config.experiment import Experiment
from framework.config.report import screen
from framework.errors import ConfigError, DataError, FrameworkError, Mistake
from framework.layers import Mode
from framework.registry import did_you_mean

FAILED, REFUSED = 1, 2


@dataclass(frozen=True)
class Trial:
    """A run that has been checked: what it is, and how its configuration came about."""

    experiment: Experiment
    composed: Composed


@dataclass(frozen=True)
class Arguments:
    """What stands on the command line, sorted.

    source: which configuration. overrides: key=value and group=choice. is_sweep: `-m`. show: `job` for `--cfg job`.
    """

    source: Source
    overrides: tuple[str, ...]
    is_sweep: bool = False
    show: str | None = None
    wants_help: bool = False


def prepare(overrides: Sequence[str], source: Source) -> Trial:
    """Composes, checks and builds one run, without JAX. Raises ConfigError; `error.origins` says where keys stand."""
    composed = compose(overrides, source)
    try:
        experiment = check(composed.tree)
        for mode in (Mode.TRAIN, Mode.EVALUATE):
            build(experiment, mode)
    except DataError as error:
        raise Refusal(ConfigError([Mistake(("dataset",), error.message, error.hint)]), composed) from None
    except ConfigError as error:
        raise Refusal(error, composed) from None
    return Trial(experiment, composed)


class Refusal(ConfigError):
    """A ConfigError together with the configuration it speaks of, so that places can be shown."""

    def __init__(self, error: ConfigError, composed: Composed):
        super().__init__(error.mistakes)
        self.composed = composed


def answer(action: Callable[[], int]) -> int:
    """Runs `action`; a user's mistake becomes a screen on standard error and an exit status."""
    try:
        return action()
    except ConfigError as error:
        origins = error.composed.origins if isinstance(error, Refusal) else None
        print(screen(error, origins), file=sys.stderr)
        return REFUSED
    except FrameworkError as error:
        print(f"{error}", file=sys.stderr)
        return REFUSED if isinstance(error, DataError) else FAILED


def parse(arguments: Sequence[str]) -> Arguments:
    """Sorts the command line. Raises ConfigError for options that do not exist."""
    overrides: list[str] = []
    directory, name, is_sweep, show, wants_help = None, "config", False, None, False
    extra: list[Path] = []
    rest = list(arguments)
    while rest:
        word, inline, value = rest.pop(0).partition("=") if rest[0].startswith("--") else (rest.pop(0), "", "")
        if word in ("-m", "--multirun"):
            is_sweep = True
        elif word in ("-h", "--help"):
            wants_help = True
        elif word in _WITH_VALUE:
            value = value if inline else (rest.pop(0) if rest else "")
            if word == "--cfg" and value != "job":
                raise ConfigError([Mistake((), f"--cfg shows the job, found '{value}'", place="command line  --cfg")])
            if word == "--cfg":
                show = value
            elif word == "--config-name":
                name = value
            elif word == "--config-dir":
                extra.append(Path(value).resolve())
            else:
                directory = Path(value).resolve()
        elif word.startswith("-"):
            known = ["--help", "--multirun", *_WITH_VALUE]
            message = f"there is no option '{word}'{did_you_mean(word, known)}  known: -h, -m, {', '.join(known)}"
            raise ConfigError([Mistake((), message, place=f"command line  {word}")])
        else:
            overrides.append(word)
    resumed = [text.partition("=")[2] for text in overrides if text.startswith("resume=")]
    source = Source(
        directory=directory or Source.directory,
        name=name,
        extra=tuple(extra),
        resume=Path(resumed[-1]) if resumed else None,
    )
    kept = tuple(text for text in overrides if not text.startswith("resume="))
    return Arguments(source, kept, is_sweep, show, wants_help)


_WITH_VALUE = ("--cfg", "--config-name", "--config-dir", "--config-path")


def prepare_sweep(arguments: Arguments) -> list[Trial]:
    """Every run of a sweep, checked before any is started. Raises ConfigError with the mistakes of all of them."""
    trials, mistakes, composed = [], {}, None
    for overrides in expand(arguments.overrides, arguments.source):
        try:
            trials.append(prepare(overrides, arguments.source))
        except Refusal as error:
            composed = error.composed
            mistakes.update(dict.fromkeys(error.mistakes))
    if mistakes and composed is not None:
        raise Refusal(ConfigError(mistakes), composed)
    return trials


def folder_of(trial: Trial, now: datetime, number: int | None = None) -> Path:
    """Where a run is kept: `outputs/<date>/<time>-<name>`, or `multirun/<date>/<time>/<number>` in a sweep."""
    composed = trial.composed
    if number is not None:
        return Path(composed.sweep_dir or f"multirun/{now:%Y-%m-%d}/{now:%H-%M-%S}", str(number))
    if composed.run_dir:
        return Path(composed.run_dir)
    choices = composed.choices
    name = trial.experiment.name or choices.get("experiments") or f"{choices.get('model')}-{choices.get('dataset')}"
    return Path("outputs", f"{now:%Y-%m-%d}", f"{now:%H-%M-%S}-{name.replace('/', '-')}")
