"""Ops that fail a run when a condition does not hold."""

from __future__ import annotations

from framework.graph import Call, register_op
from framework.ops.inference import Shapes, no_flops, unchanged


def _assert_shape(call: Call) -> Shapes:
    call.rank(0, 0)
    return []


for _name, _what in (("CheckNumerics", ""), ("CheckNumericsV2", ", in later graphs")):
    register_op(
        _name,
        inputs="tensor: T",
        outputs="output: T",
        attrs="T: {bfloat16, half, float, double}, message: string",
        shape=unchanged,
        stateful=True,
        doc=f"The input as it is; the run fails where it holds a NaN or an infinity{_what}.",
    )

register_op(
    "Assert",
    inputs="condition: bool, data: T",
    attrs="T: list(type) >= 1, summarize: int = 3",
    shape=_assert_shape,
    stateful=True,
    flops=no_flops,
    wrapper="assert_that",
    doc="Fails the run when `condition` is false, showing the first `summarize` elements of each of `data`.",
)
