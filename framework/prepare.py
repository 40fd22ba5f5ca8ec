"""A configuration, checked as a whole and built, before anything is compiled or made on disk. No JAX."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framework.build import Built, build
from framework.config.check import check
from framework.config.compose import Composed
from framework.config.experiment import Experiment
from framework.config.origins import PlacedError
from framework.config.pointing import pointed
from framework.errors import ConfigError, DataError, Mistake
from framework.layers import Mode
from framework.optimizers import Span
from framework.plan import steps_of


@dataclass(frozen=True)
class Trial:
    """A run that has been checked: what it is, how its configuration came about, and the graph that it will train.

    folder: of the run that goes on, where it is no new one.
    """

    experiment: Experiment
    composed: Composed
    built: Built
    folder: Path | None = None


def checked(composed: Composed, *, is_new: bool = True, experiment: Experiment | None = None) -> Trial:
    """The run that a configuration describes, once its graphs have been built. Raises ConfigError.

    is_new: whether it begins with what other runs have left, rather than going on with its own. experiment: what the
    configuration describes, where that is known already.
    """
    wrong: list[Mistake] = []
    built: Built | None = None
    try:
        experiment = experiment or check(composed.tree)
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
        raise _placed(wrong, composed)
    return Trial(experiment, composed, built)


@contextmanager
def placing(composed: Composed) -> Iterator[None]:
    """What is found wrong with a configuration within is raised with the places of its mistakes, as a PlacedError."""
    try:
        yield
    except PlacedError:
        raise
    except ConfigError as error:
        raise _placed(error.mistakes, composed) from None


def _placed(mistakes: Iterable[Mistake], composed: Composed) -> PlacedError:
    return PlacedError((pointed(mistake, composed.tree, composed.origins), composed.origins) for mistake in mistakes)


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
        if experiment.trainer.early_stop is not None and not experiment.dataset.spec().sizes.get("validation"):
            message = f"there is no validation split, so '{experiment.trainer.early_stop.monitor}' is never known"
            hint = "hold one out: dataset.validation_fraction=0.1"
            raise ConfigError([Mistake(("trainer", "early_stop"), message, hint)])
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
