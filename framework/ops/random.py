"""Random numbers. Which ones follows from the run's seed and step, the node's name and the op's own seeds."""

from __future__ import annotations

from framework.graph import Call, register_op
from framework.ops.inference import Shapes, described_shape
from framework.ops.signatures import FLOATS, INDICES


def _random_shape(call: Call) -> Shapes:
    return [described_shape(call, 0)]


for _name, _wrapper, _doc in (
    ("RandomUniform", "random_uniform", "Numbers from the uniform distribution over [0, 1)."),
    ("RandomStandardNormal", "random_normal", "Numbers from the normal distribution of mean 0 and deviation 1."),
    (
        "TruncatedNormal",
        "truncated_normal",
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
        wrapper=_wrapper,
        doc=_doc,
    )
