"""The engine of a run: its programs and its data, behind three calls: initialise, advance, evaluate.

All effects that a user sees (files, the terminal) are elsewhere; the engine only turns a state into the next.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from framework.build import build
from framework.build.values import with_values
from framework.config.experiment import Experiment
from framework.data import Data, Rows, Sampler
from framework.data.statistics import balance
from framework.errors import ConfigError, Mistake
from framework.graph.hyper import SCOPE
from framework.layers import Mode
from framework.runtime.choice import Choice, Kept, choices, count
from framework.runtime.program import Program, Source, State, current_platform, get_program
from framework.runtime.schedules import evaluate as evaluate_schedule
from framework.train.ahead import Ahead
from framework.train.evaluator import Evaluation, Evaluator, hyper_values, placeholders
from framework.train.records import Records
from framework.train.views import Views

RATE = f"{SCOPE}optimizer/learning_rate:0"
_DEVICE_DATA_LIMIT = 2 << 30  # bytes of training data that are put on the device whole
REPORT_LIMIT = 4 << 20  # bytes of reports that a piece holds until it ends
_NONE = np.zeros(0, np.int64)
PIECE_SECONDS = 1.0  # how long the program runs before it looks up for a signal or to show its progress


class _Epoch(NamedTuple):
    """What an epoch's steps are fed beside the data."""

    number: int
    rows: Rows
    rates: np.ndarray | None


@dataclass
class _Pace:
    """How long a step takes, as last measured; 0 before."""

    seconds_per_step: float = 0.0


class Engine:
    """The programs of an experiment over its data.

    data: by default those of the experiment, read by `prepare` or when they are first asked for.
    execution: `loop` (a stretch of steps is one call) or `step` (one call each); what `auto` means is decided here.
    kept: op -> names of the kernels that a run began with, which are chosen again where they are there.
    kernels: op -> name of a kernel -> how many nodes of the training graph it computes, where there is a choice.
    like: another engine over the same data, of an experiment of the same structure, whose programs this one shares,
    with what lies on the device and what was measured of them.
    Raises ConfigError as `build` does, and when the device asked for is not there.
    """

    def __init__(
        self,
        experiment: Experiment,
        data: Data | None = None,
        execution: str | None = None,
        kept: Kept | None = None,
        like: Engine | None = None,
    ):
        use_device(experiment.trainer.device)
        trainer = experiment.trainer
        self.experiment, self._data = experiment, data
        known = None if like is None else with_values(like.built, like.experiment, experiment)
        self.built = known or build(experiment, Mode.TRAIN)
        self._like = like if like is not None and like.built.fingerprint == self.built.fingerprint else None
        self.examples = next((array.shape[0] for array in self._shapes("train").values()), 0)
        self.sampler = Sampler(
            self.examples, trainer.batch_size, experiment.seed, shuffle=trainer.shuffle, drop_last=trainer.drop_last
        )
        self.steps_per_epoch = self.sampler.steps_per_epoch
        self.total_steps = trainer.steps or (trainer.epochs or 0) * self.steps_per_epoch
        self._known_epoch: _Epoch | None = None
        if self._like is not None and (self._like.kept, execution) == (kept, None):
            self.kept, self.kernels, self.execution = kept, self._like.kernels, self._like.execution
        else:
            self.kept, chosen = kept, list(choices(self.built.graph, current_platform(), kept))
            self.kernels = count(chosen, current_platform())
            self.execution = execution or self._choose_execution(chosen)
        self._pace = _Pace() if self._like is None else self._like._pace
        self._ahead = Ahead() if self._like is None else self._like._ahead

    @property
    def data(self) -> Data:
        """The arrays. Raises DataError where they are read, and cannot be."""
        if self._data is None:
            self._data = self.experiment.dataset.load()
        return self._data

    def _choose_execution(self, kernels: Iterable[Choice]) -> str:
        if self.experiment.trainer.execution != "auto":
            return self.experiment.trainer.execution
        arrays = placeholders(self.built, self._shapes("train")).values()
        size = sum(array.size * array.dtype.itemsize for array in arrays)
        is_slow = any(current_platform() in kernel.slow_in_loop for _, kernel in kernels)
        return "step" if is_slow or size > _DEVICE_DATA_LIMIT else "loop"

    # -- programs -------------------------------------------------------------------------------------------------

    @property
    def fetches(self) -> list[str]:
        """The tensors that every training step reports."""
        return [report.mean for report in self.built.reports.values()]

    @property
    def feeds(self) -> list[str]:
        """The tensors that every training step is fed."""
        weights = [self.built.weights] if self.built.weights else []
        return [*self.built.features.values(), *weights, *self.built.hyper]

    @cached_property
    def program(self) -> Program:
        """One training step: the reported numbers and the train op."""
        return get_program(self.built.graph, self.fetches, [self.built.train_op or ""], self.feeds, kept=self.kept)

    @cached_property
    def program_with_histograms(self) -> Program:
        """The same step with the histograms beside it."""
        more = [tensor for three in self.built.histograms.values() for tensor in three]
        return get_program(
            self.built.graph, [*self.fetches, *more], [self.built.train_op or ""], self.feeds, kept=self.kept
        )

    @property
    def compilations(self) -> int:
        """Executables made for training so far, by anyone who shares these programs."""
        programs = [self.program, *([self.program_with_histograms] if self.built.histograms else [])]
        return sum(program.compilations for program in programs)

    @cached_property
    def hyper(self) -> dict[str, np.ndarray]:
        """Runtime values by tensor name, with the types that the graph declares."""
        return hyper_values(self.built)

    def prepare(self) -> None:
        """Reads the data, while a thread compiles what trains and what evaluates. Raises DataError."""
        program = self._usual_program
        self._ahead.begin({"train": lambda: self._compile_training(program), **self._to_evaluate()})
        try:
            self._data = self._data or self.experiment.dataset.load()
        except BaseException:
            self._ahead.skip()
            raise

    def prepare_evaluation(self) -> None:
        """Lets a thread compile what evaluates, while this one trains."""
        self._ahead.begin(self._to_evaluate())

    def _to_evaluate(self) -> dict[str, Callable[[], None]]:
        held_out = self._shapes("validation") or self._shapes("test")
        return {"evaluate": lambda: self.evaluator.compile(held_out)} if held_out else {}

    def _compile_training(self, program: Program) -> None:
        data = placeholders(self.built, self._shapes("train"))
        source = self._source(self._epoch(0), data)
        if self.execution == "loop":
            program.compile_stretch(source, self._buffers(program))
            return
        series = {name: array[0] for name, array in source.series.items()}
        if source.rows is not None:
            batch = self.sampler.batch
            data = {name: jax.ShapeDtypeStruct((batch, *array.shape[1:]), array.dtype) for name, array in data.items()}
        program.compile({**self.hyper, **series, **data})

    # -- state ----------------------------------------------------------------------------------------------------

    def initialize(self, first: Mapping[str, np.ndarray] | None = None) -> State:
        """The first state: variables drawn by the run's seed, and what was learned of the training data.

        first: variable -> what it begins with instead; averages and slots begin accordingly.
        """
        given = {self.built.initial[variable]: array for variable, array in (first or {}).items()}
        program = get_program(self.built.graph, [], [self.built.init_op or ""], [*self.hyper, *given])
        _, state = program.run({}, {**self.hyper, **given}, 0)
        for variable, (feature, role) in self.built.statistics.items():
            state[variable] = jnp.asarray(self._learned(variable, feature, role), jnp.float32)
        return state

    def _learned(self, variable: str, feature: str, role: str) -> np.ndarray:
        """What a variable holds that was learned of the training split."""
        if role == "balance":
            (categories,) = self.built.state[variable].shape or (0,)
            return balance(self.data.splits["train"][feature], categories or 0)
        mean, scale = self.data.statistics[feature]
        return mean if role == "mean" else scale

    # -- training -------------------------------------------------------------------------------------------------

    def advance(
        self,
        state: State,
        start: int,
        stop: int,
        is_stopping: Callable[[], bool],
        *,
        watched: np.ndarray = _NONE,
    ) -> tuple[State, Records]:
        """Trains from step `start` towards step `stop`, at most to the end of the epoch.

        Returns early, after some whole number of steps, when about a second has passed or `is_stopping`
        answers yes. The state given must not be used again. watched: the steps, counted from 1, that report histograms
        where the graph has any. Where it is cut never changes a bit of the result.
        """
        self._ahead.wait_for("train")
        epoch, position = divmod(start, self.steps_per_epoch)
        end = min(position + stop - start, self.steps_per_epoch, position + self._piece())
        is_watched = np.isin(np.arange(position, end) + start - position + 1, watched) & bool(self.built.histograms)
        other = np.flatnonzero(is_watched != is_watched[0])
        end = position + int(other[0]) if len(other) else end
        program = self.program_with_histograms if is_watched[0] else self.program
        # Histograms of some steps are not worth a loop of their own, which would have to be compiled.
        is_loop = self.execution == "loop" and (self._watches_all or not is_watched[0])
        began = time.perf_counter()
        columns, state = (self._run_loop if is_loop else self._run_steps)(
            program, state, epoch, position, end, is_stopping
        )
        steps = len(columns[0])
        if self._watches_all or not is_watched[0]:
            self._pace.seconds_per_step = (time.perf_counter() - began) / steps
        return state, self.records(columns, epoch, position)

    def records(self, columns: list[np.ndarray], epoch: int, position: int) -> Records:
        """What the columns are that a program gave of the steps from a position of an epoch on."""
        rates = self._epoch(epoch).rates
        rates = None if rates is None else rates[position : position + len(columns[0])]
        scalars = dict(zip(self.built.reports, columns, strict=False))
        threes = zip(*[iter(columns[len(scalars) :])] * 3, strict=True)
        return Records(scalars, rates, dict(zip(self.built.histograms, threes, strict=False)))

    @cached_property
    def _watches_all(self) -> bool:
        """Whether every step reports histograms."""
        every = self.experiment.trainer.summaries.every.steps(self.steps_per_epoch)
        return bool(self.built.histograms) and every == 1

    @property
    def _usual_program(self) -> Program:
        """What most steps are run by."""
        return self.program_with_histograms if self._watches_all else self.program

    def _piece(self) -> int:
        """How many steps are run before the program looks up, and their reports are held until then."""
        program = self._usual_program
        most, seconds = max(1, REPORT_LIMIT // self.report_bytes(program)), self._pace.seconds_per_step
        return max(1, min(most, int(PIECE_SECONDS / seconds))) if seconds else 1

    def _run_loop(
        self, program: Program, state: State, epoch: int, position: int, end: int, is_stopping: Callable[[], bool]
    ) -> tuple[list[np.ndarray], State]:
        first = epoch * self.steps_per_epoch
        filled, state = program.stretch(state, self.source(epoch), self._buffers(program), first, position, end)
        return [np.asarray(buffer)[: end - position] for buffer in filled], state

    def _run_steps(
        self, program: Program, state: State, epoch: int, position: int, end: int, is_stopping: Callable[[], bool]
    ) -> tuple[list[np.ndarray], State]:
        reported: list[list[jax.Array]] = []
        first = epoch * self.steps_per_epoch
        for step in range(first + position, first + end):
            values, state = program.run(state, self.feed(step), step)
            reported.append(values)
            if is_stopping():
                break
        return [np.asarray(column, np.float32) for column in zip(*reported, strict=True)], state

    def _buffers(self, program: Program) -> list[np.ndarray]:
        """What a stretch of steps writes its reports into."""
        rows = min(self.steps_per_epoch, max(1, REPORT_LIMIT // self.report_bytes(program)))
        return [np.zeros((rows, *shape), np.float32) for shape in self.report_shapes(program)]

    def report_shapes(self, program: Program) -> list[tuple[int, ...]]:
        """The shapes of what one step reports."""
        specs = (self.built.graph.spec(name) for name in program.lowering.fetches)
        return [tuple(dim or 0 for dim in spec.shape or ()) for spec in specs]

    def report_bytes(self, program: Program) -> int:
        """What one step reports, in bytes."""
        return sum(4 * math.prod(shape) for shape in self.report_shapes(program))

    # -- what a step is fed ---------------------------------------------------------------------------------------

    def _epoch(self, number: int) -> _Epoch:
        """The order of the examples and the learning rates of an epoch; that of the last one asked for is kept."""
        if self._known_epoch is None or self._known_epoch.number != number:
            first = number * self.steps_per_epoch
            rates = self.rates(first, first + self.steps_per_epoch) if RATE in self.hyper else None
            self._known_epoch = _Epoch(number, self.sampler.epoch(number), rates)
        return self._known_epoch

    def rates(self, start: int, stop: int) -> np.ndarray:
        """The learning rates of the steps `start` to `stop`, float32."""
        rate = float(self.built.hyper[RATE])
        return evaluate_schedule(self.experiment.schedule, rate, self.steps_per_epoch, self.total_steps, start, stop)

    @cached_property
    def _is_full_batch(self) -> bool:
        return self.experiment.trainer.batch_size == "all"

    @cached_property
    def _device_data(self) -> dict[str, jax.Array]:
        if self._like is not None:
            return self._like._device_data
        return {name: jax.device_put(array) for name, array in self._features("train").items()}

    def _series(self, epoch: _Epoch) -> dict[str, np.ndarray]:
        """What is another at each step: tensor name -> `[steps, ...]`."""
        series = {} if epoch.rates is None else {RATE: epoch.rates}
        if self.built.weights and epoch.rows.weights is not None:
            series[self.built.weights] = epoch.rows.weights
        return series

    def source(self, number: int) -> Source:
        """All that the steps of an epoch are fed, for the program to index."""
        return self._source(self._epoch(number), self._device_data)

    def _source(self, epoch: _Epoch, data: Mapping[str, Any]) -> Source:
        """data: of the training split, or its shapes."""
        series = self._series(epoch)
        constants = {name: number for name, number in self.hyper.items() if name not in series}
        return Source(data, None if self._is_full_batch else epoch.rows.rows, series, constants)

    def feed(self, step: int) -> dict[str, np.ndarray | jax.Array]:
        """What the step of this number, counted from 0, is fed."""
        number, position = divmod(step, self.steps_per_epoch)
        epoch = self._epoch(number)
        series = {name: array[position] for name, array in self._series(epoch).items()}
        if self._is_full_batch:
            return {**self.hyper, **series, **self._device_data}
        chosen = epoch.rows.rows[position]
        batch = {name: array[chosen] for name, array in self._features("train").items()}
        return {**self.hyper, **series, **batch}

    def fed(self, step: int) -> dict[str, np.ndarray]:
        """The same as arrays on the host: tensor name -> value."""
        return {name: np.asarray(value) for name, value in self.feed(step).items()}

    def rows(self, step: int) -> np.ndarray:
        """The examples of the training split that the step of this number, counted from 0, sees: `[batch]` int32."""
        epoch, position = divmod(step, self.steps_per_epoch)
        return np.arange(self.examples) if self._is_full_batch else self._epoch(epoch).rows.rows[position]

    def _shapes(self, split: str) -> dict[str, jax.ShapeDtypeStruct]:
        """Feature -> type and shape of a split, known before it is read; empty where there is none."""
        if self._data is not None:
            arrays = self._data.splits.get(split, {})
            return {
                name: jax.ShapeDtypeStruct(array.shape, array.dtype) for name, array in arrays.items() if len(array)
            }
        spec = self.experiment.dataset.spec()
        examples = spec.sizes.get(split, 0)
        features = spec.features.items() if examples else ()
        return {name: jax.ShapeDtypeStruct((examples, *f.shape), f.dtype.numpy) for name, f in features}

    def _features(self, split: str) -> dict[str, np.ndarray]:
        """Placeholder -> the array of a split that it is fed from."""
        return placeholders(self.built, self.data.splits[split])

    # -- evaluation -----------------------------------------------------------------------------------------------

    @cached_property
    def evaluator(self) -> Evaluator:
        """The evaluate graph of the experiment, ready to run."""
        if self._like is not None and self._like.evaluator.built.hyper.keys() <= self.built.hyper.keys():
            return self._like.evaluator.fed(self.built.hyper)
        return Evaluator(self.experiment, self.kept)

    @cached_property
    def views(self) -> Views:
        """The pictures of what the network sees, of validation examples where there are some."""
        self._ahead.wait_for("evaluate")
        split = "validation" if self.data.examples("validation") else "train"
        return Views(self.evaluator.built, self.experiment.dataset.spec(), self.data.splits[split])

    def evaluate(self, state: State, split: str) -> Evaluation:
        """Losses and metrics over a whole split, exact whatever the batch."""
        self._ahead.wait_for("evaluate")
        return self.evaluator(state, self.data.splits[split], split)


def use_device(name: str) -> None:
    """Makes `cpu`, `gpu` or `tpu` the device that programs run on; `auto` leaves the choice to JAX.

    Raises ConfigError when this machine has none.
    """
    device = find_device(name)
    if device is not None:
        jax.config.update("jax_default_device", device)


def find_device(name: str) -> Any:
    """The `jax.Device` that `trainer.device` names; None for `auto`. Raises ConfigError when this machine has none."""
    try:
        return None if name == "auto" else jax.devices(name)[0]
    except RuntimeError:
        found = ", ".join(sorted({device.platform for device in jax.devices()}))
        message = f"trainer.device is '{name}', but JAX sees no such device here; found: {found}"
        hint = "trainer.device=auto, or install JAX for it (https://docs.jax.dev/en/latest/installation.html)"
        raise ConfigError([Mistake(("trainer", "device"), message, hint)]) from None
