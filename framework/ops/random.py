"""Random numbers. Which ones follows from the run's seed and step, the node's name and the op's own seeds."""

from __future__ import annotations

from framework.graph import Call, register_op
from framework.graph.shapes import size
from framework.ops.inference import Flops, Shapes, described_shape
from framework.ops.signatures import FLOATS, INDICES


def _random_shape(call: Call) -> Shapes:
    return [described_shape(call, 0)]


def _drawn(per_element: int) -> Flops:
    def flops(call: Call, outputs: Shapes) -> int | None:
        count = size(outputs[0])
        return None if count is None else per_element * count

    return flops


# Each number takes the 20 rounds of Threefry-2x32, and a normal one the inverse of the error function behind them.
for _name, _wrapper, _flops, _doc in (
    ("RandomUniform", "random_uniform", 121, "Numbers from the uniform distribution over [0, 1)."),
    ("RandomStandardNormal", "random_normal", 92, "Numbers from the normal distribution of mean 0 and deviation 1."),
    (
        "TruncatedNormal",
        "truncated_normal",
        92,
        "Numbers from the normal distribution of mean 0 and deviation 1, drawn again where they exceed 2 deviations.",
    ),
):
    register_op(
        _name,
        inputs="shape: T",
        outputs="output: dtype",
        attrs=f"seed: int = 0, seed2: int = 0, dtype: {FLOATS}, T: {INDICES}",
        shape=_random_shape,
        stateful=True,
        flops=_drawn(_flops),
        wrapper=_wrapper,
        doc=_doc,
    )
