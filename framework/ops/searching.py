"""Positions in sorted rows."""

from __future__ import annotations

from framework.graph import Call, register_op
from framework.graph.shapes import merge_dim, size
from framework.ops.inference import Shapes
from framework.ops.signatures import INDICES


def _bound_shape(call: Call) -> Shapes:
    rows, values = call.rank(0, 2), call.rank(1, 2)
    if values is None:
        return [(None if rows is None else rows[0], None)]
    return [(values[0] if rows is None else merge_dim(rows[0], values[0], rows, values), values[1])]


def _bound_flops(call: Call, outputs: Shapes) -> int | None:
    """A comparison for each halving of a row, and each value."""
    rows, found = call.shapes[0], outputs[0]
    if rows is None or rows[1] is None or found is None or found[0] is None or found[1] is None:
        return None
    return found[0] * found[1] * rows[1].bit_length()


for _name, _word in (("Lower", "not less"), ("Upper", "greater")):
    register_op(
        f"{_name}Bound",
        inputs="sorted_inputs: T, values: T",
        outputs="output: out_type",
        attrs=f"T: type, out_type: {INDICES} = int32",
        shape=_bound_shape,
        flops=_bound_flops,
        doc=f"For each value of a row, the position of the first element of the same row of `sorted_inputs` that is "
        f"{_word} than it; the length of that row where none is.",
    )


def _bucket_shape(call: Call) -> Shapes:
    if list(call.attrs["boundaries"]) != sorted(call.attrs["boundaries"]):
        raise call.fail(f"attribute 'boundaries' must be sorted, found {list(call.attrs['boundaries'])}")
    return [call.shapes[0]]


def _bucket_flops(call: Call, outputs: Shapes) -> int | None:
    """A comparison for each halving of the boundaries, and each value."""
    count = size(outputs[0])
    return None if count is None else count * len(call.attrs["boundaries"]).bit_length()


register_op(
    "Bucketize",
    inputs="input: T",
    outputs="output: int32",
    attrs="T: {int32, int64, float, double}, boundaries: list(float)",
    shape=_bucket_shape,
    flops=_bucket_flops,
    doc="How many of the sorted `boundaries` are at most each value: the number of the bucket that it falls into.",
)
