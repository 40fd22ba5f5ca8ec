"""Ops that hand their inputs on as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from framework.errors import GraphError
from framework.graph import Call, register_op
from framework.graph.shapes import Shape, fits, merge, show
from framework.ops.inference import Shapes, no_flops, unchanged

register_op(
    "IdentityN",
    inputs="input: T",
    outputs="output: T",
    attrs="T: list(type) >= 1",
    shape=lambda call: list(call.shapes),
    fold=lambda attrs, *tensors: tensors,
    flops=no_flops,
    doc="The inputs as they are.",
)
register_op(
    "Snapshot",
    inputs="input: T",
    outputs="output: T",
    attrs="T: type",
    shape=unchanged,
    fold=lambda attrs, x: x,
    flops=no_flops,
    doc="The input as it is now, whatever becomes of it later.",
)
register_op(
    "PreventGradient",
    inputs="input: T",
    outputs="output: T",
    attrs="T: type, message: string = ''",
    shape=unchanged,
    fold=lambda attrs, x: x,
    flops=no_flops,
    doc="The input as it is; it is an error, which says `message`, to ask for a gradient through it.",
)


def _ensured_shape(call: Call) -> Shapes:
    require_shape(call.attrs, call.shapes[0])
    return [merge(call.shapes[0], call.attrs["shape"])]


def require_shape(attrs: Mapping[str, Any], shape: Shape) -> None:
    """Refuses a tensor of a shape that an EnsureShape does not allow. Raises GraphError."""
    if not fits(attrs["shape"], shape):
        raise GraphError(f"EnsureShape: the input must have the shape {show(attrs['shape'])}, found {show(shape)}")


def _ensure_fold(attrs: Mapping[str, Any], x: np.ndarray) -> np.ndarray:
    require_shape(attrs, x.shape)
    return x


register_op(
    "EnsureShape",
    inputs="input: T",
    outputs="output: T",
    attrs="shape: shape, T: type",
    shape=_ensured_shape,
    fold=_ensure_fold,
    flops=no_flops,
    doc="The input as it is, which must have this shape; None stands for any size.",
)
