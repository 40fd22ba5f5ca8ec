"""Ops that hold values or pass them on: constants, placeholders, variables, identities."""

from __future__ import annotations

from framework.errors import GraphError
from framework.graph import Call, register_op
from framework.graph.shapes import fits, merge, show
from framework.ops.inference import Shapes, no_flops, unchanged


def _const_shape(call: Call) -> Shapes:
    value, dtype = call.attrs["value"], call.attrs["dtype"]
    if value.dtype != dtype.numpy:
        raise call.fail(f"attribute 'value' holds {value.dtype}, but 'dtype' is {dtype}")
    return [value.shape]


def _declared_shape(call: Call) -> Shapes:
    return [call.attrs["shape"]]


def _default_shape(call: Call) -> Shapes:
    if not fits(call.attrs["shape"], call.shapes[0]):
        raise call.fail(
            f"the default has shape {show(call.shapes[0])}, which does not fit the declared {show(call.attrs['shape'])}"
        )
    return [call.attrs["shape"]]


def _assign_shape(call: Call) -> Shapes:
    variable, value = call.shapes
    if not call.attrs["validate_shape"]:
        return [value]
    try:
        return [merge(variable, value)]
    except GraphError:
        raise call.fail(f"a variable of shape {show(variable)} cannot take a value of shape {show(value)}") from None


register_op(
    "Const",
    outputs="output: dtype",
    attrs="value: tensor, dtype: type",
    shape=_const_shape,
    fold=lambda attrs: attrs["value"],
    flops=no_flops,
    wrapper="",
    doc="A constant.",
)
register_op(
    "Placeholder",
    outputs="output: dtype",
    attrs="dtype: type, shape: shape = unknown",
    shape=_declared_shape,
    flops=no_flops,
    doc="A value that is fed when the graph is run.",
)
register_op(
    "PlaceholderWithDefault",
    inputs="input: dtype",
    outputs="output: dtype",
    attrs="dtype: type, shape: shape",
    shape=_default_shape,
    flops=no_flops,
    doc="A value that may be fed when the graph is run, and is `input` otherwise.",
)
register_op(
    "Identity",
    inputs="input: T",
    outputs="output: T",
    attrs="T: type",
    shape=unchanged,
    fold=lambda attrs, x: x,
    flops=no_flops,
    doc="The input as it is.",
)
register_op("NoOp", shape=lambda call: [], flops=no_flops, doc="Nothing; a node to hang control dependencies on.")
register_op(
    "StopGradient",
    inputs="input: T",
    outputs="output: T",
    attrs="T: type",
    shape=unchanged,
    flops=no_flops,
    doc="The input as it is, which no gradient passes through.",
)
register_op(
    "VariableV2",
    outputs="ref: Ref(dtype)",
    attrs="shape: shape, dtype: type, container: string = '', shared_name: string = ''",
    shape=_declared_shape,
    stateful=True,
    flops=no_flops,
    wrapper="variable",
    doc="A value that is kept from one run of the graph to the next.",
)
register_op(
    "Assign",
    inputs="ref: Ref(T), value: T",
    outputs="output_ref: Ref(T)",
    attrs="T: type, validate_shape: bool = true, use_locking: bool = true",
    shape=_assign_shape,
    flops=no_flops,
    doc="Gives the variable `ref` the value `value`, and returns it.",
)
