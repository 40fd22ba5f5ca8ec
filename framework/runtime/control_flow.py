"""The ops that run functions: calls inline, branches and loops as XLA's own, or in Python where values are concrete.

A predicate that is known while the program is made takes its branch then. In a compiled program, what a loop carries
has one shape in all turns: a loop that needs more (or a reverse pass without a bound on its turns) runs op by op.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer

from framework.errors import GraphError, UntraceableError
from framework.graph import OPS, Node
from framework.graph.graphdef.parts import FRAMES
from framework.graph.hyper import SEED
from framework.graph.resources import Handle
from framework.kernels.registry import static
from framework.ops.control_flow import passed_on
from framework.runtime.carried import Form, conformed, forms_of, growth, of_length, placed, settled
from framework.runtime.evaluation import Array, Check, Run
from framework.runtime.lower import FORMS, Lowering, form
from framework.runtime.turns import count_turns
from framework.runtime.variables import is_set

State = Mapping[str, Array]


class Result(NamedTuple):
    """What one run of a function gives: its outputs, the variables with a new value, and what must hold."""

    outputs: list[Any]
    written: dict[str, Array]
    checks: list[Check]


def call(
    lowering: Lowering, node: Node, name: str, inputs: Sequence[Any], run: Run, state: State, *turn: Array
) -> Result:
    """Runs a function for `node`, in the given turn of its loop if it is one."""
    body = lowering.graph.library[name]
    values = dict(zip(body.inputs, inputs, strict=True))
    inner = lowering.function(name, {tensor: value for tensor, value in values.items() if isinstance(value, Handle)})
    if SEED in run.values:
        values[SEED] = run.values[SEED]
    within = (*run.within, np.uint32(zlib.crc32(node.name.encode())), *turn)
    varied = None if run.is_varied(node) else frozenset()
    inside = replace(run, values=values, state=state, written={}, checks=[], within=within, varied=varied)
    inner.evaluate(inner.nodes, inside)
    return Result([inside.values[tensor] for tensor in body.outputs], inside.written, inside.checks)


def _state_for(lowering: Lowering, node: Node, run: Run) -> dict[str, Array]:
    """The variables as `node` sees them: those that it changes as the writes before left them."""
    changed = _changed(lowering, node)
    variables = lowering.variables
    new = {
        name: value
        for name, value in run.written.items()
        if name in changed or variables.is_ordered_behind_write(node, name)
    }
    return {**run.state, **new, **{is_set(name): np.asarray(True) for name in new}}


def _changed(lowering: Lowering, node: Node) -> list[str]:
    return sorted({handle.variable for handle in lowering.variables.uses(node).written})


def _inputs(lowering: Lowering, node: Node, run: Run) -> list[Any]:
    return [lowering.read(node, tensor, run) for tensor in node.inputs]


def _is_traced(run: Run) -> bool:
    """Whether a program is being made. Op by op, the number of the run is a number."""
    return isinstance(run.step, Tracer)


def _truth(value: Any) -> Any:
    """A number is true unless it is 0, text and anything with a rank unless it is empty."""
    if np.ndim(value):
        return np.asarray(np.size(value) > 0)
    if value.dtype == object:
        return np.asarray(len(value.item()) > 0)
    return value if value.dtype == bool else value != np.zeros((), value.dtype)


# -- calls and branches -----------------------------------------------------------------------------------------------


@form("PartitionedCall")
@form("StatefulPartitionedCall")
def _call(lowering: Lowering, node: Node, run: Run) -> Sequence[Array]:
    inputs = _inputs(lowering, node, run)
    return _keep(run, call(lowering, node, node.attrs["f"].name, inputs, run, _state_for(lowering, node, run)))


def _keep(run: Run, result: Result) -> list[Any]:
    run.written.update(result.written)
    run.checks.extend(result.checks)
    return result.outputs


@form("If")
@form("StatelessIf")
def _if(lowering: Lowering, node: Node, run: Run) -> Sequence[Array]:
    condition, *inputs = _inputs(lowering, node, run)
    names = [node.attrs["else_branch"].name, node.attrs["then_branch"].name]
    return _branch(lowering, node, run, _truth(condition), names, inputs)


@form("Case")
@form("StatelessCase")
def _case(lowering: Lowering, node: Node, run: Run) -> Sequence[Array]:
    index, *inputs = _inputs(lowering, node, run)
    names = [branch.name for branch in node.attrs["branches"]]
    is_outside = (index < np.int32(0)) | (index >= np.int32(len(names)))
    last = np.int32(len(names) - 1)
    chosen = jnp.where(is_outside, last, index) if isinstance(index, Tracer) else (last if is_outside else index)
    return _branch(lowering, node, run, chosen, names, inputs)


def _branch(
    lowering: Lowering, node: Node, run: Run, index: Any, names: Sequence[str], inputs: Sequence[Any]
) -> Sequence[Array]:
    """What the function at `index` gives: that one alone where the index is known, else XLA's conditional."""
    state = _state_for(lowering, node, run)
    if not isinstance(index, Tracer):
        return _keep(run, call(lowering, node, names[int(index)], inputs, run, state))
    changed = _changed(lowering, node)
    seen: list[list[Check]] = [[] for _ in names]

    def take(position: int) -> Any:
        result = call(lowering, node, names[position], inputs, run, state)
        seen[position] = result.checks
        written = [result.written.get(name, state[name]) for name in changed]
        return placed(result.outputs), placed(written), _found(result.checks)

    shapes = [jax.eval_shape(lambda position=position: take(position)) for position in range(len(names))]
    outputs = settled([shape[0] for shape in shapes], "branches")
    written = settled([shape[1] for shape in shapes], "branches")

    def branch(position: int) -> Any:
        found = take(position)
        checks = [found[2] if position == other else _passing(shape[2]) for other, shape in enumerate(shapes)]
        return conformed(found[0], outputs), conformed(found[1], written), checks

    branches = [lambda position=position: branch(position) for position in range(len(names))]
    values, new, checks = lax.switch(jnp.asarray(index).astype(jnp.int32), branches)
    run.written.update(zip(changed, new, strict=True))
    for made, found in zip(seen, checks, strict=True):
        run.checks.extend(_checks(made, found))
    return values


@form("ControlTrigger")
def _trigger(lowering: Lowering, node: Node, run: Run) -> Sequence[Array]:
    return []


def _refuse(lowering: Lowering, node: Node, run: Run) -> Sequence[Array]:
    raise GraphError(f"{node.op} has a meaning only where a graph is imported", hint="use cond or while_loop")


FORMS.update(dict.fromkeys((op for op in OPS if op.removeprefix("Ref") in FRAMES), _refuse))


# -- checks within branches and loops ---------------------------------------------------------------------------------


def _found(checks: Sequence[Check]) -> list[tuple[jax.Array, list[jax.Array]]]:
    """What checks found, without the texts among their data: those are known already, and no arrays."""
    return [
        (jnp.asarray(check.holds), [jnp.asarray(item) for item in check.data if item.dtype != object])
        for check in checks
    ]


def _passing(shapes: Sequence[tuple[Any, Any]]) -> list[tuple[jax.Array, Any]]:
    """Checks of these shapes that hold."""
    return [
        (jnp.ones(holds.shape, bool), jax.tree.map(lambda shape: jnp.zeros(shape.shape, shape.dtype), data))
        for holds, data in shapes
    ]


def _checks(made: Sequence[Check], found: Sequence[tuple[Array, Any]]) -> list[Check]:
    """The checks that were made while branches or turns were looked at, with what these found when they ran."""
    checks = []
    for check, (holds, data) in zip(made, found, strict=True):
        numbers = iter(data)
        shown = tuple(item if item.dtype == object else next(numbers) for item in check.data)
        checks.append(check._replace(holds=holds, data=shown))
    return checks


def _first_failing(before: Sequence[tuple[Any, Any]], now: Sequence[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Of two turns, what the checks of the earlier one found, or of the later one where those held."""
    pairs = zip(before, now, strict=True)
    return [jax.tree.map(lambda old, new, held=old[0]: jnp.where(held, new, old), old, new) for old, new in pairs]


# -- loops ------------------------------------------------------------------------------------------------------------


@form("While")
@form("StatelessWhile")
def _while(lowering: Lowering, node: Node, run: Run) -> Sequence[Array]:
    loop = _Loop(lowering, node, run)
    return loop.compiled() if _is_traced(run) else loop.in_python()


class _Loop:
    """One While node about to run."""

    def __init__(self, lowering: Lowering, node: Node, run: Run):
        self.lowering, self.node, self.run = lowering, node, run
        self.inputs = _inputs(lowering, node, run)
        self.state = _state_for(lowering, node, run)
        self.changed = _changed(lowering, node)
        body = lowering.graph.library[node.attrs["body"].name]
        # What every turn passes on as it is stays known where it is known, and needs no room in what a loop carries.
        self.varying = [k for k in range(len(self.inputs)) if passed_on(body, k) != k]

    def holds(self, values: Sequence[Any], state: State) -> Any:
        """Whether there is another turn."""
        result = call(self.lowering, self.node, self.node.attrs["cond"].name, values, self.run, state)
        if result.written or result.checks:
            raise UntraceableError("its condition has effects")
        return _truth(result.outputs[0])

    def turn(self, values: Sequence[Any], state: State, number: Array) -> Result:
        """What one turn leaves."""
        return call(self.lowering, self.node, self.node.attrs["body"].name, values, self.run, state, number)

    def in_python(self) -> Sequence[Any]:
        """Turn by turn, so that sizes may change."""
        values, state = self.inputs, dict(self.state)
        for number in itertools.count():
            condition = call(self.lowering, self.node, self.node.attrs["cond"].name, values, self.run, state)
            state.update(condition.written)
            if not static(_truth(_keep(self.run, condition)[0]), "cond"):
                return values
            result = self.turn(values, state, np.asarray(number, np.int32))
            state.update(result.written)
            values = _keep(self.run, result)
        return values

    def compiled(self) -> Sequence[Any]:
        """As one loop of XLA, which has a reverse pass where the number of its turns, or a bound on it, is known."""
        turns = count_turns(self.lowering, self.node, self.inputs)
        if turns is not None and not turns.most:
            return self.inputs
        first = self._placed(self.inputs, self.state)
        carried, lengthened, checks = self._settle(first, None if turns is None else turns.most)
        start = conformed(first, carried), _passing(checks)
        if turns is not None and turns.is_exact:
            end, found = lax.fori_loop(0, turns.most, lambda k, now: self._next(now, k, carried), start)
        elif not self.run.is_varied(self.node):
            _, (end, found) = lax.while_loop(
                lambda now: jnp.asarray(self._holds(now[1])),
                lambda now: (now[0] + np.int32(1), self._next(now[1], now[0], carried)),
                (jnp.int32(0), start),
            )
        elif turns is not None:
            end, found = lax.fori_loop(
                0,
                turns.most,
                lambda k, now: lax.cond(self._holds(now), lambda: self._next(now, k, carried), lambda: now),
                start,
            )
        else:
            raise UntraceableError("a loop has no gradient in a program that has no bound on the number of its turns")
        if turns is not None and turns.is_exact:
            found_lengths = zip(end, first, lengthened, strict=True)
            end = [of_length(value, before, turns.most * more) for value, before, more in found_lengths]
        self.run.checks.extend(_checks(self._seen, found))
        count = len(self.varying)
        self.run.written.update(zip(self.changed, end[count:], strict=True))
        return self._filled(end[:count])

    def _placed(self, values: Sequence[Any], state: State) -> list[Any]:
        """What goes from turn to turn: the values that vary, then the variables that are changed."""
        return placed([*(values[k] for k in self.varying), *(state[name] for name in self.changed)])

    def _filled(self, varying: Sequence[Any]) -> list[Any]:
        """All values of the loop, from those that vary."""
        found = dict(zip(self.varying, varying, strict=True))
        return [found.get(k, value) for k, value in enumerate(self.inputs)]

    def _unplaced(self, carried: Sequence[Any]) -> tuple[list[Any], State]:
        count = len(self.varying)
        state = dict(zip(self.changed, carried[count:], strict=True))
        return self._filled(carried[:count]), {**self.state, **state}

    def _holds(self, now: Any) -> Any:
        return self.holds(*self._unplaced(now[0]))

    def _step(self, carried: Sequence[Any], number: Any) -> tuple[list[Any], list[Any]]:
        """What goes to the next turn, and what the checks of this one found."""
        values, state = self._unplaced(carried)
        result = self.turn(values, state, number)
        self._seen = result.checks
        return self._placed(result.outputs, {**state, **result.written}), _found(result.checks)

    def _next(self, now: Any, number: Any, forms: Sequence[Form]) -> Any:
        carried, found = self._step(now[0], number)
        return conformed(carried, forms), _first_failing(now[1], found)

    def _settle(self, first: Sequence[Any], turns: int | None) -> tuple[list[Form], list[int], list[Any]]:
        """The form that each carried value has in all turns, by how much a list grows in each, and a turn's checks."""
        forms = forms_of(first)
        lengthened = [0] * len(first)
        for _ in range(_MOST_ROUNDS):
            after, checks = jax.eval_shape(self._step, forms, np.int32(0))
            more = [growth(old, new) for old, new in zip(forms, after, strict=True)]
            lengthened = [known or found for known, found in zip(lengthened, more, strict=True)]
            before, forms = forms, settled([forms, after], "turns", turns)
            if forms == before:
                return forms, lengthened, checks
        raise UntraceableError("what the loop carries has another form after each turn")


_MOST_ROUNDS = 8  # a list may learn its elements' shape from another list that learns it from a third
