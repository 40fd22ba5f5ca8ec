"""Numerical faults: what a run does when a loss, a gradient or a variable is no longer finite.

    stop       the run ends; what it had saved stays
    skip       the program itself takes the step back (see the op KeepFinite), and the run goes on
    rollback   the variables of the last checkpoint come back; the batches since then, and this one, are passed over

Whatever it does, it keeps the batch, and repeats the steps since the last checkpoint to name the first tensor that was
not finite. That costs nothing before there is a fault: (seed, step) decide every step, so that all can be made again.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from framework.build import Built
from framework.build.built import SKIPPED
from framework.errors import DivergenceError, RunFolderError
from framework.graph.node import node_of
from framework.runtime.evaluation import Array
from framework.runtime.finite import NotFinite, Where, extent, first_not_finite
from framework.runtime.program import State
from framework.train.boundaries import Boundaries
from framework.train.engine import Engine
from framework.train.folder import RunFolder
from framework.train.position import Progress
from framework.train.records import Records
from framework.train.signals import StopRequest
from framework.train.store import CheckpointStore

FOLDER = "faults"
_MOST_IN_A_ROW = 10  # steps skipped, or returns to a checkpoint, after which no batch is to blame but the run
_MOST_EXPLAINED = 3  # faults of one process whose steps are repeated, and whose batch is kept
_ADVICE = "try a smaller optimizer.learning_rate, optimizer.clip.global_norm=1.0, or trainer.on_nan=skip or rollback"
_log = logging.getLogger("framework")


class Faults:
    """The numerical faults of one run.

    first: gives the state that the run began with. Raises DivergenceError when the run cannot go on.
    """

    def __init__(
        self,
        engine: Engine,
        checkpoints: CheckpointStore,
        folder: RunFolder,
        first: Callable[[], State],
        stop: StopRequest,
    ):
        self._engine, self._checkpoints, self._folder = engine, checkpoints, folder
        self._first, self._stop = first, stop
        self._explained = 0
        self._fatal: DivergenceError | None = None
        self._returned: tuple[int, int] | None = None  # to the checkpoint of a step, and where it went on from there

    def answer(
        self, state: State, records: Records, progress: Progress, wait: Callable[[], None]
    ) -> tuple[State, Records]:
        """What goes on behind some steps: the same, where all of them were finite or were skipped.

        progress: as it was before these steps. wait: returns when no checkpoint is being written. The records of a run
        that ends stop before the fault, see `end`; after a rollback they stop with it, and it is left out.
        """
        policy = self._engine.experiment.trainer.on_nan
        if policy == "skip":
            skipped = records.scalars[SKIPPED] != 0
            if not skipped.any():
                progress.faults = 0
                return state, records
            wait()
            self._note_skipped(records, skipped, progress)
            return state, replace(records, left_out=skipped)
        losses = records.scalars["loss"]
        wrong = np.flatnonzero(~np.isfinite(losses))
        if not wrong.size:
            return state, records
        index = int(wrong[0])
        step = progress.step + index + 1
        wait()
        lines = [f"the loss is {losses[index]} at step {step}", *self._explain(step)]
        if policy == "stop":
            self._fatal = DivergenceError("\n  ".join([*lines, *self._saved(), _ADVICE]))
            if index == 0:
                raise self._fatal
            return state, records.up_to(index)
        return self._roll_back(step, lines, progress), replace(
            records.up_to(index + 1), left_out=np.arange(index + 1) == index
        )

    def end(self) -> None:
        """Raises the DivergenceError that ends the run, when the steps before the fault have been reported."""
        if self._fatal is not None:
            raise self._fatal

    def check(self, state: State, progress: Progress) -> None:
        """Raises DivergenceError when a variable is not finite: it must not be saved.

        The loss of a step is that of the variables before it: what a step makes of them is seen here first.
        """
        built = self._engine.built
        for name in (*built.parameters, *built.state):
            if not _is_finite(state[name]):
                made = extent(name, state[name])
                lines = [f"step {progress.step} has made {made}", *self._explain(progress.step + 1)]
                raise DivergenceError("\n  ".join([*lines, *self._saved(), _ADVICE]))

    def saved(self, step: int, progress: Progress) -> None:
        """The checkpoint of a step, at which one was due, is the one that a rollback returns to."""
        progress.anchor, self._returned = step, None
        if self._engine.experiment.trainer.on_nan == "rollback":
            progress.faults = 0

    # -- what is done -------------------------------------------------------------------------------------------------

    def _note_skipped(self, records: Records, skipped: np.ndarray, progress: Progress) -> None:
        """Says which steps were skipped."""
        for index in np.flatnonzero(skipped):
            step = progress.step + int(index) + 1
            lines = [f"step {step} was skipped: its loss is {records.scalars['loss'][index]}"]
            _log.warning("%s", "\n  ".join([*lines, *self._explain(step)]))
        at_the_end = len(skipped) if skipped.all() else int(np.argmin(skipped[::-1]))
        progress.faults = at_the_end + (progress.faults if skipped.all() else 0)
        if progress.faults > _MOST_IN_A_ROW:
            raise DivergenceError(
                f"the last {progress.faults} steps, up to step {progress.step + len(records)}, were all skipped since "
                f"they were not finite, so no single batch is to blame\n  {_ADVICE}"
            )

    def _roll_back(self, step: int, lines: list[str], progress: Progress) -> State:
        """The state of the last checkpoint that was due."""
        progress.faults += 1
        if progress.faults > _MOST_IN_A_ROW:
            raise DivergenceError("\n  ".join([*lines, f"the run went back {_MOST_IN_A_ROW} times already", _ADVICE]))
        saved = self._checkpoints.at(progress.anchor) if progress.anchor else None
        if progress.anchor and saved is None:
            raise DivergenceError("\n  ".join([*lines, f"the checkpoint of step {progress.anchor} is gone", _ADVICE]))
        place = f"step {progress.anchor}" if saved else "the start"
        _log.warning("%s", "\n  ".join([*lines, f"back to the variables of {place}, and on with step {step + 1}"]))
        self._returned = progress.anchor, step
        return dict(saved.state) if saved else self._first()

    # -- what is said -------------------------------------------------------------------------------------------------

    def _saved(self) -> Iterator[str]:
        saved = self._checkpoints.latest()
        if saved is not None:
            yield f"the last checkpoint, of step {saved.step}, is from before"

    def _explain(self, step: int) -> Iterator[str]:
        """The first tensor that was not finite, and where the batch is kept."""
        self._explained += 1
        if self._explained > _MOST_EXPLAINED:
            return
        _log.info("looking for the first tensor that was not finite at step %d", step)
        at, state = self._state_of(step)
        if state is not None:
            engine = self._engine
            loss, number = engine.built.reports["loss"].mean, at - 1
            found = first_not_finite(engine.program, loss, state, engine.fed(number), number)
            yield from describe(found, engine.built, None if at == step else at)
        yield from self._keep_batch(at)

    def _state_of(self, step: int) -> tuple[int, Mapping[str, Array] | None]:
        """The step to look at, and the state before it; None when the run is asked to stop meanwhile.

        It is the one before `step`, where that has made a variable not finite.
        """
        engine = self._engine
        start, state = self._before(step)
        middle = max(start, step - 2)
        before = None if state is None or start >= step else self._repeat(state, start, middle)
        if before is None:
            return min(step, engine.total_steps), None
        kept = {name: np.array(value) for name, value in before.items()}
        after = self._repeat(before, middle, step - 1)
        if after is None:
            return step, None
        is_broken = any(not _is_finite(after[name]) for name in engine.built.parameters)
        return (step - 1, kept) if (is_broken and middle < step - 1) or step > engine.total_steps else (step, after)

    def _before(self, step: int) -> tuple[int, State | None]:
        """A step from which all up to `step` can be repeated, and the state there."""
        if self._returned is not None:
            anchor, start = self._returned
            saved = self._checkpoints.at(anchor) if anchor else None
            return start, dict(saved.state) if saved else self._first() if not anchor else None
        saved = self._checkpoints.latest()
        return (saved.step, dict(saved.state)) if saved else (0, self._first())

    def _repeat(self, state: State, start: int, stop: int) -> State | None:
        """The state at step `stop`, from that at `start`; None when the run is asked to stop meanwhile."""
        engine = self._engine
        boundaries = Boundaries(engine.total_steps, engine.steps_per_epoch, engine.experiment.trainer)
        while start < stop:
            boundary = boundaries.next(start)
            # The program that reports histograms is another: the same steps are made by the same one.
            state, records = engine.advance(
                state,
                start,
                min(boundary, stop),
                lambda: self._stop.requested is not None,
                watched=boundaries.reports(start, boundary),
            )
            start += len(records)
            if self._stop.requested is not None:
                return None
        return state

    def _keep_batch(self, step: int) -> Iterator[str]:
        """Writes what a step was fed into the run folder, for `numpy.load`."""
        engine = self._engine
        fed = engine.fed(step - 1)
        arrays = {feature: fed[tensor] for feature, tensor in engine.built.features.items()}
        numbers = {name.removesuffix(":0"): value for name, value in fed.items() if name in engine.built.hyper}
        buffer = io.BytesIO()
        np.savez(buffer, **{"step": np.asarray(step), "rows": engine.rows(step - 1), **arrays, **numbers})  # type: ignore[arg-type]
        name = f"{FOLDER}/step-{step:08d}.npz"
        try:
            (self._folder.path / FOLDER).mkdir(exist_ok=True)
            self._folder.write(name, buffer.getvalue())
        except (OSError, RunFolderError) as error:
            yield f"its batch could not be kept: {error}"
        else:
            yield f"its batch is kept in {self._folder.path / name}"


def _is_finite(value: Array) -> bool:
    return bool(np.isfinite(np.asarray(value, np.float32)).all())


def describe(found: NotFinite | None, built: Built, earlier: int | None) -> Iterator[str]:
    """What is said of the first tensor that was not finite. earlier: its step, if that is not the one of the loss."""
    at = f"at step {earlier}, " if earlier is not None else ""
    if found is None:
        yield f"{at}node by node all of it is finite: it is the compiled program that is not"
        return
    node = found.node
    if found.where is Where.FED:
        yield f"{at}what the step is fed is not finite: {found.found}"
    elif found.where is Where.VARIABLE:
        yield f"{at}a variable was not finite before the step: {found.found}"
    elif found.where is Where.UPDATE:
        yield f"{at}all gradients are finite, and the update is not: {found.found}"
    elif found.where is Where.BACKWARD:
        yield f"{at}all up to the loss is finite; the first gradient that is not is by {found.found}"
        if node is not None:
            yield f"it comes from {node.op} '{node.name}'{_layer(node.name, built)}"
    else:
        yield f"{at}the first tensor that is not finite is {found.found}"
        if node is not None:
            yield f"it is computed by {node.op}{_layer(node.name, built)}"
    for one in found.read[:3]:
        yield f"from {one}"


def _layer(node: str, built: Built) -> str:
    """The layer that a node belongs to, as it is told."""
    holders = [note for note in built.layers if node.startswith(f"{note.name}/") or node == node_of(note.output)]
    note = max(holders, key=lambda note: len(note.name), default=None)
    return f", in the layer '{note.name}' ({note.type})" if note else ""
