"""A program of several states at once: what it computes of each is what the program computes of that state alone.

`jax.vmap` over the states and over the runtime values, https://docs.jax.dev/en/latest/automatic-vectorization.html.
Its sums may be taken in another order, so numbers agree to rounding, not to the bit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

import jax
import numpy as np

from framework.runtime.compile_cache import name_of
from framework.runtime.evaluation import Array
from framework.runtime.program import Program, Source, State


class Many:
    """The executables of a program for states that are stacked: variable -> `[states, ...]`.

    No buffer is handed over: what was read of a state before a run can still be read behind it.
    """

    def __init__(self, program: Program):
        self.program = program
        self._steps: dict[frozenset[str], Any] = {}

    def run(
        self, state: State, feeds: Mapping[str, Array], own: Collection[str], step: int
    ) -> tuple[list[jax.Array], State]:
        """Runs once. own: the feeds that are stacked, `[states, ...]`; others are the same for all.

        Returns the fetched values `[states, ...]` and the states. Raises FailedPreconditionError.
        """
        key = frozenset(own)
        if key not in self._steps:
            self._steps[key] = self._jitted("step", (0, 0, {name: 0 if name in key else None for name in feeds}, None))
        values, written, _ = self._steps[key](*self.program.divided(state), dict(feeds), np.int32(step))
        return values, {**state, **written}

    def stretch(
        self, state: State, source: Source, outputs: Sequence[Array], first: int, start: int, stop: int
    ) -> tuple[list[jax.Array], State]:
        """Runs the steps `start` to `stop`, see `Program.stretch`; all of `source` but its data is stacked."""
        numbers = (np.int32(first), np.int32(start), np.int32(stop))
        buffers, written, _ = self._loop(*self.program.divided(state), source, list(outputs), *numbers)
        return buffers, {**state, **written}

    @cached_property
    def _loop(self) -> Any:
        return self._jitted("loop", (0, 0, Source(None, 0, 0, 0), 0, None, None, None))  # type: ignore[arg-type]

    def _jitted(self, kind: Any, axes: tuple[Any, ...]) -> Any:
        function = jax.vmap(getattr(self.program, kind).__wrapped__, in_axes=axes)

        def many(*arguments: Any) -> Any:
            return function(*arguments)

        many.__name__ = name_of(kind, self.program.identity, "many")
        return jax.jit(many)
