"""A run in several parts: some feeds and fetches now, others later, each node once. It runs op by op."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from framework.errors import FailedPreconditionError, InvalidArgumentError
from framework.graph import Node
from framework.graph.node import node_of
from framework.graph.passes import prune
from framework.runtime.checks import require
from framework.runtime.evaluation import Array, Run
from framework.runtime.lower import Lowering
from framework.runtime.program import State
from framework.runtime.stages import between
from framework.runtime.variables import is_set


class PartialRun:
    """How far a run has come.

    lowering: of all that will be fetched, operations: or run, and feeds: or fed. given: what is known from the start.
    wide: whether 64-bit types are held as such.
    A gradient is taken of the nodes behind it as one function, which runs again for that, with the same values.
    """

    def __init__(
        self,
        lowering: Lowering,
        operations: Sequence[str],
        feeds: Sequence[str],
        given: Mapping[str, Array],
        state: State,
        step: int,
        wide: bool,
    ):
        self._lowering, self._wide = lowering, wide
        self._fetches, self._feeds = {*lowering.fetches, *operations}, set(feeds)
        variables = lowering.variables
        missing = [name for name in variables.read if name not in state]
        if missing:
            raise FailedPreconditionError(f"variable '{missing[0]}' has no value yet; run its initializer first")
        # Of a variable, the value before the run is read, and other runs may hand its buffer over meanwhile.
        known: dict[str, Array] = {name: jnp.array(state[name], copy=True) for name in variables.read}
        known.update((is_set(name), np.asarray(name in state)) for name in variables.asked)
        self._run = Run(dict(given), known, np.asarray(step, np.int32))
        self._done: set[str] = set()

    def run(
        self, fetches: Sequence[str], operations: Sequence[str], feeds: Mapping[str, Array]
    ) -> tuple[list[Any], dict[str, Any]]:
        """The values of `fetches` when `feeds` are given too, and the variables that took a new value."""
        self._check([*fetches, *operations], feeds)
        self._run.values.update(feeds)
        nodes = self._nodes([*fetches, *operations])
        before, checks = dict(self._run.written), len(self._run.checks)
        with jax.enable_x64(True) if self._wide else nullcontext():
            self._lowering.part(nodes, fetches).run(self._run)
        require(self._run.checks[checks:])
        self._done.update(node.name for node in nodes)
        written = {name: value for name, value in self._run.written.items() if before.get(name) is not value}
        return [self._run.values[name] for name in fetches], written

    def _check(self, wanted: Sequence[str], feeds: Mapping[str, Array]) -> None:
        for name in wanted:
            if name not in self._fetches:
                raise InvalidArgumentError(f"'{name}' was not among the fetches of partial_run_setup")
        for name in feeds:
            if name not in self._feeds:
                raise InvalidArgumentError(f"'{name}' was not among the feeds of partial_run_setup")
            if name in self._run.values:
                raise InvalidArgumentError(f"'{name}' was fed before in this run")
        given = self._run.values.keys() | feeds.keys()
        needed = prune(self._lowering.graph, wanted, given | self._feeds)
        read = {tensor for node in needed if node.name not in self._done for tensor in node.inputs}
        for name in sorted((self._feeds - given) & (read | set(wanted))):
            raise InvalidArgumentError(f"the fetches need a value for '{name}', which was not fed yet")

    def _nodes(self, wanted: Sequence[str]) -> list[Node]:
        """The nodes that are still to run; those that a gradient among them is taken of run with it."""
        graph, values = self._lowering.graph, self._run.values
        needed = prune(graph, wanted, self._feeds)
        left = {node.name for node in needed if node.name not in self._done}
        gradients = [node for node in needed if node.op == "Gradients" and node.name in left]
        again = {name for node in gradients for name in between(graph, self._lowering.nodes, node)}
        for tensor in [name for name in values if node_of(name) in again and name not in self._feeds]:
            del values[tensor]
        return [node for node in self._lowering.nodes if node.name in left | again]
