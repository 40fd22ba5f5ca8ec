"""A program: the lowered function of some fetches, compiled once, called step by step or over a stretch of steps."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

import framework.runtime.forms as _forms  # noqa: F401  the lowering's own ops enter its table
from framework.errors import FailedPreconditionError
from framework.graph import Graph, TensorSpec
from framework.graph.fingerprint import fingerprint
from framework.runtime.lower import Array, Lowering

State = dict[str, Array]
Buffers = list[jax.Array]


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
    compilations: how many executables have been made.
    """

    def __init__(
        self, graph: Graph, fetches: Sequence[str], operations: Sequence[str], feeds: Sequence[str], platform: str
    ):
        self.lowering = Lowering(graph, fetches, operations, feeds, platform)
        self.feeds = tuple(feeds)
        self.compilations = 0
        variables = self.lowering.variables
        # Buffers of what is overwritten are handed over, so that parameters and slots are held once.
        self._replaced = tuple(name for name in variables.read if name in variables.written)
        self._kept = tuple(name for name in variables.read if name not in variables.written)

    def run(self, state: State, feeds: Mapping[str, Array], step: int) -> tuple[list[jax.Array], State]:
        """Runs once. Returns the fetched values and the state after the run; `state` must not be used again.

        Raises FailedPreconditionError for a variable that has no value yet.
        """
        values, written = self.step(*self._split(state), feeds, np.int32(step))
        return values, {**state, **written}

    def stretch(
        self, state: State, source: Source, outputs: Sequence[Array], first: int, start: int, stop: int
    ) -> tuple[list[jax.Array], State]:
        """Runs the steps `start` to `stop` of `source` in one call of one executable, whatever the two are.

        outputs: a buffer `[steps, ...]` a fetch, into which step i writes entry i. first: the number of step 0 of
        `source` in the whole run. Returns the buffers and the state.
        """
        numbers = (np.int32(first), np.int32(start), np.int32(stop))
        buffers, written = self.loop(*self._split(state), source, list(outputs), *numbers)
        return buffers, {**state, **written}

    def _split(self, state: State) -> tuple[State, State]:
        try:
            return {n: state[n] for n in self._replaced}, {n: state[n] for n in self._kept}
        except KeyError as error:
            raise FailedPreconditionError(
                f"variable '{error.args[0]}' has no value yet; run its initializer first"
            ) from None

    def analyse(self) -> Analysis:
        """Compiles one run for what it is fed by the shapes of the graph, and asks XLA what it costs."""
        variables = self.lowering.variables
        replaced, kept = (
            {name: _abstract(variables.read[name]) for name in names} for names in (self._replaced, self._kept)
        )
        feeds = {tensor: _abstract(self.lowering.graph.spec(tensor)) for tensor in self.feeds}
        began = time.perf_counter()
        compiled = self.step.lower(replaced, kept, feeds, np.int32(0)).compile()
        seconds = time.perf_counter() - began
        memory, cost = compiled.memory_analysis(), compiled.cost_analysis()
        held = memory.argument_size_in_bytes + memory.output_size_in_bytes - memory.alias_size_in_bytes
        return Analysis(cost.get("flops", float("nan")), held + memory.temp_size_in_bytes, seconds)

    @cached_property
    def step(self) -> Any:
        """The jitted function `(replaced, kept, feeds, step) -> (values, written)`."""

        def step(replaced: State, kept: State, feeds: Mapping[str, Array], number: Array) -> Any:
            self.compilations += 1  # runs while JAX traces, once an executable
            values, written = self.lowering({**replaced, **kept}, feeds, number)
            return [jnp.asarray(v) for v in values], {k: jnp.asarray(v) for k, v in written.items()}

        variables = self.lowering.variables
        is_initializer = bool(variables.written) and not variables.read
        options = _COMPILE_FAST if is_initializer and self.lowering.platform == "cpu" else None
        return jax.jit(step, donate_argnums=0, compiler_options=options)

    @cached_property
    def loop(self) -> Any:
        """The jitted function `(replaced, kept, source, buffers, first, start, stop) -> (buffers, written)`."""

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

            def body(index: Array, carry: tuple[State, Buffers]) -> tuple[State, Buffers]:
                state, filled = carry
                values, written = self.lowering({**kept, **state}, source.at(index), first + index)
                filled = [jnp.asarray(b).at[index].set(jnp.asarray(v)) for b, v in zip(filled, values, strict=True)]
                return {name: written[name] for name in state}, filled

            written, filled = jax.lax.fori_loop(start, stop, body, (replaced, buffers))
            return filled, written

        return jax.jit(loop, donate_argnums=(0, 3))


def _abstract(spec: TensorSpec) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(spec.shape, spec.dtype.numpy)  # type: ignore[arg-type]


_programs: dict[tuple[Any, ...], Program] = {}
_LIMIT = 256
_FLAGS = ("jax_enable_x64", "jax_default_matmul_precision")  # settings of JAX that change a program


def get_program(
    graph: Graph, fetches: Sequence[str], operations: Sequence[str], feeds: Sequence[str], platform: str | None = None
) -> Program:
    """The program of a graph with this fingerprint; graphs that differ only in runtime values share one.

    platform: `cpu`, `cuda` or `tpu`; by default that of JAX's default device.
    Raises GraphError and InvalidArgumentError as `Lowering` does.
    """
    platform = platform or current_platform()
    flags = tuple(jax.config.values.get(name) for name in _FLAGS)
    key = (fingerprint(graph), tuple(fetches), tuple(operations), tuple(sorted(feeds)), platform, flags)
    if key not in _programs:
        if len(_programs) >= _LIMIT:
            _programs.pop(next(iter(_programs)))
        _programs[key] = Program(graph, fetches, operations, feeds, platform)
    return _programs[key]


def current_platform() -> str:
    """The platform that programs run on by default: `cpu`, `cuda` or `tpu`."""
    device = jax.config.values.get("jax_default_device")
    name = getattr(device, "platform", None) or jax.default_backend()
    return {"gpu": "cuda"}.get(name, name)
