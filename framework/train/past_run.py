"""A run folder, seen afterwards: its configuration, its variables, evaluation and prediction without training."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np

from framework.build import build
from framework.config.check import check
from framework.config.compose import Source, compose
from framework.config.experiment import Experiment
from framework.data.examine import check_values
from framework.data.recorded import read_recorded
from framework.errors import CheckpointError, ConfigError, DataError
from framework.graph import show
from framework.graph.shapes import fits
from framework.layers import Mode
from framework.registry import did_you_mean
from framework.runtime.program import State, get_program
from framework.train.averages import averaged
from framework.train.checkpoint import Checkpoint, saved
from framework.train.engine import use_device
from framework.train.evaluator import Evaluation, Evaluator, hyper_values
from framework.train.folder import require_within
from framework.train.status import Status

Which = Literal["latest", "best"]
_log = logging.getLogger("framework")


class Run:
    """A run in its folder.

    checkpoint: which one is used, `latest` or `best`. plugins: modules that the run names and that may be imported,
    beside those of the user's own configuration. Raises RunFolderError and ConfigError when it is no run's folder.
    """

    def __init__(self, folder: Path | str, checkpoint: Which = "latest", plugins: Sequence[str] = ()):
        self.folder, self.which = Path(folder), checkpoint
        require_within(self.folder)
        self.status = Status.read(self.folder)
        words = [f"plugins=[{','.join(plugins)}]"] if plugins else []
        experiment = check(compose(words, Source(resume=self.folder)).tree)
        recorded = read_recorded(self.status.group(self.folder) or self.folder)
        dataset = experiment.dataset.recorded(recorded) if recorded else experiment.dataset
        self.experiment: Experiment = experiment.model_copy(update={"dataset": dataset})
        try:
            use_device(self.experiment.trainer.device)
        except ConfigError:  # what was trained on one machine may be looked at on another
            _log.warning("'%s' ran on a %s, which is not here", folder, self.experiment.trainer.device)

    @cached_property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint that is used. Raises CheckpointError when there is none."""
        checkpoints = saved(self.folder, self.status)
        found = checkpoints.best() if self.which == "best" else checkpoints.latest()
        if found is None:
            raise CheckpointError(f"'{self.folder}' holds no whole {self.which} checkpoint")
        return found

    def evaluate(self, split: str = "test") -> Evaluation:
        """Losses and metrics over a split of the run's own data. Raises DataError when there is no such split."""
        data = self.experiment.dataset.load()
        if not data.examples(split):
            known = [name for name in data.splits if data.examples(name)]
            raise DataError(f"there is no split '{split}'{did_you_mean(split, known)}  known: {', '.join(known)}")
        return Evaluator(self.experiment)(self.checkpoint.state, data.splits[split], split)

    def evaluate_arrays(self, arrays: Mapping[str, np.ndarray], source: str = "the arrays") -> Evaluation:
        """Losses and metrics over arrays `feature -> [examples, ...]`, stored as the run's data are.

        source: where they come from, for messages. Raises DataError for arrays that do not fit, and values that cannot
        be evaluated.
        """
        evaluator = Evaluator(self.experiment)
        checked = self._checked(arrays, list(evaluator.built.features))
        check_values(checked, self.experiment.dataset.spec().dimensions.get("num_classes"), source)
        return evaluator(self.checkpoint.state, checked, source)

    def predict(self, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The outputs of the model for arrays `input -> [examples, ...]`: output -> `[examples, ...]`.

        Where an output has a number a class, `class` is the position of the greatest.
        """
        built = build(self.experiment, Mode.PREDICT)
        given = self._checked(arrays, list(built.features))
        hyper = hyper_values(built)
        program = get_program(built.graph, list(built.outputs.values()), [], [*built.features.values(), *hyper])
        variables = averaged(self.checkpoint.state)
        state: State = {name: variables[name] for name in program.lowering.variables.read}
        examples, size = len(next(iter(given.values()))), self.experiment.trainer.evaluation_batch
        parts: list[list[np.ndarray]] = []
        for start in range(0, examples, size):
            batch = {built.features[name]: array[start : start + size] for name, array in given.items()}
            values, _ = program.run(state, {**hyper, **batch}, 0)
            parts.append([np.asarray(value) for value in values])
        found = {
            name: np.concatenate(column) for name, column in zip(built.outputs, zip(*parts, strict=True), strict=True)
        }
        classes = self.experiment.dataset.spec().dimensions.get("num_classes")
        scores = [value for value in found.values() if value.ndim == 2 and value.shape[1] == classes]
        return {**found, "class": scores[0].argmax(1)} if len(scores) == 1 and "class" not in found else found

    def _checked(self, arrays: Mapping[str, np.ndarray], names: list[str]) -> dict[str, np.ndarray]:
        """The arrays that are needed, in the types they are fed in. Raises DataError."""
        features = self.experiment.dataset.spec().features
        found: dict[str, np.ndarray] = {}
        for name in names:
            if name not in arrays:
                raise DataError(
                    f"the model reads '{name}', which is not given{did_you_mean(name, arrays)}",
                    f"found: {', '.join(arrays)}",
                )
            array, feature = arrays[name], features[name]
            if not fits((None, *feature.shape), array.shape) or not len(array):
                raise DataError(f"'{name}' must be [examples, {show(feature.shape)[1:]}, found {show(array.shape)}")
            if array.dtype.kind not in "fiub" or not np.can_cast(array.dtype, feature.dtype.numpy, "same_kind"):
                raise DataError(f"'{name}' must be {feature.dtype} as in training, found {array.dtype}")
            found[name] = array.astype(feature.dtype.numpy)
        if len({len(array) for array in found.values()}) > 1:
            raise DataError(f"the arrays have different lengths: { {n: len(a) for n, a in found.items()} }")
        return found
