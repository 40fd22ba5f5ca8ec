"""Running sums and products along an axis."""

from __future__ import annotations

from framework.graph import Call, register_op
from framework.graph.shapes import normalize_axes
from framework.ops.inference import Shapes, at_least_rank, input_flops, static_scalar
from framework.ops.signatures import FLOATS, INDICES, NUMBERS


def _cumulative_shape(call: Call) -> Shapes:
    shape, axis = at_least_rank(call, 0, 1), static_scalar(call, 1)
    if shape is not None and axis is not None:
        normalize_axes([axis], len(shape))
    return [shape]


def _cumulative(name: str, types: str, doc: str, flops: int = 1) -> None:
    register_op(
        name,
        inputs="x: T, axis: Tidx",
        outputs="out: T",
        attrs=f"exclusive: bool = false, reverse: bool = false, T: {types}, Tidx: {INDICES} = int32",
        shape=_cumulative_shape,
        flops=input_flops(flops),
        doc=f"{doc} of all elements up to each along an axis: with `exclusive` without itself, with `reverse` from "
        "the end.",
    )


_cumulative("Cumsum", NUMBERS, "The sum")
_cumulative("Cumprod", NUMBERS, "The product (whose gradient is right also of elements that are 0)")
_cumulative(
    "CumulativeLogsumexp",
    FLOATS,
    "The logarithm of the sum of the exponentials (minus infinity where there are none)",
    flops=4,
)
