"""Conditions and loops written with Python functions, which become functions of the graph's library."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from framework.errors import GraphError
from framework.graph import (
    Body,
    Graph,
    Operation,
    Shape,
    Tensor,
    TensorSpec,
    convert_to_tensor,
    get_default_graph,
    show,
)
from framework.graph.dtypes import bool_, int32, resource
from framework.graph.function_graph import FunctionGraph
from framework.graph.opdef import lookup
from framework.graph.shapes import fits
from framework.graph.structure import flatten, is_sequence, outline, pack
from framework.ops.apply import TensorLike, apply
from framework.ops.control_flow import common

Branch = Callable[[], Any]
T = TypeVar("T")


def cond(pred: TensorLike, true_fn: Branch, false_fn: Branch, name: str = "cond") -> Any:
    """What `true_fn()` gives where `pred` is true, else what `false_fn()` gives; only one of them runs.

    pred: scalar, bool. true_fn, false_fn: give tensors in the same structure (tuples, lists, dicts) and of the same
    types; where their shapes differ, that of the result is known only as far as they agree. A function that gives
    None, or only operations, runs for its effect, and the operation that runs it is returned.
    Raises GraphError that says in what the two differ.

    Source: https://www.tensorflow.org/api_docs/python/tf/cond
    """
    graph = get_default_graph()
    chosen = convert_to_tensor(pred, graph)
    if chosen.dtype is not bool_ or chosen.shape not in ((), None):
        raise GraphError(f"{name}: 'pred' must be a scalar bool, found {chosen.spec}")
    with graph.name_scope(name):
        branches = {"true_fn": _written(graph, true_fn), "false_fn": _written(graph, false_fn)}
        functions = _add_branches(graph, name, branches)
        attrs = {"then_branch": functions[0], "else_branch": functions[1]}
        return _run_branches(graph, "If", chosen, list(branches.values()), attrs)


def switch_case(branch_index: TensorLike, branch_fns: Sequence[Branch], name: str = "switch_case") -> Any:
    """What the function at `branch_index` gives, the last one where the index is outside of them.

    branch_index: scalar, int32. branch_fns: as the two functions of `cond`.
    Raises GraphError that says in what the functions differ.

    Source: https://www.tensorflow.org/api_docs/python/tf/switch_case
    """
    graph = get_default_graph()
    if not branch_fns:
        raise GraphError(f"{name}: there must be at least one function")
    index = convert_to_tensor(branch_index, graph)
    if index.dtype is not int32 or index.shape not in ((), None):
        raise GraphError(f"{name}: 'branch_index' must be a scalar int32, found {index.spec}")
    with graph.name_scope(name):
        branches = {f"branch_fns[{k}]": _written(graph, function) for k, function in enumerate(branch_fns)}
        attrs = {"branches": _add_branches(graph, name, branches)}
        return _run_branches(graph, "Case", index, list(branches.values()), attrs)


def case(pred_fn_pairs: Sequence[tuple[TensorLike, Branch]], default: Branch | None = None, name: str = "case") -> Any:
    """What the function of the first pair gives whose predicate is true, else what `default()` gives.

    pred_fn_pairs: (scalar bool, function), the functions as those of `cond`. default: by default the last function.
    Raises GraphError that says in what the functions differ.

    Source: https://www.tensorflow.org/api_docs/python/tf/case
    """
    if not pred_fn_pairs:
        raise GraphError(f"{name}: there must be at least one pair of a predicate and a function")
    (pred, function), *rest = pred_fn_pairs
    if not rest and default is None:
        return function()
    return cond(pred, function, (lambda: case(rest, default, name)) if rest else default or function, name)


def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    shape_invariants: Any = None,
    maximum_iterations: TensorLike | None = None,
    name: str = "while",
) -> Any:
    """What is left of `loop_vars` when `body` is applied to them for as long as `cond` is true.

    cond: from the variables, one argument each, to a scalar bool. body: from the variables to their next values, in
    the same structure and of the same types. loop_vars: a tuple or list whose entries are tensors or structures of
    them, or one such entry. shape_invariants: the shape of each tensor in all turns, in the structure of `loop_vars`;
    by default what `body` keeps of the first shapes. maximum_iterations: scalar int32, the most turns there can be.
    A loop has a gradient in a compiled program when its turns are bounded: by a counter that is compared with a
    constant, or by `maximum_iterations`; any other loop runs op by op to be differentiated.
    Raises GraphError that names the variable whose type or shape does not fit.

    Source: https://www.tensorflow.org/api_docs/python/tf/while_loop
    """
    if not is_sequence(loop_vars):
        given = None if shape_invariants is None else (shape_invariants,)
        return while_loop(cond, lambda x: (body(x),), (loop_vars,), given, maximum_iterations, name)[0]
    if maximum_iterations is not None:
        return _bounded(cond, body, loop_vars, shape_invariants, maximum_iterations, name)
    graph = get_default_graph()
    with graph.name_scope(name):
        loop = _Loop(graph, name, cond, body, pack(loop_vars, [_tensor(x, graph) for x in flatten(loop_vars)]))
        return loop.added(None if shape_invariants is None else _shapes(loop_vars, shape_invariants, name))


def _bounded(cond: Any, body: Any, loop_vars: Any, shape_invariants: Any, most: TensorLike, name: str) -> Any:
    """The loop with a counter of its own as a first variable."""

    def holds(turn: Tensor, values: Any) -> Tensor:
        return apply("LogicalAnd", (apply("Less", (turn, most))[0], cond(*values)))[0]

    def step(turn: Tensor, values: Any) -> Any:
        found = body(*values)
        return turn + 1, found if is_sequence(found) else type(values)((found,))

    given = None if shape_invariants is None else ((), shape_invariants)
    return while_loop(holds, step, (0, loop_vars), given, name=name)[1]


def _tensor(value: Any, graph: Graph) -> Tensor:
    return graph.capture(convert_to_tensor(value, graph))


# -- branches ---------------------------------------------------------------------------------------------------------


class _Written:
    """A branch: its graph, and what its function gave, the operations among it left out."""

    def __init__(self, graph: FunctionGraph, result: Any):
        with graph.as_default():
            leaves = [leaf for leaf in flatten(result) if not isinstance(leaf, Operation)]
            self.outputs = [graph.capture(convert_to_tensor(leaf, graph)) for leaf in leaves]
        self.graph = graph
        self.structure = result if len(leaves) == len(flatten(result)) else None


def _written(graph: Graph, function: Branch) -> _Written:
    def write(inner: FunctionGraph) -> _Written:
        with inner.as_default():
            return _Written(inner, function())

    return _traced(graph, write)


def _add_branches(graph: Graph, name: str, branches: Mapping[str, _Written]) -> list[str]:
    """Enters branches into the library, with the same arguments, and returns their names there."""
    _compare(name, branches)
    captured = dict.fromkeys(tensor for branch in branches.values() for tensor in branch.graph.captured)
    names = []
    for label, branch in branches.items():
        arguments = [branch.graph.capture(tensor) for tensor in captured]
        names.append(_enter(graph, f"{name}_{label}", branch.graph.body(arguments, branch.outputs)))
    return names


def _compare(name: str, branches: Mapping[str, _Written]) -> None:
    (first, wanted), *rest = branches.items()
    for label, branch in rest:
        if outline(branch.structure) != outline(wanted.structure):
            raise GraphError(
                f"{name}: {first} gives {outline(wanted.structure)}, but {label} gives {outline(branch.structure)}",
                hint="all functions must give the same structure",
            )
        for k, (a, b) in enumerate(zip(wanted.outputs, branch.outputs, strict=True)):
            if a.dtype is not b.dtype:
                raise GraphError(f"{name}: result {k} is {a.spec} from {first}, but {b.spec} from {label}")


def _run_branches(graph: Graph, op: str, chosen: Tensor, branches: Sequence[_Written], attrs: Mapping[str, Any]) -> Any:
    captured = list(dict.fromkeys(tensor for branch in branches for tensor in branch.graph.captured))
    types = [tensor.dtype for tensor in branches[0].outputs]
    operation = graph.add(
        _kind(op, [branch.graph for branch in branches]),
        [graph.capture(chosen), *captured],
        {**attrs, "Tin": [tensor.dtype for tensor in captured], "Tout": types},
        control_inputs=[item for branch in branches for item in branch.graph.awaited],
    )
    return pack(branches[0].structure, operation.outputs) if types else operation


# -- loops ------------------------------------------------------------------------------------------------------------


class _Loop:
    """A While node about to be added."""

    def __init__(self, graph: Graph, name: str, cond: Callable[..., Any], body: Callable[..., Any], start: Any):
        self.graph, self.name, self.cond, self.body, self.start = graph, name, cond, body, start
        self.tensors: list[Tensor] = flatten(start)

    def added(self, invariants: Sequence[Shape] | None) -> Any:
        """Adds the node and returns the structure of its outputs."""
        shapes = [tensor.shape for tensor in self.tensors] if invariants is None else list(invariants)
        self._check_start(shapes)
        while True:
            # A function that is written for shapes that do not last is written again for those that do.
            known = set(self.graph.library)
            body, arguments, results = self._write_body(shapes)
            found = [tensor.shape for tensor in results]
            if all(map(_covers, shapes, found)):
                break
            if invariants is not None:
                self._refuse(shapes, found)
            shapes = [common(pair) for pair in zip(shapes, found, strict=True)]
            _forget(self.graph, known)
        condition, others, holds = self._write_condition(shapes, body.written)
        captured = dict.fromkeys((*body.captured, *condition.captured))
        for inner, own in ((body, arguments), (condition, others)):
            own.extend(inner.capture(tensor) for tensor in captured)
        kept = [*results, *arguments[len(results) :]]
        operation = self.graph.add(
            _kind("While", [body, condition]),
            [*self.tensors, *captured],
            {
                "cond": _enter(self.graph, f"{self.name}_cond", condition.body(others, [holds])),
                "body": _enter(self.graph, f"{self.name}_body", body.body(arguments, kept)),
                "output_shapes": [*shapes, *(tensor.shape for tensor in captured)],
            },
            control_inputs=[*body.awaited, *condition.awaited],
        )
        return pack(self.start, operation.outputs[: len(self.tensors)])

    def _write_body(self, shapes: Sequence[Shape]) -> tuple[FunctionGraph, list[Tensor], list[Tensor]]:
        """The graph of a turn, its arguments, and what it makes of them. Raises GraphError."""
        return _traced(self.graph, lambda inner: self._write_turn(inner, self._arguments(inner, shapes)))

    def _write_turn(
        self, inner: FunctionGraph, arguments: list[Tensor]
    ) -> tuple[FunctionGraph, list[Tensor], list[Tensor]]:
        with inner.as_default():
            made = self.body(*pack(self.start, arguments))
            made = made if is_sequence(made) else type(self.start)((made,))
            if not _is_alike(self.start, made):
                raise GraphError(f"{self.name}: 'body' gives {outline(made)}, the variables are {outline(self.start)}")
            pairs = zip(flatten(made), self.tensors, strict=True)
            results = [inner.capture(convert_to_tensor(leaf, inner, _wanted(leaf, first))) for leaf, first in pairs]
        for k, (first, found) in enumerate(zip(self.tensors, results, strict=True)):
            if first.dtype is not found.dtype:
                raise GraphError(f"{self.name}: variable {k} is {first.spec}, but 'body' makes it {found.spec}")
        return inner, arguments, results

    def _write_condition(
        self, shapes: Sequence[Shape], written: Iterable[str]
    ) -> tuple[FunctionGraph, list[Tensor], Tensor]:
        """The graph of the condition, its arguments, and whether there is another turn. Raises GraphError."""
        inner = FunctionGraph(self.graph, written)
        arguments = self._arguments(inner, shapes)
        with inner.as_default():
            holds = inner.capture(convert_to_tensor(self.cond(*pack(self.start, arguments)), inner))
        if holds.dtype is not bool_ or holds.shape not in ((), None):
            raise GraphError(f"{self.name}: 'cond' must give a scalar bool, found {holds.spec}")
        return inner, arguments, holds

    def _arguments(self, inner: FunctionGraph, shapes: Sequence[Shape]) -> list[Tensor]:
        specs = (TensorSpec(tensor.dtype, shape) for tensor, shape in zip(self.tensors, shapes, strict=True))
        return [inner.argument(spec) for spec in specs]

    def _check_start(self, shapes: Sequence[Shape]) -> None:
        for k, (tensor, shape) in enumerate(zip(self.tensors, shapes, strict=True)):
            if not fits(shape, tensor.shape):
                raise GraphError(
                    f"{self.name}: variable {k} begins with shape {show(tensor.shape)}, "
                    f"which does not fit its 'shape_invariants' {show(shape)}"
                )

    def _refuse(self, shapes: Sequence[Shape], found: Sequence[Shape]) -> None:
        k = next(k for k, pair in enumerate(zip(shapes, found, strict=True)) if not _covers(*pair))
        raise GraphError(
            f"{self.name}: 'body' makes variable {k} {show(found[k])}, but its 'shape_invariants' say {show(shapes[k])}"
        )


def _covers(general: Shape, specific: Shape) -> bool:
    """Whether every value of shape `specific` has the shape `general`."""
    return common([general, specific]) == general


def _wanted(leaf: Any, first: Tensor) -> Any:
    """The type of what a body gives: that of the variable where Python wrote a number."""
    return first.dtype if isinstance(leaf, (bool, int, float)) else None


def _is_alike(start: Any, made: Any) -> bool:
    """Whether two structures are the same, the outermost of which may be a tuple for a list."""
    return len(start) == len(made) and all(outline(a) == outline(b) for a, b in zip(start, made, strict=True))


def _shapes(loop_vars: Any, invariants: Any, name: str) -> list[Shape]:
    """The shapes of the invariants, in the order of the tensors of `loop_vars`. Raises GraphError."""
    if isinstance(loop_vars, Mapping) and isinstance(invariants, Mapping) and loop_vars.keys() == invariants.keys():
        return [shape for key in loop_vars for shape in _shapes(loop_vars[key], invariants[key], name)]
    if is_sequence(loop_vars) and is_sequence(invariants) and len(loop_vars) == len(invariants):
        pairs = zip(loop_vars, invariants, strict=True)
        return [shape for variable, part in pairs for shape in _shapes(variable, part, name)]
    if is_sequence(loop_vars) or isinstance(loop_vars, Mapping):
        raise GraphError(f"{name}: 'shape_invariants' must have the structure of the variables, {outline(loop_vars)}")
    return [None if invariants is None else tuple(invariants)]


# -- both -------------------------------------------------------------------------------------------------------------


def _traced(graph: Graph, write: Callable[[FunctionGraph], T]) -> T:
    """What `write` makes of the graph of a function, which is written again once it is known what it changes."""
    known = set(graph.library)
    inner = FunctionGraph(graph)
    while True:
        result = write(inner)
        if not inner.is_stale:
            return result
        _forget(graph, known)
        inner = FunctionGraph(graph, inner.written)


def _forget(graph: Graph, known: Collection[str]) -> None:
    """Drops the functions that were entered since these were known."""
    for name in [name for name in graph.library if name not in known]:
        del graph.library[name]


def _enter(graph: Graph, name: str, body: Body) -> str:
    """Enters a function into the library under a name that is free, and returns the name."""
    base = re.sub(r"\W+", "_", name).strip("_")
    found = next(
        n for n in itertools.chain([base], (f"{base}_{k}" for k in itertools.count(1))) if n not in graph.library
    )
    graph.library[found] = body
    return found


def _kind(op: str, graphs: Sequence[Graph]) -> str:
    """The op for functions with these graphs: the stateless one where none of them has an effect."""
    return op if any(_has_effect(node.op) for graph in graphs for node in graph) else f"Stateless{op}"


def _has_effect(op: str) -> bool:
    definition = lookup(op)
    touches = any(arg.is_ref or arg.dtype is resource for arg in (*definition.inputs, *definition.outputs))
    return definition.is_stateful or touches
