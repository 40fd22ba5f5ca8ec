"""Special functions: gamma, beta and zeta functions, and quantiles of the normal distribution."""

from __future__ import annotations

from framework.graph import Call, register_op
from framework.graph.shapes import Shape, merge
from framework.ops.elementwise import binary, unary
from framework.ops.inference import Shapes
from framework.ops.signatures import FLOATS

_SINGLE_AND_DOUBLE = "{float, double}"

unary("Lgamma", FLOATS, "The logarithm of the absolute value of the gamma function, elementwise.")
unary("Digamma", FLOATS, "The derivative of Lgamma elementwise; NaN at the poles 0, -1, -2, ...")
unary("Erfinv", FLOATS, "The inverse of the Gauss error function elementwise; NaN where |x| > 1.")
unary(
    "Ndtri",
    FLOATS,
    "The quantile elementwise of the normal distribution: what a number of it lies below with probability x.",
)
unary("BesselI0e", FLOATS, "exp(-|x|) times the modified Bessel function of the first kind and order 0, elementwise.")
unary("BesselI1e", FLOATS, "exp(-|x|) times the modified Bessel function of the first kind and order 1, elementwise.")
binary(
    "Polygamma",
    _SINGLE_AND_DOUBLE,
    "The derivative of order a of Digamma at x elementwise, for whole a of at least 0 (else NaN), under broadcasting. "
    "It has a gradient for x alone.",
    inputs="a: T, x: T",
)
binary(
    "Zeta",
    _SINGLE_AND_DOUBLE,
    "The Hurwitz zeta function elementwise, the sum of (q + n)^-x over n = 0, 1, ..., for x > 1, under broadcasting. "
    "It has a gradient for q alone.",
    inputs="x: T, q: T",
)
for _name, _doc in (
    ("Igamma", "The lower regularized incomplete gamma function P(a, x) elementwise, under broadcasting."),
    ("Igammac", "The upper regularized incomplete gamma function Q(a, x) = 1 - P(a, x) elementwise, broadcasting."),
):
    binary(_name, FLOATS, _doc, inputs="a: T, x: T")
binary(
    "IgammaGradA",
    _SINGLE_AND_DOUBLE,
    "The derivative of Igamma by a elementwise, under broadcasting. It has no gradient.",
    inputs="a: T, x: T",
)


def _betainc_shape(call: Call) -> Shapes:
    if any(shape is None for shape in call.shapes):
        return [None]
    result: Shape = None
    for shape in call.shapes:
        if shape:
            result = merge(result, shape)
    return [() if result is None else result]


register_op(
    "Betainc",
    inputs="a: T, b: T, x: T",
    outputs="z: T",
    attrs=f"T: {_SINGLE_AND_DOUBLE}",
    shape=_betainc_shape,
    doc="The regularized incomplete beta function I_x(a, b) elementwise; the tensors have one shape, or none. It has a "
    "gradient for x alone.",
)
