"""Trials whose steps are made together: one program over their stacked states and runtime values.

Each trial is carried out as it would be alone, by the same loop, which sees an engine like any other. Where it asks
that engine for steps or for an evaluation it waits for the other trials; those that ask for the same are answered by
one call. Those that are behind (a rollback, a trial that is tried again, or goes on) are answered first, so that they
catch up; those that end early are missed by nobody.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from framework.config.experiment import Experiment
from framework.data import Data
from framework.runtime.choice import Kept
from framework.runtime.evaluation import Array
from framework.runtime.many import Many
from framework.runtime.program import Program, Source, State
from framework.sweep.turns import Asked, Turns
from framework.train.averages import averaged
from framework.train.engine import PIECE_SECONDS, REPORT_LIMIT, Engine
from framework.train.evaluator import Evaluation
from framework.train.records import Records

_NONE = np.zeros(0, np.int64)
_FEWEST = 2  # trials that are worth a call together


class Part(Mapping[str, np.ndarray]):
    """The state of one trial among stacked ones: `place` of variable -> `[trials, ...]`."""

    def __init__(self, stack: Stacked, place: int):
        self.stack, self.place = stack, place

    def __getitem__(self, name: str) -> np.ndarray:
        return self.stack.array(name)[self.place]

    def __iter__(self) -> Iterator[str]:
        return iter(self.stack.state)

    def __len__(self) -> int:
        return len(self.stack.state)


class Stacked:
    """The states of several trials: variable -> `[trials, ...]`, on the device."""

    def __init__(self, state: State):
        self.state = state
        self._known: dict[str, np.ndarray] = {}

    def array(self, name: str) -> np.ndarray:
        """All values of a variable, brought from the device once."""
        if name not in self._known:
            self._known[name] = np.asarray(self.state[name])
        return self._known[name]


@dataclass(frozen=True)
class Wanted:
    """What a trial waits for: steps `start` to `stop` of its training, or the evaluation of a split at `start`."""

    lane: Lane
    state: Mapping[str, Any]
    start: int
    stop: int = 0
    split: str | None = None

    @property
    def kind(self) -> tuple[Any, ...]:
        """Equal for what one call can answer; the least is answered first, at a step its evaluation before more."""
        return self.start, self.split is None, self.split or "", id(self.lane.program)


class Together:
    """Answers trials of one program, `width` at a time.

    alone_seconds: what a step takes by itself, where that is known: when few trials are left, they are not stepped
    together if that is slower. seconds: what a step of all of them takes, as last measured; 0 before.
    """

    def __init__(self, width: int, alone_seconds: float = 0.0):
        self.width, self.alone_seconds, self.seconds = width, alone_seconds, 0.0
        self.turns: Turns[Wanted] = Turns(self._reply)
        self._many: dict[int, Many] = {}

    def run(self, tasks: Sequence[Callable[[], None]]) -> None:
        """Carries out trials, at most `width`."""
        self.turns.run(tasks)

    def _reply(self, waiting: Sequence[Asked[Wanted]]) -> None:
        least = min(asked.question.kind for asked in waiting)
        chosen = [asked for asked in waiting if asked.question.kind == least]
        if not self._is_worth(len(chosen)):
            for asked in chosen:
                _answer_with(asked, asked.question.lane.alone)
            return
        wanted = [asked.question for asked in chosen]
        try:
            answers = self._advance(wanted) if wanted[0].split is None else self._evaluate(wanted)
        except Exception as error:
            for asked in chosen:
                asked.refuse(error)
            return
        for asked, answer in zip(chosen, answers, strict=True):
            asked.refuse(answer) if isinstance(answer, Exception) else asked.answer(answer)

    def _is_worth(self, count: int) -> bool:
        if count < _FEWEST:
            return False
        if self.seconds and self.alone_seconds:
            return count * self.alone_seconds > self.seconds
        return 2 * count > self.width

    def _stacked(self, wanted: Sequence[Wanted]) -> tuple[Stacked, list[int]]:
        """The states as one stack, and the place of each; what is at other places is of no trial, or of another."""
        parts = [one.state for one in wanted]
        if all(isinstance(part, Part) and part.stack is parts[0].stack for part in parts):  # type: ignore[union-attr]
            return parts[0].stack, [part.place for part in parts]  # type: ignore[union-attr]
        padded = [parts[min(k, len(parts) - 1)] for k in range(self.width)]
        state: State = {name: np.stack([np.asarray(part[name]) for part in padded]) for name in parts[0]}
        return Stacked(state), list(range(len(parts)))

    def _filled(self, places: Sequence[int], values: Sequence[Any]) -> list[Any]:
        """A value for each place of a stack; those of no trial get the first one."""
        found = [values[0]] * self.width
        for place, value in zip(places, values, strict=True):
            found[place] = value
        return found

    def _many_of(self, program: Program) -> Many:
        return self._many.setdefault(id(program), Many(program))

    # -- steps ----------------------------------------------------------------------------------------------------

    def _advance(self, wanted: Sequence[Wanted]) -> list[tuple[Part, Records]]:
        lane, start = wanted[0].lane, wanted[0].start
        epoch, position = divmod(start, lane.steps_per_epoch)
        end = min(
            position + min(one.stop for one in wanted) - start, lane.steps_per_epoch, position + self._piece(lane)
        )
        stacked, places = self._stacked(wanted)
        lanes = self._filled(places, [one.lane for one in wanted])
        began = time.perf_counter()
        make = self._make_loop if lane.execution == "loop" else self._make_steps
        columns, state = make(lanes, stacked.state, epoch, position, end)
        self.seconds = (time.perf_counter() - began) / (end - position)
        after = Stacked(state)
        return [
            (Part(after, place), one.lane.records([column[place] for column in columns], epoch, position))
            for one, place in zip(wanted, places, strict=True)
        ]

    def _piece(self, lane: Lane) -> int:
        """How many steps are made before signals are looked for, see `Engine`."""
        most = REPORT_LIMIT // (self.width * lane.report_bytes(lane.program))
        return max(1, min(most, int(PIECE_SECONDS / self.seconds))) if self.seconds else 1

    def _make_loop(
        self, lanes: Sequence[Lane], state: State, epoch: int, position: int, end: int
    ) -> tuple[list[np.ndarray], State]:
        lane = lanes[0]
        rows = max(1, min(lane.steps_per_epoch, REPORT_LIMIT // (self.width * lane.report_bytes(lane.program))))
        buffers = [np.zeros((self.width, rows, *shape), np.float32) for shape in lane.report_shapes(lane.program)]
        first = epoch * lane.steps_per_epoch
        source = _joined([one.source(epoch) for one in lanes])
        filled, state = self._many_of(lane.program).stretch(state, source, buffers, first, position, end)
        return [np.asarray(buffer)[:, : end - position] for buffer in filled], state

    def _make_steps(
        self, lanes: Sequence[Lane], state: State, epoch: int, position: int, end: int
    ) -> tuple[list[np.ndarray], State]:
        lane, reported = lanes[0], []
        many = self._many_of(lane.program)
        for step in range(epoch * lane.steps_per_epoch + position, epoch * lane.steps_per_epoch + end):
            feed = _stack_feeds([one.feed(step) for one in lanes])
            values, state = many.run(state, feed, feed.keys(), step)
            reported.append(values)
        return [
            np.stack([np.asarray(v, np.float32) for v in column], 1) for column in zip(*reported, strict=True)
        ], state

    # -- evaluation -----------------------------------------------------------------------------------------------

    def _evaluate(self, wanted: Sequence[Wanted]) -> list[Evaluation | Exception]:
        stacked, places = self._stacked(wanted)
        variables = averaged(stacked.state)
        works = [one.lane.evaluator.steps(one.lane.data.splits[one.split or ""], one.split or "") for one in wanted]
        batches = [next(work) for work in works]
        found: list[Evaluation | Exception] = []
        while len(found) < len(works):
            program = batches[0].program
            known = {name: variables[name] for name in program.lowering.variables.read}
            own = _stack_feeds(self._filled(places, [batch.own for batch in batches]))
            values, _ = self._many_of(program).run(known, {**batches[0].feeds, **own}, own.keys(), 0)
            arrays = [np.asarray(value) for value in values]
            for k, (work, place) in enumerate(zip(works, places, strict=True)):
                try:
                    batches[k] = work.send([array[place] for array in arrays])
                except StopIteration as end:  # all end with the same batch, whatever it is that they end with
                    found.append(end.value)
                except Exception as error:
                    found.append(error)
        return found

    def measure(self, lanes: Sequence[Lane], seconds: float) -> float:
        """What a step of `lanes` takes, in seconds, measured for about so long behind the compilation.

        The states are drawn anew, and forgotten.
        """
        wanted = [Wanted(lane, lane.initialize(), 0, lane.total_steps) for lane in lanes]
        began, calls = math.inf, 0
        while wanted[0].start < wanted[0].stop and (calls < 2 or time.perf_counter() - began < seconds):
            wanted = [
                replace(one, state=part, start=one.start + len(records))
                for one, (part, records) in zip(wanted, self._advance(wanted), strict=True)
            ]
            calls += 1
            began = min(began, time.perf_counter())
        return self.seconds


class Lane(Engine):
    """The engine of a trial that is carried out among others."""

    def __init__(
        self,
        experiment: Experiment,
        data: Data,
        execution: str | None = None,
        kept: Kept | None = None,
        like: Engine | None = None,
        *,
        together: Together,
    ):
        super().__init__(experiment, data, execution, kept, like)
        self._together, self._step = together, 0

    def advance(
        self,
        state: Any,
        start: int,
        stop: int,
        is_stopping: Callable[[], bool],
        *,
        watched: Any = _NONE,
    ) -> tuple[State, Records]:
        """As `Engine.advance`, with those trials that are at the same step."""
        state, records = self._together.turns.ask(Wanted(self, state, start, stop))
        self._step = start + len(records)
        return state, records

    def evaluate(self, state: Mapping[str, Array], split: str) -> Evaluation:
        return self._together.turns.ask(Wanted(self, state, self._step, split=split))

    def alone(self, wanted: Wanted) -> Any:
        """What is wanted, by the programs of a run alone."""
        state = dict(wanted.state)
        if wanted.split is not None:
            return super().evaluate(state, wanted.split)
        return super().advance(state, wanted.start, wanted.stop, lambda: False)


def _answer_with(asked: Asked[Wanted], compute: Callable[[Wanted], Any]) -> None:
    try:
        asked.answer(compute(asked.question))
    except Exception as error:
        asked.refuse(error)


def _joined(sources: Sequence[Source]) -> Source:
    """What several trials are fed; they share the data."""
    rows = None if sources[0].rows is None else np.stack([np.asarray(source.rows) for source in sources])
    return Source(
        sources[0].data,
        rows,
        _stack_feeds([source.series for source in sources]),
        _stack_feeds([source.constants for source in sources]),
    )


def _stack_feeds(feeds: Sequence[Mapping[str, Any]]) -> dict[str, np.ndarray]:
    return {name: np.stack([np.asarray(feed[name]) for feed in feeds]) for name in feeds[0]}
