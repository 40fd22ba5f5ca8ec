"""Ops that read and change variables: by a reference, as TensorFlow first had them, or by a handle."""

from __future__ import annotations

from framework.errors import GraphError
from framework.graph import Call, Shape, register_op
from framework.graph.shapes import merge, show
from framework.ops.inference import Shapes, at_least_rank, no_flops, scalar
from framework.ops.signatures import INDICES, NUMBERS


def held(call: Call, index: int = 0) -> Shape:
    """The shape of the variable that input `index`, a reference or handle, stands for. Raises GraphError."""
    if not call.op.inputs[index].is_ref and call.handles:
        handle, dtype = call.handles[index], call.attrs.get("dtype", call.attrs.get("T"))
        if handle is None:
            return None
        if dtype is not None and handle.spec.dtype is not dtype:
            raise call.fail(f"the variable '{handle.variable}' holds {handle.spec.dtype}, attribute 'dtype' is {dtype}")
        return handle.spec.shape
    return call.shapes[index] if call.op.inputs[index].is_ref else None


def fitting(call: Call, variable: Shape, index: int) -> Shape:
    """The shape of the variable, which the value of input `index` must have as well. Raises GraphError."""
    try:
        return merge(variable, call.shapes[index])
    except GraphError:
        found, name = show(call.shapes[index]), call.op.input_name(index)
        raise call.fail(f"a variable of shape {show(variable)} cannot take a '{name}' of shape {found}") from None


def changed(call: Call, shape: Shape) -> Shapes:
    """What an op that changes a variable returns: its reference, or nothing where it takes a handle."""
    return [shape] if call.op.outputs else []


def _handle_shape(call: Call) -> Shapes:
    return [()]


def _read_shape(call: Call) -> Shapes:
    return [held(call)]


def _shape_shape(call: Call) -> Shapes:
    shape = held(call)
    return [(None if shape is None else len(shape),)]


def _assign_shape(call: Call) -> Shapes:
    return changed(call, fitting(call, held(call), 1))


def _scatter_shape(call: Call) -> Shapes:
    variable, indices, updates = held(call), *call.shapes[1:]
    if variable is None:
        return changed(call, None)
    if not variable:
        raise call.fail("a variable of shape [] has no rows to scatter into")
    if indices is not None and updates != ():
        wanted = (*indices, *variable[1:])
        try:
            merge(wanted, updates)
        except GraphError:
            rows = f"{show(indices)} rows of a variable {show(variable)}"
            raise call.fail(f"'updates' for {rows} must have shape {show(wanted)}, found {show(updates)}") from None
    return changed(call, variable)


def _gather_shape(call: Call) -> Shapes:
    params, indices, batch = held(call), call.shapes[1], call.attrs["batch_dims"]
    if params is None or indices is None:
        return [None]
    if not 0 <= batch <= min(len(indices), len(params) - 1):
        raise call.fail(f"attribute 'batch_dims' is {batch}, for {show(params)} by {show(indices)}")
    return [(*merge(params[:batch], indices[:batch]), *indices[batch:], *params[batch + 1 :])]  # type: ignore[misc]


def _gather_nd_shape(call: Call) -> Shapes:
    params, indices = held(call), at_least_rank(call, 1, 1)
    if params is None or indices is None or indices[-1] is None:
        return [None]
    if indices[-1] > len(params):
        raise call.fail(f"'indices' {show(indices)} has {indices[-1]} positions each, but {show(params)} fewer axes")
    return [(*indices[:-1], *params[indices[-1] :])]


register_op(
    "VarHandleOp",
    outputs="resource: resource",
    attrs="container: string = '', shared_name: string = '', debug_name: string = '', dtype: type, shape: shape, "
    "allowed_devices: list(string) = []",
    shape=_handle_shape,
    stateful=True,
    flops=no_flops,
    doc="A handle of the variable called `shared_name`, or else as the node is.",
)
register_op(
    "ReadVariableOp",
    inputs="resource: resource",
    outputs="value: dtype",
    attrs="dtype: type",
    shape=_read_shape,
    stateful=True,
    flops=no_flops,
    doc="The value of a variable: as it was before the run, unless a dependency orders the read behind a write.",
)
register_op(
    "VariableShape",
    inputs="input: resource",
    outputs="output: out_type",
    attrs=f"out_type: {INDICES} = int32",
    shape=_shape_shape,
    stateful=True,
    flops=no_flops,
    doc="The shape of the value of a variable.",
)
register_op(
    "AssignVariableOp",
    inputs="resource: resource, value: dtype",
    attrs="dtype: type, validate_shape: bool = false",
    shape=_assign_shape,
    stateful=True,
    flops=no_flops,
    doc="Gives a variable the value `value`.",
)
for _name, _word in (("Add", "Adds `value` to"), ("Sub", "Subtracts `value` from")):
    register_op(
        f"Assign{_name}VariableOp",
        inputs="resource: resource, value: dtype",
        attrs="dtype: type",
        shape=_assign_shape,
        stateful=True,
        doc=f"{_word} a variable. What stands unordered to it sees the value before the run.",
    )
    register_op(
        f"Assign{_name}",
        inputs="ref: Ref(T), value: T",
        outputs="output_ref: Ref(T)",
        attrs=f"T: {NUMBERS}, use_locking: bool = false",
        shape=_assign_shape,
        doc=f"{_word} the variable `ref`, and returns the new value.",
    )
register_op(
    "VarIsInitializedOp",
    inputs="resource: resource",
    outputs="is_initialized: bool",
    shape=scalar,
    stateful=True,
    flops=no_flops,
    doc="Whether a variable has a value.",
)
register_op(
    "IsVariableInitialized",
    inputs="ref: Ref(dtype)",
    outputs="is_initialized: bool",
    attrs="dtype: type",
    shape=scalar,
    flops=no_flops,
    doc="Whether the variable `ref` has a value.",
)
register_op(
    "ResourceGather",
    inputs="resource: resource, indices: Tindices",
    outputs="output: dtype",
    attrs=f"batch_dims: int = 0, validate_indices: bool = true, dtype: type, Tindices: {INDICES}",
    shape=_gather_shape,
    stateful=True,
    flops=no_flops,
    doc="The slices of a variable at the positions `indices` along axis `batch_dims`; the axes before it are gone "
    "through together. A position outside gives zeros, as on TensorFlow's GPU.",
)
register_op(
    "ResourceGatherNd",
    inputs="resource: resource, indices: Tindices",
    outputs="output: dtype",
    attrs=f"dtype: type, Tindices: {INDICES}",
    shape=_gather_nd_shape,
    stateful=True,
    flops=no_flops,
    doc="The elements or slices of a variable at positions along its first axes, which the last axis of `indices` "
    "holds. A position outside gives zeros, as on TensorFlow's GPU.",
)
_SCATTERS = {
    "Add": ("Adds `updates` to rows of a variable; a row that is named twice takes both.", NUMBERS, "false"),
    "Sub": ("Subtracts `updates` from rows of a variable; a row that is named twice loses both.", NUMBERS, "false"),
    "Update": ("Replaces rows of a variable by `updates`; of one that is named twice, the last stays.", "type", "true"),
}  # fmt: skip
for _name, (_doc, _types, _locking) in _SCATTERS.items():
    register_op(
        f"Scatter{_name}",
        inputs="ref: Ref(T), indices: Tindices, updates: T",
        outputs="output_ref: Ref(T)",
        attrs=f"T: {_types}, Tindices: {INDICES}, use_locking: bool = {_locking}",
        shape=_scatter_shape,
        doc=f"{_doc} Rows outside of the variable are left out, as on TensorFlow's GPU.",
    )
    register_op(
        f"ResourceScatter{_name}",
        inputs="resource: resource, indices: Tindices, updates: dtype",
        attrs=f"dtype: {_types}, Tindices: {INDICES}",
        shape=_scatter_shape,
        stateful=True,
        doc=f"{_doc} Rows outside of the variable are left out, as on TensorFlow's GPU.",
    )
