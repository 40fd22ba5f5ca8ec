"""Optuna's samplers and pruners by their names, and its study kept in the sweep's folder."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from framework.config.sweep import Search
from framework.errors import ConfigError, Mistake
from framework.registry import did_you_mean
from framework.sweep.ledger import SweepError
from framework.sweep.space import Dimension

JOURNAL = "search.journal"
_NAME = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def load() -> Any:
    """The library. Raises SweepError where it is not installed."""
    try:
        import optuna
    except ImportError:
        raise SweepError("a search needs Optuna: pip install 'graphwright[search]'") from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def check(search: Search) -> None:
    """Raises ConfigError for a sampler or pruner that there is not, or that does not take what it is given."""
    mistakes: list[Mistake] = []
    for kind, given in (("sampler", search.sampler), ("pruner", search.pruner)):
        if given is not None:
            try:
                _made(kind, given)
            except ConfigError as error:
                mistakes += error.mistakes
    if mistakes:
        raise ConfigError(mistakes)


def open_study(path: Path, search: Search, *, maximise: bool) -> Any:
    """The study in the folder of a sweep, a new one or that of before."""
    optuna = load()
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    file = str(path / JOURNAL)
    storage = JournalStorage(JournalFileBackend(file, lock_obj=JournalFileOpenLock(file)))
    direction = "maximize" if maximise else "minimize"
    study = optuna.create_study(storage=storage, study_name="sweep", direction=direction, load_if_exists=True)
    tried = len(study.get_trials(deepcopy=False))
    study.sampler = _made("sampler", search.sampler, seed=tried)  # another, where a search goes on
    study.pruner = optuna.pruners.NopPruner() if search.pruner is None else _made("pruner", search.pruner)
    return study


def suggest(trial: Any, dimension: Dimension) -> Any:
    """The value that a trial of Optuna's has for a dimension."""
    if dimension.choices:
        return dimension.choices[trial.suggest_categorical(dimension.key, list(range(len(dimension.choices))))]
    ends = (dimension.key, dimension.low, dimension.high)
    if dimension.is_integer:
        return trial.suggest_int(*ends, step=int(dimension.step or 1), log=dimension.log)
    return trial.suggest_float(*ends, step=dimension.step, log=dimension.log)


def _made(kind: str, given: Mapping[str, Any], **also: Any) -> Any:
    """A sampler or pruner. also: arguments that it is given where it takes them, and nothing else is said."""
    known, path = _classes(kind), ("sweep", "search", kind)
    name = given.get("type")
    if name not in known:
        message = f"there is no {kind} '{name}'{did_you_mean(str(name), known)}  known: {', '.join(sorted(known))}"
        raise ConfigError([Mistake((*path, "type"), message)])
    options = {key: value for key, value in given.items() if key != "type"}
    takes = inspect.signature(known[name]).parameters
    mistakes = [
        Mistake(
            (*path, key), f"{kind} {name} has no option '{key}'{did_you_mean(key, takes)}  known: {', '.join(takes)}"
        )
        for key in options
        if key not in takes
    ]
    if mistakes:
        raise ConfigError(mistakes)
    try:
        return known[name](**{key: value for key, value in also.items() if key in takes} | options)
    except ImportError as error:
        raise ConfigError([Mistake(path, f"{kind} {name} needs another package: {error}")]) from None
    except (TypeError, ValueError) as error:
        raise ConfigError([Mistake(path, f"{kind} {name} cannot be made: {error}")]) from None


def _classes(kind: str) -> dict[str, Any]:
    """Name -> class: `tpe`, `random`, `cma_es`; `median`, `successive_halving`."""
    optuna = load()
    module, suffix = getattr(optuna, f"{kind}s"), kind.capitalize()
    names = [n for n in module.__all__ if n.endswith(suffix) and not n.startswith(("Base", "PartialFixed", "Nop"))]
    return {_NAME.sub("_", name.removesuffix(suffix)).lower(): getattr(module, name) for name in names}
