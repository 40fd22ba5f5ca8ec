"""Comparisons, logical operations and selection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from framework.errors import GraphError
from framework.graph import Call, register_op
from framework.graph.shapes import broadcast, is_known, merge, merge_dim
from framework.ops.inference import Shapes, broadcasted, quiet, unchanged
from framework.ops.signatures import FLOATS, NUMBERS, REALS


def _equality_shape(call: Call) -> Shapes:
    if call.attrs["incompatible_shape_error"]:
        return broadcasted(call)
    try:
        shape = broadcast(*call.shapes)
    except GraphError:
        return [()]
    # While a dimension is unknown, the shapes may still turn out not to broadcast.
    return [shape if all(is_known(s) for s in call.shapes) else None]


def broadcasts(*shapes: tuple[int, ...]) -> bool:
    """Whether known shapes broadcast together."""
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        return False
    return True


def _equality(name: str, doc: str, function: Callable[..., Any], otherwise: bool) -> None:
    def fold(attrs: Mapping[str, Any], x: np.ndarray, y: np.ndarray) -> Any:
        return function(x, y) if broadcasts(x.shape, y.shape) else np.bool_(otherwise)

    register_op(
        name,
        inputs="x: T, y: T",
        outputs="z: bool",
        attrs="T: type, incompatible_shape_error: bool = true",
        shape=_equality_shape,
        fold=fold,
        doc=f"{doc}, under broadcasting. When `incompatible_shape_error` is False and the shapes do not broadcast, "
        f"the result is the scalar {otherwise}.",
    )


_equality("Equal", "x == y elementwise", np.equal, otherwise=False)
_equality("NotEqual", "x != y elementwise", np.not_equal, otherwise=True)

for _name, _sign, _function in (
    ("Less", "<", np.less),
    ("LessEqual", "<=", np.less_equal),
    ("Greater", ">", np.greater),
    ("GreaterEqual", ">=", np.greater_equal),
):
    register_op(
        _name,
        inputs="x: T, y: T",
        outputs="z: bool",
        attrs=f"T: {REALS}",
        shape=broadcasted,
        fold=quiet(_function),
        doc=f"x {_sign} y elementwise, under broadcasting.",
    )

for _name, _word, _function in (("LogicalAnd", "and", np.logical_and), ("LogicalOr", "or", np.logical_or)):
    register_op(
        _name,
        inputs="x: bool, y: bool",
        outputs="z: bool",
        shape=broadcasted,
        fold=quiet(_function),
        doc=f"x {_word} y elementwise, under broadcasting.",
    )

register_op(
    "LogicalNot",
    inputs="x: bool",
    outputs="y: bool",
    shape=unchanged,
    fold=quiet(np.logical_not),
    doc="not x elementwise.",
)
register_op(
    "SelectV2",
    inputs="condition: bool, t: T, e: T",
    outputs="output: T",
    attrs="T: type",
    shape=broadcasted,
    fold=quiet(np.where),
    wrapper="where",
    doc="`t` where `condition` is True and `e` where it is False, under broadcasting.",
)


def _select_shape(call: Call) -> Shapes:
    condition, shape = call.shapes[0], merge(call.shapes[1], call.shapes[2])
    if condition is None or shape is None or condition == ():
        return [shape]
    if len(condition) == 1 and len(shape) > 1:  # one for each row
        return [(merge_dim(condition[0], shape[0], condition, shape), *shape[1:])]
    return [merge(condition, shape)]


def rowwise(condition: Any, rank: int) -> Any:
    """A Select's condition with axes of size 1 behind it, so that it broadcasts over what it chooses from."""
    return condition.reshape(condition.shape + (1,) * (rank - condition.ndim)) if condition.ndim else condition


register_op(
    "Select",
    inputs="condition: bool, t: T, e: T",
    outputs="output: T",
    attrs="T: type",
    shape=_select_shape,
    fold=lambda attrs, condition, t, e: np.where(rowwise(condition, t.ndim), t, e),
    doc="`t` where `condition` is True and `e` where it is False, which have one shape; the condition has it too, or "
    "is one for each row, or one for all (the older op).",
)
for _name, _doc in (
    ("IsFinite", "Whether x is neither infinite nor NaN, elementwise."),
    ("IsInf", "Whether x is infinite, elementwise."),
    ("IsNan", "Whether x is not a number, elementwise."),
):
    register_op(_name, inputs="x: T", outputs="y: bool", attrs=f"T: {FLOATS}", shape=unchanged, doc=_doc)


def _same_shape(call: Call) -> Shapes:
    return [merge(call.shapes[0], call.shapes[1])]


register_op(
    "ApproximateEqual",
    inputs="x: T, y: T",
    outputs="z: bool",
    attrs=f"T: {NUMBERS}, tolerance: float = 0.000009999999747378752",
    shape=_same_shape,
    doc="Whether |x - y| is at most the tolerance, elementwise, of tensors of one shape.",
)
