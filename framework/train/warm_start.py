"""Taking variables from the checkpoint of another run: which fit, which are not there, which have another shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from framework.build import Built
from framework.config.warm_start import WarmStart, starts
from framework.errors import ConfigError, Mistake, RunFolderError
from framework.graph import TensorSpec, show
from framework.registry import did_you_mean, listed
from framework.train.averages import averaged
from framework.train.checkpoint import Checkpoint, Checkpoints
from framework.train.stack import stacked
from framework.train.status import Status

_PATH = ("warm_start",)


@dataclass(frozen=True)
class Taken:
    """What a run begins with.

    arrays: variable -> its first value. missing: variables that were asked for and that the other run does not have.
    left: variables that were not asked for.
    """

    arrays: dict[str, np.ndarray]
    missing: list[str]
    left: list[str]

    def lines(self, warm_start: WarmStart) -> list[str]:
        """What there is to say of it."""
        found = [f"{_variables(len(self.arrays))} taken from '{warm_start.run}'"]
        if self.missing:
            found.append(f"not found there, and drawn anew: {', '.join(self.missing)}")
        if self.left:
            found.append(f"left out by warm_start.parameters, and drawn anew: {', '.join(self.left)}")
        return found


def take(warm_start: WarmStart, built: Built) -> Taken:
    """The values that the variables of a training graph begin with. Raises ConfigError with all that is wrong."""
    there = averaged(_checkpoint(warm_start).state)
    here = {name: spec for name, spec in {**built.parameters, **built.state}.items() if name not in built.statistics}
    wanted = [name for name in here if warm_start.takes(name)]
    found = {name: there[warm_start.source(name)] for name in wanted if warm_start.source(name) in there}
    mistakes = [
        *_unmatched(warm_start, here, found),
        *_unknown_names(warm_start, here, there),
        *_other_shapes(warm_start, here, found),
    ]
    if mistakes:
        raise ConfigError(mistakes)
    arrays = {name: array.astype(here[name].dtype.numpy) for name, array in found.items()}
    return Taken(arrays, [n for n in wanted if n not in found], [n for n in here if n not in wanted])


def _checkpoint(warm_start: WarmStart) -> Checkpoint:
    folder = Path(warm_start.run)
    try:
        stack = stacked(folder, Status.read(folder))
    except RunFolderError:  # the checkpoints alone are enough
        stack = None
    if stack is None and not (folder / "checkpoints").is_dir():
        message = f"'{folder}' is no run folder: it has no checkpoints"
        raise ConfigError([Mistake((*_PATH, "run"), message, "such as outputs/<date>/<time>-<name>")])
    checkpoints = Checkpoints(folder / "checkpoints", 1, stack)
    found = checkpoints.best() if warm_start.checkpoint == "best" else checkpoints.latest()
    if found is None:
        message = f"'{folder}' holds no whole {warm_start.checkpoint} checkpoint"
        raise ConfigError([Mistake((*_PATH, "checkpoint"), message)])
    return found


def _unmatched(
    warm_start: WarmStart, here: Mapping[str, TensorSpec], found: Mapping[str, np.ndarray]
) -> Iterator[Mistake]:
    """Patterns that match nothing here, or nothing that the other run has."""
    for position, pattern in enumerate(warm_start.patterns()):
        alone = WarmStart(run=warm_start.run, parameters=pattern.removeprefix("!"))
        matched = [name for name in here if alone.takes(name)]
        path = (*_PATH, "parameters", *([] if isinstance(warm_start.parameters, str) else [str(position)]))
        if not matched:
            known = listed(pattern, here)
            yield Mistake(path, f"the pattern '{pattern}' matches no variable of this network  variables: {known}")
        elif not pattern.startswith("!") and not any(name in found for name in matched):
            sources = [warm_start.source(name) for name in matched]
            message = f"'{warm_start.run}' has none of the variables that '{pattern}' stands for: {', '.join(sources)}"
            yield Mistake(path, message, "where they have other names there, say so by warm_start.rename")


def _unknown_names(
    warm_start: WarmStart, here: Mapping[str, TensorSpec], there: Mapping[str, np.ndarray]
) -> Iterator[Mistake]:
    """Beginnings of names that no variable has."""
    for new, old in warm_start.rename.items():
        for beginning, names, where in ((new, here, "this network"), (old, there, f"'{warm_start.run}'")):
            if not any(starts(name, beginning) for name in names):
                near = did_you_mean(beginning, {name.rpartition("/")[0] for name in names})
                message = f"no variable of {where} has a name that begins with '{beginning}/'{near}"
                yield Mistake((*_PATH, "rename", new), message)


def _other_shapes(
    warm_start: WarmStart, here: Mapping[str, TensorSpec], found: Mapping[str, np.ndarray]
) -> Iterator[Mistake]:
    other = {name: array.shape for name, array in found.items() if array.shape != here[name].shape}
    if other:
        listing = ", ".join(
            f"{name} {show(here[name].shape)} here, {show(shape)} there" for name, shape in other.items()
        )
        layers = dict.fromkeys(name.rpartition("/")[0] for name in other)
        left_out = [*warm_start.patterns(), *(f"!{layer}/*" for layer in layers)]
        message = f"{_variables(len(other))} of another shape in '{warm_start.run}': {listing}"
        yield Mistake((*_PATH, "parameters"), message, f"leave them out: warm_start.parameters={left_out}")


def _variables(count: int) -> str:
    return f"{count} variable{'s are' if count != 1 else ' is'}"
