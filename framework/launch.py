"""From the command line to a run: everything is composed, checked and built before anything is made on disk.

Exit status: 0 done; 1 failed; 2 a mistake in the configuration, the data or the arguments; 128 + n stopped by signal
n, with a checkpoint to go on from.

Hydra's own application never starts, for it would stop at the first mistake, make folders before anything is checked,
and build whatever the configuration names. Of Hydra run the loader, before, and for a sweep its launcher: the one of
this process, or an installed plugin such as `hydra/launcher=joblib`.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import HydraContext, RunMode
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException
from pydantic import ValidationError

from framework.config.arguments import Arguments, parse
from framework.config.compose import compose
from framework.config.interpolations import first_line
from framework.config.loader import AUTO, Loader, Source
from framework.config.origins import PlacedError
from framework.config.overrides import parse as parse_overrides
from framework.config.report import print_screen, screen
from framework.config.sayings import translate
from framework.config.sweep import Sweep
from framework.config.yaml_file import shown
from framework.errors import ConfigError, DataError, FrameworkError, Mistake, RunFolderError
from framework.prepare import Trial, checked, placing
from framework.sweep.expansion import Expansion, expand_sweep
from framework.sweep.trial import Trial as FrozenTrial

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
_OF_LAUNCHER = ("hydra/launcher", "hydra.launcher.")


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
    trial = _prepared(overrides, source)
    for held in (trial.composed.tree, trial.composed.choices):
        held.pop("sweep", None)  # a run by itself is the same, however a sweep would be run
    return trial


def _prepared(overrides: Sequence[str], source: Source) -> Trial:
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


def prepare_sweep(arguments: Arguments) -> Expansion:
    """Every trial of a sweep, checked and frozen before any is started, without JAX.

    Raises ConfigError with the mistakes of all of them.
    """
    return expand_sweep(arguments)


def resumed_options(arguments: Arguments) -> dict[str, Any]:
    """The options of a sweep that goes on, where they are given anew. Raises ConfigError for all but a launcher."""
    options, mistakes = {}, []
    for override in parse_overrides(arguments.overrides):
        key, place = override.key_or_group, f"command line  {override.input_line}"
        if key.startswith("sweep."):
            options[key.removeprefix("sweep.")] = override.value()
        elif not key.startswith(_OF_LAUNCHER):
            message = (
                "the trials of a sweep were frozen when it began; of one that goes on, only sweep.* and a launcher "
                "may be given"
            )
            mistakes.append(Mistake((), message, place=place))
    try:
        Sweep.model_validate({key: value for key, value in options.items() if "." not in key})
    except ValidationError as error:
        places = {override.partition("=")[0].removeprefix("sweep."): override for override in arguments.overrides}
        for mistake in translate(error, Sweep, options, "sweep"):
            place = f"command line  {places.get(mistake.path[0], 'sweep')}"
            mistakes.append(Mistake((), mistake.message, mistake.hint, place=place))
    if mistakes:
        raise ConfigError(mistakes)
    return options


def start(trial: Trial) -> int:
    """Trains one run, or goes on with one; returns the exit status. Raises FrameworkError."""
    from framework.train.run import resume, run  # from here on JAX is needed

    _collect_garbage()
    with placing(trial.composed):
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


def _collect_garbage() -> None:
    """From here on, and without looking at what has been imported."""
    gc.freeze()
    gc.enable()


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


def start_sweep(arguments: Arguments) -> int:
    """Runs a sweep, or goes on with one; returns the exit status. Raises FrameworkError."""
    _collect_garbage()
    resumed = arguments.source.resume
    arguments = replace(arguments, source=replace(arguments.source, resume=None))
    if resumed is not None and resumed != AUTO:
        return _go_on(resumed, arguments)
    expansion = prepare_sweep(arguments)
    loader = Loader(arguments.source)
    config = _sweep_config(arguments, loader)
    _check_launcher(expansion.sweep, config)
    if resumed is not None:
        folder = _newest_sweep(arguments, expansion)
        if folder is not None:
            again = [word for word in arguments.overrides if word.startswith(("sweep.", *_OF_LAUNCHER))]
            return _go_on(folder, replace(arguments, overrides=tuple(again)))
    if expansion.sweep.processes is None and _runs_here(config):
        _require_devices(arguments, expansion.trials)
    expansion = replace(expansion, trials=list(_in_folders(expansion.trials, config)))
    for line in left_out(expansion):
        print(line, file=sys.stderr, flush=True)
    if expansion.sweep.search is not None:
        from framework.sweep.search import run_search

        return run_search(arguments, expansion, Path(config.hydra.sweep.dir))
    from framework.sweep.run import run_sweep

    path = Path(config.hydra.sweep.dir)
    return run_sweep(expansion, path, arguments.overrides, _launcher_of(config, loader))


def _go_on(folder: Path, arguments: Arguments) -> int:
    """Goes on with the sweep in a folder. arguments: what is given anew."""
    options = resumed_options(arguments)
    given = [word for word in arguments.overrides if word.startswith(_OF_LAUNCHER)]
    loader = Loader(arguments.source)
    config = _sweep_config(replace(arguments, overrides=tuple(given)), loader)
    from framework.sweep.run import resume_sweep

    return resume_sweep(folder, options, _launcher_of(config, loader))


def _newest_sweep(arguments: Arguments, expansion: Expansion) -> Path | None:
    """The newest unfinished sweep of these trials, in the folder that is given or else below `multirun`."""
    from framework.sweep.unfinished import newest_unfinished

    given = [word.partition("=")[2] for word in arguments.overrides if word.startswith("hydra.sweep.dir=")]
    folder = newest_unfinished(Path(given[-1] if given else "multirun"), expansion, arguments.overrides)
    print(
        f"going on with {shown(folder)}" if folder else "no unfinished sweep of these trials; starting one", flush=True
    )
    return folder


def _require_devices(arguments: Arguments, trials: Iterable[FrozenTrial]) -> None:
    """Raises ConfigError when this machine has not every device that trials ask for."""
    from framework.train.engine import find_device

    for name in dict.fromkeys(trial.experiment.trainer.device for trial in trials):
        try:
            find_device(name)
        except ConfigError as error:
            typed = [word for word in arguments.overrides if word.startswith("trainer.device=")]
            place = f"command line  {typed[-1]}" if typed else None
            raise ConfigError(replace(mistake, place=place) for mistake in error.mistakes) from None


def _check_launcher(sweep: Sweep, config: DictConfig) -> None:
    """Raises ConfigError for a launcher where the sweep would not use it."""
    if _runs_here(config):
        return
    for option, what in (("processes", "runs the trials itself"), ("search", "runs one trial after the other")):
        if getattr(sweep, option) is not None:
            message = f"sweep.{option} {what}, so that a launcher of Hydra's would do nothing; leave out one of the two"
            raise ConfigError([Mistake((), message, place="command line  hydra/launcher")])


def _launcher_of(config: DictConfig, loader: Loader) -> Callable[[Callable[[Any], int]], Any] | None:
    """Makes the launcher that was chosen, see `run_sweep`; None for Hydra's basic one."""
    return None if _runs_here(config) else partial(_launcher, loader, config)


def left_out(expansion: Expansion) -> Iterator[str]:
    """What is said of combinations that are not run."""
    for one in expansion.invalid:
        yield f"left out  {' '.join(one.changed)}"
    if expansion.invalid:
        mistakes = PlacedError(mistake for one in expansion.invalid for mistake in one.mistakes)
        yield screen(mistakes).rpartition("\n")[0]  # without that nothing was run
    if expansion.repeated:
        yield f"{expansion.repeated} combinations were there already, and run once"


def _runs_here(config: DictConfig) -> bool:
    """Whether the launcher is Hydra's basic one, in whose place the sweep runs its trials itself."""
    return config.hydra.launcher.get("_target_", "").endswith("basic_launcher.BasicLauncher")


def _launcher(loader: Loader, config: DictConfig, task: Callable[[Any], int]) -> Any:
    """The launcher that the configuration chose, for a function that it calls for each job."""
    from hydra._internal.callbacks import Callbacks
    from hydra.core.plugins import Plugins

    context = HydraContext(config_loader=loader, callbacks=Callbacks())
    return Plugins.instance().instantiate_launcher(context, task, config)


def _in_folders(trials: Iterable[FrozenTrial], config: DictConfig) -> Iterator[FrozenTrial]:
    """The trials in the folders that `hydra.sweep.subdir` names. Raises ConfigError when two have one."""
    named = OmegaConf.create({"hydra": OmegaConf.to_container(config.hydra, resolve=False)})
    pattern = OmegaConf.to_container(named, resolve=False)["hydra"]["sweep"]["subdir"]  # type: ignore[call-overload, index]
    taken: dict[str, FrozenTrial] = {}
    for trial in trials:
        folder = trial.folder
        if pattern != "${hydra.job.num}":
            named.hydra.job.num, named.hydra.job.id = trial.position, str(trial.position)
            named.hydra.overrides.task = list(trial.changed)
            named.hydra.job.override_dirname = ",".join(trial.changed)
            folder = str(named.hydra.sweep.subdir)
        if folder in taken:
            message = f"two trials would be kept in the folder '{folder}'"
            hint = "such as hydra.sweep.subdir='${hydra.job.num}'"
            raise ConfigError([Mistake((), message, hint, place=f"command line  hydra.sweep.subdir={pattern}")])
        taken[folder] = replace(trial, folder=folder)
        yield taken[folder]


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
    folders = OmegaConf.to_container(config.hydra.sweep, resolve=False)
    mistakes = [
        Mistake((), "must be the path of a folder, found nothing", f"such as hydra.sweep.{key}={example}", place=place)
        for key, example in (("dir", "multirun/first"), ("subdir", "'${hydra.job.num}'"))
        if not str(folders[key] or "").strip()  # type: ignore[call-overload, index]
        for place in [f"command line  hydra.sweep.{key}="]
    ]
    if mistakes:
        raise ConfigError(mistakes)
    return config
