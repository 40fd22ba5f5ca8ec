"""What every generated wrapper does: find the graph, turn what is no tensor into constants, add the node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from framework.errors import GraphError
from framework.graph import DType, Graph, Operation, Tensor, as_dtype, convert_to_tensor, get_default_graph
from framework.graph.dtypes import int32
from framework.graph.opdef import ArgDef, OpDef, lookup

TensorLike = Tensor | np.ndarray | np.generic | bool | int | float | complex | str | bytes | Sequence[Any]
DTypeLike = DType | str | type | np.dtype[Any]


def constant(
    value: Any,
    dtype: DTypeLike | None = None,
    shape: Sequence[int] | None = None,
    name: str = "Const",
    graph: Graph | None = None,
) -> Tensor:
    """A constant of the graph, by default of the default graph.

    dtype: float32 for Python's floats and int32 for its integers, unless given. shape: what `value` is broadcast to.
    Raises GraphError when `value` cannot be held in that type or shape.

    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/Const
    """
    wanted = None if dtype is None else as_dtype(dtype)
    if shape is not None:
        try:
            value = np.broadcast_to(_python_array(value), tuple(shape))
        except ValueError:
            raise GraphError(f"a constant {np.shape(value)} does not fill the shape {tuple(shape)}") from None
    return convert_to_tensor(value, get_default_graph() if graph is None else graph, dtype=wanted, name=name)


def _python_array(value: Any) -> np.ndarray:
    """An array of what Python wrote, in the types its numbers have in a graph."""
    array = np.asarray(value)
    if isinstance(value, (np.ndarray, np.generic)):
        return array
    return array.astype({"f": np.float32, "i": np.int32}.get(array.dtype.kind, array.dtype))


def apply(
    op: str, inputs: Sequence[Any], attrs: Mapping[str, Any] | None = None, name: str | None = None
) -> tuple[Tensor, ...]:
    """Adds a node of `op` and returns its outputs; see `operation`."""
    return operation(op, inputs, attrs, name).outputs


def operation(
    op: str, inputs: Sequence[Any], attrs: Mapping[str, Any] | None = None, name: str | None = None
) -> Operation:
    """Adds a node of `op` to the graph of its first tensor, else to the default graph.

    inputs: one for each declared argument; a sequence for an argument of several tensors. What is no tensor becomes
    a constant, of the type of the tensors that must share its type where there are any.
    attrs: those that the inputs do not imply.
    Raises GraphError as `Graph.add` does.
    """
    definition, attrs = lookup(op), dict(attrs or {})
    grouped = [(arg, _parts(arg, value, op)) for arg, value in zip(definition.inputs, inputs, strict=True)]
    graph = next((part.graph for _, parts in grouped for part in parts if isinstance(part, Tensor)), None)
    graph = get_default_graph() if graph is None else graph
    types = _shared_types(grouped, attrs)
    tensors: list[Tensor] = []
    for arg, parts in grouped:
        dtype = arg.dtype or types.get(arg.type_attr) or _index_type(definition, arg)
        converted = [convert_to_tensor(part, graph, dtype=dtype) for part in parts]
        if arg.number_attr:
            attrs[arg.number_attr] = len(converted)
        if arg.type_list_attr:
            attrs[arg.type_list_attr] = tuple(tensor.dtype for tensor in converted)
        tensors.extend(converted)
    return graph.add(op, tensors, attrs, name)


def _parts(arg: ArgDef, value: Any, op: str) -> Sequence[Any]:
    """The tensors of one argument: a sequence of them where the declaration says so."""
    if not (arg.number_attr or arg.type_list_attr):
        return (value,)
    if isinstance(value, Tensor) or not isinstance(value, Sequence):
        raise GraphError(f"{op}: '{arg.name}' takes a sequence of tensors, found {value!r}")
    return value


def _shared_types(grouped: Sequence[tuple[ArgDef, Sequence[Any]]], attrs: Mapping[str, Any]) -> dict[Any, DType]:
    """Type attribute -> the type that the tensors and arrays among its arguments have."""
    types = {name: as_dtype(attrs[name]) for arg, _ in grouped if (name := arg.type_attr) and name in attrs}
    for kind in (Tensor, (np.ndarray, np.generic)):
        for arg, parts in grouped:
            for part in parts:
                if arg.type_attr and isinstance(part, kind):
                    types.setdefault(arg.type_attr, as_dtype(part.dtype))
    return types


def _index_type(op: OpDef, arg: ArgDef) -> DType | None:
    """int32 for an argument that may only hold integers (an axis, a shape), so that an empty list is one too."""
    allowed = op.attrs[arg.type_attr].allowed if arg.type_attr else None
    return int32 if allowed and int32 in allowed and all(dtype.is_integer for dtype in allowed) else None


# -- what an argument is when it is left out ------------------------------------------------------------------------


def every_axis(value: TensorLike) -> TensorLike:
    """All axes of `value`: an array where its rank is known, else a tensor that is computed."""
    rank = _rank(value)
    if rank is not None:
        return np.arange(rank, dtype=np.int32)
    return apply("Range", (0, apply("Rank", (value,))[0], 1))[0]


def reversed_axes(value: TensorLike) -> TensorLike:
    """All axes of `value` from the last to the first."""
    rank = _rank(value)
    if rank is not None:
        return np.arange(rank, dtype=np.int32)[::-1]
    last = apply("Sub", (apply("Rank", (value,))[0], 1))[0]
    return apply("Range", (last, -1, -1))[0]


def _rank(value: TensorLike) -> int | None:
    if not isinstance(value, Tensor):
        return np.ndim(value)  # type: ignore[arg-type]
    return None if value.shape is None else len(value.shape)
