"""Evaluation: losses and metrics over all examples of a split, exact whatever the batch."""

from __future__ import annotations

import copy
import logging
import math
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

import jax
import numpy as np

from framework.build import Built, build
from framework.config.experiment import Experiment
from framework.data import evaluation_batches
from framework.layers import Mode
from framework.layers.gathered import Table, UndefinedMetricError
from framework.runtime.choice import Kept
from framework.runtime.evaluation import Array
from framework.runtime.program import Program, get_program
from framework.train.averages import averaged

T = TypeVar("T")
_MOST_CALLS = 8  # in place of one
_log = logging.getLogger("framework")


class Evaluation(dict[str, float]):
    """The losses and metrics of a split, by name. tables: those metrics that are tables."""

    def __init__(self, numbers: Mapping[str, float], tables: Mapping[str, Table]):
        super().__init__(numbers)
        self.tables = dict(tables)

    def of(self, split: str) -> Evaluation:
        """The same under the names `<split>/<name>`."""
        numbers = {f"{split}/{name}": number for name, number in self.items()}
        return Evaluation(numbers, {f"{split}/{name}": table for name, table in self.tables.items()})


class Batch(NamedTuple):
    """What an evaluation runs next. feeds: the examples and their weights. own: the runtime values."""

    program: Program
    feeds: Mapping[str, np.ndarray]
    own: Mapping[str, np.ndarray]


class Evaluator:
    """Losses and metrics of an experiment over whole splits. kept: see `Engine`."""

    def __init__(self, experiment: Experiment, kept: Kept | None = None):
        self.kept = kept
        self.built = build(experiment, Mode.EVALUATE)
        self._most = experiment.trainer.evaluation_batch
        sizes = experiment.dataset.spec().sizes
        self._least = min((sizes[split] for split in ("validation", "test") if sizes.get(split)), default=0)
        reports = self.built.reports.values()
        self._totals = [r.total for r in reports if r.total]
        self._offsets = [r.offset for r in reports if r.offset]
        self._gathered = [tensor.name for found in self.built.gathered.values() for tensor in found.tensors.values()]
        self._hyper = hyper_values(self.built)
        self._warned: set[str] = set()
        self._programs: dict[tuple[str, ...], Program] = {}

    def fed(self, hyper: Mapping[str, float | int]) -> Evaluator:
        """The same with other runtime values; names that the graph does not know are passed over."""
        other = copy.copy(self)
        known = {name: number for name, number in hyper.items() if name in self.built.hyper}
        other.built = replace(self.built, hyper={**self.built.hyper, **known})
        other._hyper = hyper_values(other.built)
        return other

    def __call__(
        self, state: Mapping[str, jax.Array | np.ndarray], split: Mapping[str, np.ndarray], name: str = "the data"
    ) -> Evaluation:
        """Losses and metrics over `split` (feature -> `[examples, ...]`), which warnings call `name`.

        A metric that is undefined for these examples is NaN, with one warning. Raises DataError for labels that cannot
        be.
        """
        steps = self.steps(split, name)
        try:
            batch = next(steps)
            variables = averaged(state)
            known = {variable: variables[variable] for variable in batch.program.lowering.variables.read}
            while True:
                values, _ = batch.program.run(known, {**batch.own, **batch.feeds}, 0)
                batch = steps.send(values)
        except StopIteration as end:
            return end.value

    def steps(
        self, split: Mapping[str, np.ndarray], name: str = "the data"
    ) -> Generator[Batch, Sequence[Array], Evaluation]:
        """The same without the state: gives what is to be run, takes what it fetched, and returns what came of it."""
        arrays = placeholders(self.built, split)
        examples = len(next(iter(split.values())))
        weights_name = self.built.weights or ""
        program = self._program(arrays)
        sums = dict.fromkeys([*self._totals, *self._offsets], 0.0)
        parts: list[list[np.ndarray]] = []
        for rows, weights in evaluation_batches(examples, self.batch(examples)):
            batch = {tensor: array[rows] for tensor, array in arrays.items()}
            values = yield Batch(program, {**batch, weights_name: weights}, self._hyper)
            numbers = [float(value) for value in values[: len(sums)]]
            for tensor, number in zip(self._totals, numbers, strict=False):
                sums[tensor] += number
            # What does not depend on the examples is the same in every batch.
            sums.update(zip(self._offsets, numbers[len(self._totals) :], strict=True))
            parts.append([np.asarray(value)[weights > 0] for value in values[len(sums) :]])
        means = {
            report: (sums[r.total] / examples if r.total else 0.0) + (sums[r.offset] if r.offset else 0.0)
            for report, r in self.built.reports.items()
        }
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        return self._with_gathered(means, columns, name)

    def batch(self, examples: int) -> int:
        """How many examples a call takes of so many: of the splits that are held out the same, so that one program
        serves both, unless the greater one would need many calls more.
        """
        own, shared = min(self._most, examples), min(self._most, self._least)
        return shared if shared and own <= _MOST_CALLS * shared <= _MOST_CALLS * examples else own

    def compile(self, split: Mapping[str, jax.ShapeDtypeStruct]) -> None:
        """Compiles what a call needs for such a split: feature -> its type and shape `[examples, ...]`."""
        arrays = placeholders(self.built, split)
        batch = self.batch(next(iter(split.values())).shape[0])
        feeds = {
            tensor: jax.ShapeDtypeStruct((batch, *whole.shape[1:]), whole.dtype) for tensor, whole in arrays.items()
        }
        weights = {self.built.weights or "": jax.ShapeDtypeStruct((batch,), np.float32)}
        self._program(arrays).compile({**self._hyper, **feeds, **weights})

    def _program(self, arrays: Iterable[str]) -> Program:
        """The program for what is fed, found once."""
        feeds = (*arrays, self.built.weights or "", *self._hyper)
        if feeds not in self._programs:
            fetches = [*self._totals, *self._offsets, *self._gathered]
            self._programs[feeds] = get_program(self.built.graph, fetches, [], feeds, kept=self.kept)
        return self._programs[feeds]

    def _with_gathered(self, means: Mapping[str, float], columns: Iterable[np.ndarray], split: str) -> Evaluation:
        """The means and, of what was gathered of every example, the other metrics."""
        numbers, remaining = dict(means), iter(columns)
        tables: dict[str, Table] = {}
        for name, gathered in self.built.gathered.items():
            arrays = {tensor: next(remaining) for tensor in gathered.tensors}
            try:
                found = gathered.compute(**arrays)
            except UndefinedMetricError as error:
                found = math.nan
                self._warn(f"{split}/{name} is undefined, and reported as nan: {error}")
            if isinstance(found, Table):
                tables[name] = found
            else:
                numbers[name] = found
        return Evaluation(numbers, tables)

    def _warn(self, message: str) -> None:
        """Says what is wrong once, however often the same split is evaluated."""
        if message not in self._warned:
            self._warned.add(message)
            _log.warning(message)


def placeholders(built: Built, split: Mapping[str, T]) -> dict[str, T]:
    """Placeholder -> array, or what stands for one, for the features that a graph reads."""
    return {tensor: split[feature] for feature, tensor in built.features.items()}


def hyper_values(built: Built) -> dict[str, np.ndarray]:
    """Tensor name -> runtime value, with the type that the graph declares."""
    return {name: np.asarray(number, built.graph.spec(name).dtype.numpy) for name, number in built.hyper.items()}
