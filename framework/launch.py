"""From the command line to a run: everything is composed, checked and built before anything is made on disk.

Exit status: 0 done; 1 failed; 2 a mistake in the configuration, the data or the arguments; 128 + n stopped by signal
n, with a checkpoint to go on from.

Hydra's own application never starts, for it would stop at the first mistake, make folders before anything is checked,
and build whatever the configuration names. Of Hydra run the loader, before, and for a sweep its launcher: the one of
this process, or an installed plugin such as `hydra/launcher=joblib`.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import HydraContext, RunMode
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from framework.build import Built, build
from framework.config.arguments import Arguments, parse
from framework.config.check import check
from framework.config.compose import Composed, compose
from framework.config.experiment import Experiment
from framework.config.interpolations import first_line
from framework.config.loader import AUTO, Loader, Source
from framework.config.origins import Origins, PlacedError
from framework.config.overrides import expand
from framework.config.overrides import parse as parse_overrides
from framework.config.report import print_screen
from framework.config.yaml_file import shown
from framework.errors import ConfigError, DataError, FrameworkError, Mistake, RunFolderError
from framework.layers import Mode
from framework.optimizers import Span
from framework.plan import steps_of

__all__ = [
    "Arguments",
    "Trial",
    "answer",
    "checked",
    "new_folder",
    "parse",
    "prepare",
    "prepare_sweep",
    "start",
    "start_sweep",
]

FAILED, REFUSED, INTERRUPTED = 1, 2, 130


@dataclass(frozen=True)
class Trial:
    """A run that has been checked: what it is, how its configuration came about, and the graph that it will train.

    folder: of the run that goes on, where it is no new one.
    """

    experiment: Experiment
    composed: Composed
    built: Built
    folder: Path | None = None


def answer(action: Callable[[], int]) -> int:
    """Runs `action`; a user's mistake becomes a screen on standard error and an exit status."""
    try:
        return action()
    except FrameworkError as error:
        print_screen(error)
        return REFUSED if isinstance(error, (ConfigError, DataError)) else FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def prepare(overrides: Sequence[str], source: Source) -> Trial:
    """Composes, checks and builds one run, without JAX. Raises ConfigError with all mistakes of the first stage."""
    if source.resume == AUTO:
        return _newest(checked(compose(overrides, replace(source, resume=None))))
    trial = checked(compose(overrides, source), is_new=source.resume is None)
    if source.resume is None:
        return trial
    from framework.train.continuation import accept  # new runs have nothing to compare with

    accept(source.resume, trial.composed, trial.experiment)
    return replace(trial, folder=source.resume)


def _newest(trial: Trial) -> Trial:
    """The newest unfinished run of a configuration, or a new one."""
    from framework.train.continuation import newest_unfinished

    folder = newest_unfinished(trial.composed, trial.experiment)
    print(f"going on with {shown(folder)}" if folder else "no unfinished run of this configuration; starting one")
    return replace(trial, folder=folder)


def checked(composed: Composed, *, is_new: bool = True) -> Trial:
    """The run that a configuration describes, once its graphs have been built. Raises ConfigError.

    is_new: whether it begins with what other runs have left, rather than going on with its own.
    """
    wrong: list[Mistake] = []
    built: Built | None = None
    try:
        experiment = check(composed.tree)
    except ConfigError as error:
        wrong.extend(error.mistakes)
        experiment = _by_default(composed.tree, error.mistakes)
    if experiment is not None:
        try:
            built = _build(experiment)
        except ConfigError as error:
            wrong.extend(error.mistakes)
        wrong.extend(_wrong_with_warm_start(experiment, built) if is_new and built and not wrong else ())
    if wrong or experiment is None or built is None:
        raise PlacedError((mistake, composed.origins) for mistake in wrong)
    return Trial(experiment, composed, built)


# What decides the layers and their shapes; with a mistake here, the graph would show others that follow from it.
_OF_THE_GRAPH = {"model", "dataset", "loss", "metrics", "plugins"}


def _by_default(tree: Mapping[str, Any], mistakes: Iterable[Mistake]) -> Experiment | None:
    """The experiment without its wrong options, so that its graph can be checked too; None where that says little."""
    mended = copy.deepcopy(dict(tree))
    for mistake in mistakes:
        if not mistake.path or mistake.path[0] in _OF_THE_GRAPH:
            return None
        holder: Any = mended
        for key in mistake.path[:-1]:
            holder = holder.get(key) if isinstance(holder, dict) else None
        if isinstance(holder, dict):
            holder.pop(mistake.path[-1], None)
    try:
        return check(mended)
    except ConfigError:
        return None


def _build(experiment: Experiment) -> Built:
    """The graph that trains an experiment, once all else of it has been built too. Raises ConfigError."""
    try:
        built = build(experiment, Mode.TRAIN)
        _, per_epoch, steps = steps_of(experiment)
        rate = experiment.optimizer.hyper().get("learning_rate", 0.0)
        experiment.schedule.call(rate, Span(per_epoch, steps))
        build(experiment, Mode.EVALUATE)
    except DataError as error:
        raise ConfigError([Mistake(("dataset",), error.message, error.hint)]) from None
    return built


def _wrong_with_warm_start(experiment: Experiment, built: Built) -> tuple[Mistake, ...]:
    """Said before anything is compiled, although the values are taken only then."""
    if experiment.warm_start is None:
        return ()
    from framework.train.warm_start import take  # reads checkpoints, which most runs need not to start

    try:
        take(experiment.warm_start, built)
    except ConfigError as error:
        return error.mistakes
    return ()


def prepare_sweep(arguments: Arguments) -> list[Composed]:
    """The configuration of every run of a sweep, all checked before any is started.

    Raises ConfigError with the mistakes of all of them.
    """
    if arguments.source.resume is not None:
        message = "a run goes on by itself; -m starts new ones"
        raise ConfigError([Mistake((), message, place=f"command line  resume={arguments.source.resume}")])
    loader, runs, wrong = Loader(arguments.source), [], []
    for overrides in expand(parse_overrides(arguments.overrides, is_sweep=True)):
        try:
            composed = compose(overrides, arguments.source, loader)
            checked(composed)
            runs.append(composed)
        except PlacedError as error:
            wrong.extend(error.placed)
        except ConfigError as error:
            wrong.extend((mistake, Origins()) for mistake in error.mistakes)
    if wrong:
        raise PlacedError(wrong)
    return runs


def start(trial: Trial) -> int:
    """Trains one run, or goes on with one; returns the exit status. Raises FrameworkError."""
    from framework.train.run import resume, run  # from here on JAX is needed

    if trial.folder is not None:
        return resume(trial.experiment, trial.folder, trial.composed)
    if trial.composed.run_dir is not None:
        return run(trial.experiment, Path(trial.composed.run_dir), trial.composed)
    folder = new_folder(trial, datetime.now())
    try:
        return run(trial.experiment, folder, trial.composed)
    finally:
        with suppress(OSError):
            folder.rmdir()  # stays unless the run failed before it wrote anything


def new_folder(trial: Trial, now: datetime) -> Path:
    """Makes `outputs/<date>/<time>-<name>`, with a number behind it when another run has just taken that."""
    choices = trial.composed.choices
    name = trial.experiment.name or choices.get("experiments") or f"{choices.get('model')}-{choices.get('dataset')}"
    path = Path("outputs", f"{now:%Y-%m-%d}", f"{now:%H-%M-%S}-{name.replace('/', '-')}")
    for folder in (path, *(path.with_name(f"{path.name}-{number}") for number in range(2, 1000))):
        try:
            folder.mkdir(parents=True)
            return folder
        except FileExistsError:
            continue
        except OSError as error:
            raise _no_folder(folder, error, "hydra.run.dir") from None
    raise RunFolderError(f"there are too many run folders like '{path}'")


def _no_folder(folder: Path, error: OSError, option: str) -> RunFolderError:
    return RunFolderError(f"cannot make the folder '{folder}': {error.strerror}; choose another with {option}=...")


def start_sweep(runs: Sequence[Composed], arguments: Arguments) -> int:
    """Hands the runs of a sweep to Hydra's launcher; the greatest exit status is the sweep's. Raises FrameworkError."""
    from hydra._internal.callbacks import Callbacks
    from hydra.core.plugins import Plugins

    loader = Loader(arguments.source)
    config = _sweep_config(arguments, loader)
    try:
        Path(config.hydra.sweep.dir).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _no_folder(Path(config.hydra.sweep.dir), error, "hydra.sweep.dir") from None
    launcher = Plugins.instance().instantiate_launcher(
        HydraContext(config_loader=loader, callbacks=Callbacks()), partial(run_trial, len(runs)), config
    )
    jobs = [[text for text in composed.overrides if not text.startswith("hydra")] for composed in runs]
    returned = launcher.launch(jobs, initial_job_idx=0)
    return max((job.return_value for job in returned), default=0)


def _sweep_config(arguments: Arguments, loader: Loader) -> DictConfig:
    """What Hydra's launcher wants to know. Raises ConfigError for options of Hydra that cannot be."""
    overrides = parse_overrides(arguments.overrides, is_sweep=True)
    of_hydra = [override.input_line or "" for override in overrides if override.is_hydra_override()]
    # Hydra's own lines about what it starts, and a second copy of the configuration, are not wanted.
    quiet = ["hydra/hydra_logging=none", "hydra/job_logging=none", "hydra.output_subdir=null"]
    try:
        config = loader.load_configuration(arguments.source.name, [*quiet, *of_hydra], RunMode.MULTIRUN)
        with open_dict(config):
            config.hydra.job.num = config.hydra.job.id = 0  # the folder of a run may be named by them
        HydraConfig.instance().set_config(config)
        OmegaConf.to_container(config.hydra.sweep, resolve=True)
    except (HydraException, OmegaConfBaseException) as error:
        place = f"command line  {' '.join(of_hydra)}" if of_hydra else "configuration"
        raise ConfigError([Mistake((), first_line(error), place=place)]) from None
    return config


def run_trial(trials: int, config: DictConfig) -> int:
    """Trains one run of a sweep, in whatever process the launcher chose for it; returns the exit status."""
    from framework.train.run import run

    job = HydraConfig.get()
    overrides = [text.lstrip("+") for text in job.overrides.task]
    print(f"run {job.job.num + 1} of {trials}  {' '.join(overrides)}", flush=True)

    def go() -> int:
        tree = OmegaConf.to_container(config, resolve=True)
        choices = {group: choice for group, choice in job.runtime.choices.items() if "hydra" not in group}
        composed = Composed(tree, Origins(), list(job.overrides.task), choices)  # type: ignore[arg-type]
        return run(check(composed.tree), Path(shown(Path(job.runtime.output_dir))), composed)

    status = answer(go)
    if status > 128:
        sys.exit(status)  # ends the sweep, and not this run alone
    return status
