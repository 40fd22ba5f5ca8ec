"""Trigonometric and hyperbolic functions, and their inverses."""

from __future__ import annotations

from framework.ops.elementwise import binary, unary
from framework.ops.signatures import FLOATS, FLOATS_AND_COMPLEX

for _name, _doc in (
    ("Sin", "The sine elementwise, of radians."),
    ("Cos", "The cosine elementwise, of radians."),
    ("Tan", "The tangent elementwise, of radians."),
    ("Asin", "The angle elementwise whose sine is x, in radians from -pi/2 to pi/2; NaN where |x| > 1."),
    ("Acos", "The angle elementwise whose cosine is x, in radians from 0 to pi; NaN where |x| > 1."),
    ("Atan", "The angle elementwise whose tangent is x, in radians from -pi/2 to pi/2."),
    ("Sinh", "The hyperbolic sine elementwise."),
    ("Cosh", "The hyperbolic cosine elementwise."),
    ("Asinh", "The inverse of the hyperbolic sine elementwise."),
    ("Acosh", "The inverse of the hyperbolic cosine elementwise, at least 0; NaN where x < 1."),
    ("Atanh", "The inverse of the hyperbolic tangent elementwise; NaN where |x| > 1."),
):
    unary(_name, FLOATS_AND_COMPLEX, _doc)

binary(
    "Atan2",
    FLOATS,
    "The angle elementwise of the point (x, y), in radians from -pi to pi, under broadcasting.",
    inputs="y: T, x: T",
)
