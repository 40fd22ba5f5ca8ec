"""A program: the lowered function of some fetches, compiled once, called step by step or over a stretch of steps."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

import framework.runtime.forms as _forms  # noqa: F401  the lowering's own ops enter its table
from framework.errors import FailedPreconditionError, GraphError, InvalidArgumentError, UntraceableError
from framework.graph import Graph, TensorSpec
from framework.graph.fingerprint import fingerprint
from framework.graph.shapes import is_known
from framework.runtime.checks import has_checks, require
from framework.runtime.choice import Kept
from framework.runtime.compile_cache import enable, name_of
from framework.runtime.evaluation import Array, Check, Run
from framework.runtime.leaves import divide
from framework.runtime.lower import Lowering
from framework.runtime.stages import Stages, arrange
from framework.runtime.variables import is_set

State = dict[str, Array]
Buffers = list[jax.Array]


_log = logging.getLogger("framework")
_MOST_FORCED = 16  # nodes that are taken out of a program one by one before it is given up whole
_MOST_LISTED = 8
_STEP_BY_STEP = "set trainer.execution=step to know more"
# First values are drawn once: on a CPU, optimising that program takes seconds and saves milliseconds.
_COMPILE_FAST = {"xla_backend_optimization_level": 0}


class Source(NamedTuple):
    """What the steps of a stretch are fed, as arrays that the program indexes by step.

    data: tensor name -> `[examples, ...]`, gathered by `rows`; or, when `rows` is None, given whole to each step.
    rows: `[steps, batch]` int32, the examples of each step, or None.
    series: tensor name -> `[steps, ...]`, one entry a step (the learning rate, the weights of the examples).
    constants: tensor name -> the same value at each step (decays, rates).
    """

    data: Mapping[str, Array]
    rows: Array | None
    series: Mapping[str, Array]
    constants: Mapping[str, Array]

    def at(self, step: Any) -> dict[str, Array]:
        """The feeds of one step of the stretch."""
        if self.rows is None:
            batch = dict(self.data)
        else:
            rows = self.rows[step]
            batch = {name: jnp.asarray(array).at[rows].get(mode="clip") for name, array in self.data.items()}
        return {**self.constants, **batch, **{name: array[step] for name, array in self.series.items()}}


class Analysis(NamedTuple):
    """What XLA says of one executable.

    flops: floating-point operations a call. bytes: the most that it holds at once, arguments and results included.
    seconds: how long the compilation took.
    """

    flops: float
    bytes: int
    seconds: float


class Program:
    """The executable form of (graph, fetches, operations, feeds) on one platform.

    fetches: tensor names whose values come back, in order. operations: nodes run for their effect.
    wide: whether 64-bit types are held as such, rather than as 32-bit ones. kept: see `Lowering`.
    identity: what it is made of. compilations: how many executables have been made. is_whole: whether the program is
    one of them alone.
    """

    def __init__(
        self,
        graph: Graph,
        fetches: Sequence[str],
        operations: Sequence[str],
        feeds: Sequence[str],
        platform: str,
        wide: bool = False,
        kept: Kept | None = None,
    ):
        enable()
        self.lowering = Lowering(graph, fetches, operations, feeds, platform, kept)
        among = sorted((op, sorted(names)) for op, names in (kept or {}).items())
        self.identity = fingerprint(graph), tuple(fetches), tuple(operations), sorted(feeds), platform, wide, among
        self.operations = tuple(operations)
        self.feeds = tuple(feeds)
        self.wide = wide
        self.compilations = 0
        self._forced: list[str] = []
        self._join_checks: Callable[[Iterable[Any]], list[Check]] = list
        self._arrange()
        if self.op_by_op:
            _log.info("these nodes run op by op, since no compiled program can hold them: %s", _listed(self.op_by_op))

    @property
    def why_one_by_one(self) -> str | None:
        """Why it cannot be run over several states at once; None where it can."""
        if not self.is_whole:
            return f"{_listed(self.op_by_op)} cannot be compiled"
        if self._has_checks:
            return "the graph checks its values"
        return "the graph asks which variables have a value" if self.lowering.variables.asked else None

    @property
    def op_by_op(self) -> tuple[str, ...]:
        """Names of the nodes that run one by one, beside the compiled program."""
        return self.stages.op_by_op

    def _arrange(self) -> None:
        lowering = self.lowering
        self.stages: Stages = arrange(
            lowering.graph, lowering.nodes, lowering.fetches, self.operations, self.feeds, self._forced
        )
        self.is_whole = self.stages.compiled == tuple(lowering.nodes)
        compiled = lowering if self.is_whole else lowering.part(self.stages.compiled, self.stages.crossing)
        self._compiled = compiled
        self._first = lowering.part(self.stages.leading, ())
        self._last = lowering.part(self.stages.trailing, lowering.fetches)
        self._has_checks = has_checks(lowering.graph, compiled.nodes)
        variables = compiled.variables
        self._replaced = tuple(name for name in variables.read if name in variables.written)
        self._kept = tuple(name for name in variables.read if name not in variables.written)
        # Buffers of what is overwritten are handed over, so that parameters and slots are held once; unless what
        # follows may still fail, or read them.
        is_resized = any(not is_known(variables.read[name].shape) for name in self._replaced)
        self._is_handed_over = self.is_whole and not self._has_checks and not is_resized
        self.__dict__.pop("step", None)

    def run(self, state: State, feeds: Mapping[str, Array], step: int) -> tuple[list[jax.Array], State]:
        """Runs once. Returns the fetched values and the state after the run; `state` must not be used again.

        Raises FailedPreconditionError for a variable that has no value yet, and InvalidArgumentError for a check of
        the graph that does not hold; the state given is then still good.
        """
        if not self.wide:
            return self._run(state, feeds, np.int32(step))
        with jax.enable_x64(True):
            return self._run(state, feeds, np.int32(step))

    def _run(self, state: State, feeds: Mapping[str, Array], step: np.int32) -> tuple[list[jax.Array], State]:
        while True:
            try:
                if self.is_whole:
                    values, written, checks = self.step(*self.divided(state), feeds, step)
                    if self._has_checks:
                        require(self._join_checks(checks))
                else:
                    values, written = self._run_stages(state, feeds, step)
                return values, {**state, **written}
            except UntraceableError as error:
                self._take_out(error)

    def _run_stages(self, state: State, feeds: Mapping[str, Array], step: np.int32) -> tuple[list[Any], State]:
        """Runs the leading nodes, the compiled program and the trailing nodes."""
        stages = self.stages
        split, state = self.divided(state), self.known_state(state)
        first = self._first.run(Run(dict(feeds), state, np.asarray(step)))
        require(first.checks)
        crossed: Sequence[Any] = ()
        written: State = {}
        if stages.compiled:
            given = {name: first.values[name] for name in stages.given}
            crossed, written, checks = self.step(*split, given, step)
            require(self._join_checks(checks))
        values = {**first.values, **dict(zip(stages.crossing, crossed, strict=True))}
        run = self._last.run(Run(values, state, np.asarray(step), {**first.written, **written}))
        require(run.checks)
        return [run.values[name] for name in self._last.fetches], run.written

    def _take_out(self, error: UntraceableError) -> None:
        """Lets a node that could not be traced run op by op, with all that follows from it.

        Raises `error` again when it does so already.
        """
        nodes = [node.name for node in self.lowering.nodes]
        if error.node not in nodes or error.node in self.op_by_op:
            raise error
        self._forced.append(error.node or "")
        if len(self._forced) > _MOST_FORCED:
            self._forced = nodes
        self._arrange()
        _log.warning("%s; it runs op by op, with what follows from it: %s", error, _listed(self.op_by_op))

    def stretch(
        self, state: State, source: Source, outputs: Sequence[Array], first: int, start: int, stop: int
    ) -> tuple[list[jax.Array], State]:
        """Runs the steps `start` to `stop` of `source` in one call of one executable, whatever the two are.

        outputs: a buffer `[stop - start or more, ...]` a fetch, into which step i writes entry i - start. first: the
        number of step 0 of `source` in the whole run. Returns the buffers and the state.
        Raises GraphError for nodes that no compiled program can hold.
        """
        numbers = (np.int32(first), np.int32(start), np.int32(stop))
        try:
            self._require_whole()
            buffers, written, failed = self.loop(*self.divided(state), source, list(outputs), *numbers)
        except UntraceableError as error:
            raise GraphError(error.message, error.node, hint="set trainer.execution=step") from None
        if failed is not None and failed >= 0:
            raise InvalidArgumentError(f"a check of the graph does not hold at step {int(failed)}; {_STEP_BY_STEP}")
        return buffers, {**state, **written}

    def _require_whole(self) -> None:
        if not self.is_whole:
            raise UntraceableError(f"no compiled program can hold {_listed(self.op_by_op)}")

    def known_state(self, state: State) -> State:
        """The state as nodes that run one by one read it. Raises FailedPreconditionError as `run` does."""
        for name in self.lowering.variables.read:
            if name not in state:
                raise _uninitialised(name)
        return {**state, **self._answers(state)}

    def divided(self, state: State) -> tuple[State, State]:
        """The variables that a run replaces, and those that it only reads. Raises FailedPreconditionError."""
        try:
            kept = {n: state[n] for n in self._kept}
            return {n: state[n] for n in self._replaced}, {**kept, **self._answers(state)}
        except KeyError as error:
            raise _uninitialised(error.args[0]) from None

    def _answers(self, state: State) -> State:
        """Whether the variables that a node asks about have a value: known before the run, yet no part of the key."""
        return {is_set(name): np.asarray(name in state) for name in self.lowering.variables.asked}

    def compile(self, feeds: Mapping[str, Any]) -> Any:
        """Compiles one run, so that the first call finds it compiled; returns it as JAX has it.

        feeds: tensor name -> its value, or its type and shape alone.
        """
        return self.step.lower(*self._abstract_state(), feeds, np.int32(0)).compile()

    def compile_stretch(self, source: Source, outputs: Sequence[Any]) -> None:
        """Compiles a stretch, so that the first call finds it compiled; arrays may be their types and shapes alone."""
        self._require_whole()
        self.loop.lower(*self._abstract_state(), source, list(outputs), *(np.int32(0),) * 3).compile()

    def _abstract_state(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What `divided` gives of a state, as types and shapes."""
        read = self.lowering.variables.read
        replaced, kept = ({name: _abstract(read[name]) for name in names} for names in (self._replaced, self._kept))
        return replaced, {**kept, **self._answers({})}  # whatever is answered, the program is one

    def analyse(self) -> Analysis:
        """Compiles one run for what it is fed by the shapes of the graph, and asks XLA what it costs."""
        feeds = {tensor: _abstract(self.lowering.graph.spec(tensor)) for tensor in self.feeds}
        began = time.perf_counter()
        compiled = self.compile(feeds)
        seconds = time.perf_counter() - began
        memory, cost = compiled.memory_analysis(), compiled.cost_analysis()
        held = memory.argument_size_in_bytes + memory.output_size_in_bytes - memory.alias_size_in_bytes
        return Analysis(cost.get("flops", float("nan")), held + memory.temp_size_in_bytes, seconds)

    @cached_property
    def step(self) -> Any:
        """The jitted function `(replaced, kept, feeds, step) -> (values, written, what checks look at)`."""

        def step(replaced: State, kept: State, feeds: Mapping[str, Array], number: Array) -> Any:
            self.compilations += 1  # runs while JAX traces, once an executable
            values, written, checks = self._trace({**replaced, **kept}, feeds, number)
            arrays, self._join_checks = divide(checks, _is_array)
            return *jax.tree.map(jnp.asarray, (values, written)), arrays

        step.__name__ = name_of("step", self.identity)
        variables = self._compiled.variables
        is_initializer = bool(variables.written) and not variables.read
        options = _COMPILE_FAST if is_initializer and self.lowering.platform == "cpu" else None
        return jax.jit(step, donate_argnums=0 if self._is_handed_over else (), compiler_options=options)

    def _trace(self, state: State, feeds: Mapping[str, Array], number: Array) -> tuple[list[Array], State, list[Check]]:
        run = self._compiled.run(Run(dict(feeds), state, number))
        return [run.values[name] for name in self._compiled.fetches], run.written, run.checks

    @cached_property
    def loop(self) -> Any:
        """The jitted function `(replaced, kept, source, buffers, first, start, stop) -> (buffers, written, failed)`.

        failed: the first step at which a check of the graph did not hold, or -1; None where there are no checks.
        """

        def loop(
            replaced: State,
            kept: State,
            source: Source,
            buffers: Buffers,
            first: Array,
            start: Array,
            stop: Array,
        ) -> Any:
            self.compilations += 1

            def body(index: Array, carry: tuple[State, Buffers, Any]) -> tuple[State, Buffers, Any]:
                state, filled, failed = carry
                values, written, checks = self._trace({**kept, **state}, source.at(index), first + index)
                filled = [
                    jax.lax.dynamic_update_index_in_dim(b, jnp.asarray(v), index - start, 0)
                    for b, v in zip(filled, values, strict=True)
                ]
                if failed is not None:
                    holds = jnp.stack([jnp.asarray(check.holds) for check in checks]).all()
                    failed = jnp.where((failed < 0) & ~holds, first + index, failed)
                return {name: written[name] for name in state}, filled, failed

            failed = np.int32(-1) if self._has_checks else None
            written, filled, failed = jax.lax.fori_loop(start, stop, body, (replaced, buffers, failed))
            return filled, written, failed

        loop.__name__ = name_of("loop", self.identity)
        return jax.jit(loop, donate_argnums=(0, 3) if self._is_handed_over else 3)


def _uninitialised(name: str) -> FailedPreconditionError:
    return FailedPreconditionError(f"variable '{name}' has no value yet; run its initializer first")


def _is_array(value: Any) -> bool:
    """Whether JAX can hold a value: an array, traced or not, but no text."""
    return isinstance(value, (jax.Array, np.ndarray, np.generic)) and value.dtype != object


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"'{name}'" for name in names[:_MOST_LISTED])
    return shown + (f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else "")


def _abstract(spec: TensorSpec) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(spec.shape, spec.dtype.numpy)  # type: ignore[arg-type]


_programs: dict[tuple[Any, ...], Program] = {}
_LIMIT = 256
_FLAGS = ("jax_enable_x64", "jax_default_matmul_precision")  # settings of JAX that change a program


def get_program(
    graph: Graph,
    fetches: Sequence[str],
    operations: Sequence[str],
    feeds: Sequence[str],
    platform: str | None = None,
    wide: bool = False,
    kept: Kept | None = None,
) -> Program:
    """The program of a graph with this fingerprint; graphs that differ only in runtime values share one.

    platform: `cpu`, `cuda` or `tpu`; by default that of JAX's default device. wide, kept: see `Program`.
    Raises GraphError and InvalidArgumentError as `Lowering` does.
    """
    platform = platform or current_platform()
    flags = tuple(jax.config.values.get(name) for name in _FLAGS)
    among = frozenset((op, frozenset(names)) for op, names in (kept or {}).items())
    key = (fingerprint(graph), tuple(fetches), tuple(operations), tuple(sorted(feeds)), platform, wide, among, flags)
    if key not in _programs:
        if len(_programs) >= _LIMIT:
            _programs.pop(next(iter(_programs)))
        _programs[key] = Program(graph, fetches, operations, feeds, platform, wide, kept)
    return _programs[key]


def current_platform() -> str:
    """The platform that programs run on by default: `cpu`, `cuda` or `tpu`."""
    device = jax.config.values.get("jax_default_device")
    name = getattr(device, "platform", None) or jax.default_backend()
    return {"gpu": "cuda"}.get(name, name)
