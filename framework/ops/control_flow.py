"""Ops that run functions of the graph's library: calls, branches and loops; see `framework.ops.functional`."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

from framework.errors import GraphError
from framework.graph import Body, Call, DType, Graph, Shape, TensorSpec, register_op
from framework.graph.cost import cost
from framework.graph.dtypes import resource
from framework.graph.node import split
from framework.graph.shapes import fits, merge, show
from framework.ops.inference import Shapes
from framework.registry import did_you_mean


def function(call: Call, name: str) -> Body:
    """The function of this name in the library. Raises GraphError when there is none."""
    if name not in call.library:
        raise call.fail(f"the library holds no function '{name}'{did_you_mean(name, call.library)}")
    return call.library[name]


def check_signature(
    call: Call, name: str, inputs: Sequence[TensorSpec], outputs: Sequence[DType] | None = None
) -> Body:
    """The function `name`, which must take these inputs and give these types. Raises GraphError."""
    body = function(call, name)
    taken = [body.graph.spec(tensor) for tensor in body.inputs]
    given = [body.graph.spec(tensor).dtype for tensor in body.outputs]
    found = [spec.dtype for spec in inputs]
    if [spec.dtype for spec in taken] != found:
        raise call.fail(f"function '{name}' takes {_listed([s.dtype for s in taken])}, but is given {_listed(found)}")
    for k, (wanted, actual) in enumerate(zip(taken, inputs, strict=True)):
        if wanted.dtype is not resource and not fits(wanted.shape, actual.shape):
            raise call.fail(
                f"argument {k} of function '{name}' has shape {show(wanted.shape)}, but is given {show(actual.shape)}"
            )
    if outputs is not None and given != list(outputs):
        raise call.fail(f"function '{name}' gives {_listed(given)}, but the node must give {_listed(outputs)}")
    return body


def common(shapes: Sequence[Shape]) -> Shape:
    """What several shapes agree on: unknown dimensions where they differ, an unknown rank where their ranks do."""
    first = shapes[0]
    if first is None or any(shape is None or len(shape) != len(first) for shape in shapes):
        return None
    axes = zip(*(shape for shape in shapes if shape is not None), strict=True)
    return tuple(dims[0] if len(set(dims)) == 1 else None for dims in axes)


def passed_on(body: Body, index: int) -> int | None:
    """The position of the argument that output `index` of a function is, unchanged, or None."""
    tensor = body.outputs[index]
    while tensor not in body.inputs:
        name, position = split(tensor)
        node = body.graph.nodes[name]
        if node.op not in ("Identity", "IdentityN"):
            return None
        tensor = node.inputs[position]
    return body.inputs.index(tensor)


def _listed(types: Sequence[DType]) -> str:
    return f"({', '.join(map(str, types))})"


def _specs(call: Call, first: int) -> list[TensorSpec]:
    return list(map(TensorSpec, call.dtypes[first:], call.shapes[first:]))


def _declared(call: Call, found: Sequence[Shape]) -> Shapes:
    """The shapes found, made more specific by the attribute `output_shapes` where it is given."""
    declared = call.attrs.get("output_shapes", ())
    if not declared:
        return found
    if len(declared) != len(found):
        raise call.fail(f"attribute 'output_shapes' has {len(declared)} entries for {len(found)} outputs")
    return [_merged(call, k, *pair) for k, pair in enumerate(zip(declared, found, strict=True))]


def _merged(call: Call, index: int, declared: Shape, found: Shape) -> Shape:
    try:
        return merge(declared, found)
    except GraphError:
        raise call.fail(
            f"output {index} has shape {show(found)}, but attribute 'output_shapes' says {show(declared)}"
        ) from None


def _results(body: Body, given: Sequence[Shape]) -> list[Shape]:
    """The shapes of a function's outputs; an argument that is given back has the shape that it came with."""
    places = [passed_on(body, index) for index in range(len(body.outputs))]
    return [
        body.graph.spec(tensor).shape if place is None else given[place]
        for tensor, place in zip(body.outputs, places, strict=True)
    ]


def _branches_shape(call: Call, names: Sequence[str]) -> Shapes:
    inputs, outputs = _specs(call, 1), call.attrs["Tout"]
    bodies = [check_signature(call, name, inputs, outputs) for name in names]
    results = [_results(body, call.shapes[1:]) for body in bodies]
    return _declared(call, [common(shapes) for shapes in zip(*results, strict=True)])


def _if_shape(call: Call) -> Shapes:
    return _branches_shape(call, [call.attrs["then_branch"].name, call.attrs["else_branch"].name])


def _case_shape(call: Call) -> Shapes:
    call.rank(0, 0)
    return _branches_shape(call, [branch.name for branch in call.attrs["branches"]])


def _call_shape(call: Call) -> Shapes:
    body = check_signature(call, call.attrs["f"].name, _specs(call, 0), call.attrs["Tout"])
    return _results(body, call.shapes)


def _while_shape(call: Call) -> Shapes:
    inputs = _specs(call, 0)
    condition = check_signature(call, call.attrs["cond"].name, inputs)
    if len(condition.outputs) != 1:
        raise call.fail(f"function '{call.attrs['cond'].name}' must give one value, found {len(condition.outputs)}")
    body = check_signature(call, call.attrs["body"].name, inputs, [spec.dtype for spec in inputs])
    results = _results(body, call.shapes)
    # What a turn leaves may have another shape than what the first one began with.
    return _declared(call, [common(pair) for pair in zip(call.shapes, results, strict=True)])


# A function that is called twice by one that is called twice, and so on, is counted once.
_counted: WeakKeyDictionary[Graph, int | None] = WeakKeyDictionary()


def _spent(call: Call, name: str) -> int | None:
    graph = call.library[name].graph
    if graph not in _counted:
        spent = [cost(graph, node).flops for node in graph]
        _counted[graph] = None if None in spent else sum(flops or 0 for flops in spent)
    return _counted[graph]


def _call_flops(call: Call, outputs: Shapes) -> int | None:
    return _spent(call, call.attrs["f"].name)


def _unknown_flops(call: Call, outputs: Shapes) -> int | None:
    """What a value decides: which branch is taken, or how many turns are made."""
    return None


_SHAPES = "output_shapes: list(shape) = []"
for _prefix, _is_stateful in (("", True), ("Stateless", False)):
    _how = "" if _is_stateful else ", neither of which has an effect"
    register_op(
        f"{_prefix}If",
        inputs="cond: Tcond, input: Tin",
        outputs="output: Tout",
        attrs=f"Tcond: type, Tin: list(type), Tout: list(type), then_branch: func, else_branch: func, {_SHAPES}",
        shape=_if_shape,
        stateful=_is_stateful,
        flops=_unknown_flops,
        wrapper="",
        doc=f"What one of two functions gives{_how}. A number is true unless it is 0, an array unless it is empty.",
    )
    register_op(
        f"{_prefix}Case",
        inputs="branch_index: int32, input: Tin",
        outputs="output: Tout",
        attrs=f"Tin: list(type), Tout: list(type), branches: list(func) >= 1, {_SHAPES}",
        shape=_case_shape,
        stateful=_is_stateful,
        flops=_unknown_flops,
        wrapper="",
        doc="What one of several functions gives, the last one where the index is outside of them.",
    )
    register_op(
        f"{_prefix}While",
        inputs="input: T",
        outputs="output: T",
        attrs=f"T: list(type), cond: func, body: func, {_SHAPES}, parallel_iterations: int = 10",
        shape=_while_shape,
        stateful=_is_stateful,
        flops=_unknown_flops,
        wrapper="",
        doc="What `body` leaves when it is applied for as long as `cond` is true.",
    )
for _prefix, _is_stateful in (("", False), ("Stateful", True)):
    register_op(
        f"{_prefix}PartitionedCall",
        inputs="args: Tin",
        outputs="output: Tout",
        attrs="Tin: list(type), Tout: list(type), f: func, "
        "config: string = '', config_proto: string = '', executor_type: string = ''",
        shape=_call_shape,
        stateful=_is_stateful,
        flops=_call_flops,
        wrapper="",
        doc="What a function gives.",
    )
