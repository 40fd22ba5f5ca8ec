"""Elementwise arithmetic, roots, powers and logarithms."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

import numpy as np

from framework.graph import Call, register_op
from framework.graph.shapes import merge, size
from framework.ops.elementwise import binary, truncated_quotient, unary
from framework.ops.inference import Shapes, broadcasted, no_flops, quiet
from framework.ops.signatures import (
    FLOATS,
    FLOATS_AND_COMPLEX,
    NUMBERS,
    REALS,
    SIGNED_NUMBERS,
    SIGNED_REALS,
)

# TensorFlow's oldest ops know fewer types than their neighbours.
_ADD = "{bfloat16, half, float, double, int8, uint8, int16, int32, int64, complex64, complex128}"
_SQUARED_DIFFERENCE = "{bfloat16, half, float, double, int32, int64, complex64, complex128}"

binary("Add", _ADD, "x + y elementwise, under broadcasting (the older op).", np.add, wrapper="add_v1")
binary("AddV2", NUMBERS, "x + y elementwise, under broadcasting.", np.add, wrapper="add")
binary("Sub", NUMBERS, "x - y elementwise, under broadcasting.", np.subtract, wrapper="subtract")
binary("Mul", NUMBERS, "x * y elementwise, under broadcasting.", np.multiply, wrapper="multiply")
binary(
    "Div",
    NUMBERS,
    "x / y elementwise, under broadcasting; integers are rounded towards zero. "
    "An integer divided by zero is no error, but its value means nothing.",
)
binary("RealDiv", NUMBERS, "x / y elementwise, under broadcasting.", wrapper="divide")
binary(
    "FloorDiv",
    REALS,
    "x / y elementwise, rounded down. An integer divided by zero is no error, but its value means nothing.",
    lambda x, y: np.floor_divide(x, y) if x.dtype.kind in "iu" else np.floor(x / y),
    wrapper="floordiv",
)
binary(
    "FloorMod",
    REALS,
    "What x / y rounded down leaves over, with the sign of y, so that floordiv(x, y) * y + floormod(x, y) is x.",
    np.mod,
    wrapper="floormod",
)
binary(
    "TruncateDiv",
    NUMBERS,
    "x / y elementwise, rounded towards zero. An integer divided by zero is no error, but its value means nothing.",
    truncated_quotient,
    wrapper="truncatediv",
)
for _name, _wrapper in (("Mod", None), ("TruncateMod", "truncatemod")):
    binary(
        _name,
        "{bfloat16, half, float, double, int32, int64}",
        "What x / y rounded towards zero leaves over, with the sign of x, as C's %.",
        np.fmod,
        wrapper=_wrapper,
    )
binary("Maximum", REALS, "The greater of x and y elementwise. Where both are equal, x has the gradient.", np.maximum)
binary("Minimum", REALS, "The lesser of x and y elementwise. Where both are equal, x has the gradient.", np.minimum)
binary("Pow", SIGNED_NUMBERS, "x to the power of y elementwise. The gradient for y is 0 where x is not positive.")
binary("DivNoNan", FLOATS_AND_COMPLEX, "x / y elementwise, under broadcasting, and 0 where y is 0.")
binary(
    "MulNoNan",
    FLOATS_AND_COMPLEX,
    "x * y elementwise, under broadcasting, and 0 where y is 0, even if x is infinite or NaN.",
)
binary("Xdivy", FLOATS_AND_COMPLEX, "x / y elementwise, under broadcasting, and 0 where x is 0.")
binary("Xlogy", FLOATS_AND_COMPLEX, "x * log(y) elementwise, under broadcasting, and 0 where x is 0.")
binary("Xlog1py", FLOATS_AND_COMPLEX, "x * log(1 + y) elementwise, under broadcasting, and 0 where x is 0.")
binary("SquaredDifference", _SQUARED_DIFFERENCE, "(x - y) * conjugate(x - y) elementwise.")
binary(
    "NextAfter",
    "{double, float} = float",
    "The number of this type that follows x1 on the way to x2, elementwise, under broadcasting.",
    inputs="x1: T, x2: T",
    output="output",
)

unary("Neg", SIGNED_NUMBERS, "-x elementwise.", np.negative, wrapper="negative")
unary("Abs", SIGNED_REALS, "The absolute value elementwise.", np.abs)
unary("Sign", SIGNED_NUMBERS, "-1, 0 or 1 elementwise; x / |x| for complex numbers.")
for _name in ("Reciprocal", "Inv"):
    unary(
        _name,
        SIGNED_NUMBERS,
        f"1 / x elementwise, rounded towards zero for integers{' (the older op)' if _name == 'Inv' else ''}. "
        "An integer divided by zero is no error, but its value means nothing.",
    )
unary("Square", NUMBERS, "x * x elementwise.")
unary("Sqrt", FLOATS_AND_COMPLEX, "The square root elementwise.")
unary("Rsqrt", FLOATS_AND_COMPLEX, "1 / sqrt(x) elementwise.")
unary("Exp", FLOATS_AND_COMPLEX, "e to the power of x elementwise.")
unary("Expm1", FLOATS_AND_COMPLEX, "exp(x) - 1 elementwise, exact for small x.")
unary("Log", FLOATS_AND_COMPLEX, "The natural logarithm elementwise.")
unary("Log1p", FLOATS_AND_COMPLEX, "log(1 + x) elementwise, exact for small x.")
unary("Erf", FLOATS, "The Gauss error function elementwise.")
unary("Erfc", FLOATS, "1 - erf(x) elementwise, exact for large x.")
unary("Floor", FLOATS, "The greatest integer not above x, elementwise.", np.floor)
unary("Ceil", FLOATS, "The least integer not below x, elementwise.", np.ceil)
unary("Round", SIGNED_REALS, "The nearest integer elementwise, the even one of two that are as near.")
unary("Rint", FLOATS, "The nearest integer elementwise, the even one of two that are as near.", np.rint)


def _clip_shape(call: Call) -> Shapes:
    shape = broadcasted(call)[0]
    return [call.shapes[0] if shape is None else merge(call.shapes[0], shape)]


register_op(
    "ClipByValue",
    inputs="t: T, clip_value_min: T, clip_value_max: T",
    outputs="output: T",
    attrs=f"T: {REALS}",
    shape=_clip_shape,
    doc="t elementwise, where it is less than the minimum that, and where it is more than the maximum that. Where they "
    "are equal, t has the gradient.",
)


def _add_n_shape(call: Call) -> Shapes:
    return [reduce(merge, call.shapes)]


def _add_n_flops(call: Call, outputs: Shapes) -> int | None:
    elements = size(outputs[0])
    return None if elements is None else elements * (call.attrs["N"] - 1)


register_op(
    "AddN",
    inputs="inputs: N * T",
    outputs="sum: T",
    attrs=f"N: int >= 1, T: {NUMBERS}",
    shape=_add_n_shape,
    fold=quiet(lambda *inputs: reduce(np.add, inputs)),
    flops=_add_n_flops,
    doc="The elementwise sum of tensors of one shape.",
)


def _cast_fold(attrs: Mapping[str, Any], x: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        source = np.real(x) if attrs["SrcT"].is_complex and not attrs["DstT"].is_complex else x
        return source.astype(attrs["DstT"].numpy)


def _cast_shape(call: Call) -> Shapes:
    if call.attrs["Truncate"]:
        raise call.fail("attribute 'Truncate' may only be False: numbers are rounded to the nearest")
    return [call.shapes[0]]


register_op(
    "Cast",
    inputs="x: SrcT",
    outputs="y: DstT",
    attrs="SrcT: type, DstT: type, Truncate: bool = false",
    shape=_cast_shape,
    fold=_cast_fold,
    flops=no_flops,
    doc="x in another element type: a fraction is cut off when it becomes an integer, and what is not 0 is True.",
)
