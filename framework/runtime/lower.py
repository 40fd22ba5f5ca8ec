"""The lowering: one loop over nodes turns (graph, feeds, fetches) into a pure function of JAX values.

Session.run, training, evaluation, prediction and export all go through `Lowering`; no kernel runs and nothing is
differentiated outside of it.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import chain
from typing import Any

import jax
import numpy as np

from framework.errors import GraphError, InvalidArgumentError, UntraceableError
from framework.graph import Graph, Node, TensorSpec
from framework.graph.composite import body_of
from framework.graph.dtypes import as_dtype
from framework.graph.graph import FOLD_LIMIT
from framework.graph.hyper import SEED
from framework.graph.node import node_of
from framework.graph.opdef import Call, lookup
from framework.graph.passes import prune
from framework.graph.resources import own_handle
from framework.graph.shapes import size
from framework.kernels.registry import Registered, find_kernel, has_choice, platforms_of
from framework.kernels.threefry import fold_in
from framework.runtime.differentiate import differentiate
from framework.runtime.evaluation import Array, Run, State
from framework.runtime.stages import nested
from framework.runtime.variables import Handle, Variables, effects

_SHAPE_OPS = ("Shape", "ShapeN", "Size", "Rank")
# How JAX says that a value must be known which it only traces.
_TRACED = (
    jax.errors.ConcretizationTypeError,
    jax.errors.NonConcreteBooleanIndexError,
    jax.errors.TracerArrayConversionError,
    jax.errors.TracerIntegerConversionError,
)


class Lowering:
    """The part of a graph that `fetches` need, ready to be evaluated.

    fetches, feeds: tensor names; `operations`: names of nodes that are run for their effect.
    platform: `cpu`, `cuda` or `tpu`, which chooses the kernels. kept: op -> names of the kernels to choose among, where
    one of them is there; by default all.
    Raises GraphError, naming every node that has no kernel here, and InvalidArgumentError for a placeholder that is
    needed but not fed.
    """

    def __init__(
        self,
        graph: Graph,
        fetches: Sequence[str],
        operations: Sequence[str],
        feeds: Sequence[str],
        platform: str,
        kept: Mapping[str, Collection[str]] | None = None,
    ):
        self.graph = graph
        self.platform = platform
        self.kept = kept
        self._functions: dict[Any, Lowering] = {}
        self._fed = frozenset(feeds)
        self._take(prune(graph, [*fetches, *operations], feeds), fetches)
        self._check(set(feeds))
        self._add_slots()

    def part(self, nodes: Sequence[Node], fetches: Sequence[str]) -> Lowering:
        """The same lowering of some of the nodes alone; what else they read must be fed."""
        part = copy(self)
        part._take(nodes, fetches, self.variables.arguments)
        part._add_slots()
        return part

    def function(self, name: str, arguments: Mapping[str, Handle]) -> Lowering:
        """The lowering of a function of the library; `arguments` are its placeholders that stand for variables."""
        key = name, frozenset(arguments.items())
        if key not in self._functions:
            body, inner = self.graph.library[name], copy(self)
            inner.graph, inner._functions, inner._fed = body.graph, {}, frozenset()
            wanted = [*body.outputs, *effects(body.graph, arguments)]
            inner._take(prune(body.graph, wanted, body.inputs), body.outputs, arguments)
            self._functions[key] = inner
        return self._functions[key]

    def _take(
        self, nodes: Sequence[Node], fetches: Sequence[str], arguments: Mapping[str, Handle] | None = None
    ) -> None:
        self.nodes, self.fetches = list(nodes), tuple(fetches)
        self._reads = Counter(chain(chain.from_iterable(node.inputs for node in self.nodes), self.fetches))
        self.variables = Variables(self.graph, self.nodes, self.fetches, arguments, fed=self._fed)

    def _add_slots(self) -> None:
        for node in self.variables.updates:
            self.variables.add_slots(node, SLOTS[node.op](self, node))

    def _check(self, feeds: set[str]) -> None:
        missing = [node.name for node in self.nodes if node.op == "Placeholder" and f"{node.name}:0" not in feeds]
        if missing:
            listed = ", ".join(f"'{name}' {self.graph.nodes[name].outputs[0]}" for name in missing)
            raise InvalidArgumentError(f"the fetches need a value for {listed}; feed it")
        unknown: dict[str, int] = {}
        for _, node in chain.from_iterable(nested(self.graph, node) for node in self.nodes):
            is_run_here = node.op in (*FORMS, "Gradients") or lookup(node.op).body is not None
            if not is_run_here and find_kernel(node.op, self.platform) is None:
                unknown[node.op] = unknown.get(node.op, 0) + 1
        if unknown:
            listed = ", ".join(
                f"{op} ({count} node{'s' * (count > 1)}{_elsewhere(op)})" for op, count in unknown.items()
            )
            raise GraphError(f"no kernel on {self.platform} for {listed}")

    def __call__(self, state: State, feeds: Mapping[str, Array], step: Array) -> tuple[list[Array], dict[str, Array]]:
        """The values of the fetches, and the variables that have a new value. Pure; may be traced by JAX."""
        run = self.run(Run(dict(feeds), state, step))
        return [run.values[name] for name in self.fetches], run.written

    def run(self, run: Run) -> Run:
        """Runs all nodes. Pure but for what it adds to `run`; may be traced by JAX."""
        # What mixes types or ranks silently elsewhere is a mistake of a kernel here.
        with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
            self.evaluate(self.nodes, run)
        return run

    def evaluate(self, nodes: Sequence[Node], run: Run) -> None:
        """Runs `nodes`, which stand in a valid order, adding what they compute to `run`."""
        for node in self._differentiate(nodes, run):
            try:
                self._call(node, run)
            except (UntraceableError, *_TRACED) as error:
                # Of nodes within nodes, the outermost is the one that can run op by op.
                message = error.message if isinstance(error, UntraceableError) else str(error).partition("\n")[0]
                raise UntraceableError(message, node.name) from error
            except GraphError as error:
                raise error if error.node else type(error)(error.message, node.name, error.hint) from None
            except InvalidArgumentError as error:
                raise InvalidArgumentError(f"{node.name}: {error}") from None
            except (TypeError, ValueError, IndexError) as error:
                # Shapes that only a run knows can still disagree; JAX says how, and we where.
                raise GraphError(f"{node.op}: {error}", node.name) from error

    def _differentiate(self, nodes: Sequence[Node], run: Run) -> list[Node]:
        """Evaluates the gradients among `nodes`, with all that they need, and returns the other nodes."""
        return differentiate(self.graph, nodes, run, self.evaluate)

    def _call(self, node: Node, run: Run) -> None:
        form = FORMS.get(node.op)
        if form is not None:
            outputs = form(self, node, run)
        else:
            inputs = [self.read(node, name, run) for name in node.inputs]
            if _is_constant_to_gradients(node):
                inputs = [jax.lax.stop_gradient(x) if isinstance(x, jax.Array) else x for x in inputs]
            outputs = self._fold(node, inputs)
            if outputs is None:
                outputs = self.compute(node, inputs, run)
        for index, value in enumerate(outputs):
            name = f"{node.name}:{index}"
            if name not in run.values:  # of a node with several outputs, one may be fed and others needed
                run.values[name] = value

    def read(self, node: Node, tensor: str, run: Run) -> Array:
        """The value that `node` sees when it reads `tensor`: a variable's new one only if it is ordered behind it."""
        source = self.graph.nodes[node_of(tensor)]
        if source.op == "VariableV2" and tensor not in self._fed:
            variable = own_handle(source).variable
            if variable in run.written and self.variables.is_ordered_behind_write(node, variable):
                return run.written[variable]
        return run.values[tensor]

    def is_read_once(self, tensor: str) -> bool:
        """Whether one node alone reads a tensor that this lowering computes."""
        return self._reads[tensor] == 1 and tensor not in self._fed

    def _fold(self, node: Node, inputs: Sequence[Array]) -> Sequence[Array] | None:
        """The outputs of a node that follow from static values and shapes, computed with NumPy; else None."""
        fold = lookup(node.op).fold
        if fold is None:
            return None
        if node.op in _SHAPE_OPS:
            inputs = [np.broadcast_to(np.int8(0), np.shape(value)) for value in inputs]
        if not all(isinstance(value, np.ndarray) for value in inputs):
            return None
        if any((size(spec.shape) or 0) > FOLD_LIMIT for spec in node.outputs):
            return None  # made by the program, rather than written into it
        result = fold(node.attrs, *inputs)
        results = result if isinstance(result, (tuple, list)) else (result,)
        return [np.asarray(r, spec.dtype.numpy) for r, spec in zip(results, node.outputs, strict=True)]

    def compute(self, node: Node, inputs: Sequence[Array], run: Run) -> Sequence[Array]:
        kernel = self._kernel(node, inputs)
        with jax.named_scope(node.name):
            if kernel is None:
                return self._run_body(node, inputs, run)
            if lookup(node.op).is_stateful:
                result = kernel(_Context(node, run), node.attrs, *inputs)
            else:
                result = kernel(node.attrs, *inputs)
        return result if isinstance(result, (tuple, list)) else (result,)

    def _kernel(self, node: Node, inputs: Sequence[Array]) -> Registered | None:
        """The kernel for these inputs."""
        if not has_choice(node.op, self.platform):
            return find_kernel(node.op, self.platform)
        known = [value if isinstance(value, np.ndarray) else None for value in inputs]
        shapes, dtypes = [np.shape(value) for value in inputs], [as_dtype(value.dtype) for value in inputs]
        call = Call(lookup(node.op), node.name, node.attrs, shapes, dtypes, known)
        return find_kernel(node.op, self.platform, call, self.kept)

    def _run_body(self, node: Node, inputs: Sequence[Array], run: Run) -> Sequence[Array]:
        """The outputs of a composite op that no kernel computes whole; shapes are those of this run's values."""
        specs = [
            TensorSpec(self.graph.spec(name).dtype, np.shape(value))
            for name, value in zip(node.inputs, inputs, strict=True)
        ]
        body = body_of(lookup(node.op), node.attrs, specs)
        lowering = Lowering(body.graph, body.outputs, [], body.inputs, self.platform, self.kept)
        return lowering({}, dict(zip(body.inputs, inputs, strict=True)), run.step)[0]


def _is_constant_to_gradients(node: Node) -> bool:
    """Whether a node needs concrete arrays where JAX holds what it differentiates, and gives no gradient anyway."""
    is_smooth = any(spec.dtype.is_floating or spec.dtype.is_complex for spec in node.outputs)
    return not lookup(node.op).is_traceable and not is_smooth


@dataclass(frozen=True)
class _Context:
    """What a kernel of a stateful op is given besides its inputs."""

    node: Node
    run: Run

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        return self.node.outputs

    def random_key(self, seed: int = 0, seed2: int = 0) -> jax.Array:
        """A key made of the run's seed and step, the node's name and the op's own seeds; never of its position."""
        # What is known already is one number: each fold is a hash of its own in the program.
        own = np.uint32(zlib.crc32(f"{self.name}:{seed}:{seed2}".encode()))
        key = jax.random.key(self.run.values.get(SEED, np.int32(0)))
        for number in (self.run.step, *self.run.within, own):
            key = fold_in(key, number)
        return key


def _elsewhere(op: str) -> str:
    """Which platforms have the kernel that this one lacks, for a message."""
    known = platforms_of(op)
    return f"; it has one for {' and '.join(known)}" if known else ""


Form = Callable[[Lowering, Node, Run], Sequence[Array]]
Slots = Callable[[Lowering, Node], dict[str, TensorSpec]]
# Ops that the loop itself runs, since they concern its feeds or its state; `runtime.forms` fills the table.
FORMS: dict[str, Form] = {}
# The state that such an op keeps beside the variables of the graph.
SLOTS: dict[str, Slots] = {}


def form(op: str) -> Callable[[Form], Form]:
    """A decorator that enters its target into FORMS."""

    def enter(function: Form) -> Form:
        FORMS[op] = function
        return function

    return enter
