"""Complex numbers and their parts."""

from __future__ import annotations

import numpy as np

from framework.graph import Call, register_op
from framework.graph.dtypes import complex64, complex128, float32, float64
from framework.ops.inference import Shapes, broadcasted, no_flops, unchanged

_PART = {complex64: float32, complex128: float64}


def check_parts(call: Call, whole: str, part: str) -> None:
    """Refuses a call whose attributes `whole` and `part` name types of different widths. Raises GraphError."""
    found, wanted = call.attrs[part], _PART[call.attrs[whole]]
    if found is not wanted:
        raise call.fail(f"the parts of {call.attrs[whole]} ('{whole}') are {wanted}, found {found} ('{part}')")


def _complex_shape(call: Call) -> Shapes:
    check_parts(call, "Tout", "T")
    return broadcasted(call)


def _part_shape(call: Call) -> Shapes:
    check_parts(call, "T", "Tout")
    return unchanged(call)


register_op(
    "Complex",
    inputs="real: T, imag: T",
    outputs="out: Tout",
    attrs="T: {float, double} = float, Tout: {complex64, complex128} = complex64",
    shape=_complex_shape,
    flops=no_flops,
    doc="real + imag * i elementwise, under broadcasting.",
)
for _name, _input, _output, _doc in (
    ("Real", "input", "output", "The real part elementwise."),
    ("Imag", "input", "output", "The imaginary part elementwise."),
    ("Angle", "input", "output", "The angle elementwise, in radians from -pi to pi."),
    ("ComplexAbs", "x", "y", "The absolute value elementwise. Its gradient at 0 is 0."),
):
    register_op(
        _name,
        inputs=f"{_input}: T",
        outputs=f"{_output}: Tout",
        attrs="T: {complex64, complex128} = complex64, Tout: {float, double} = float",
        shape=_part_shape,
        doc=_doc,
    )
register_op(
    "Conj",
    inputs="input: T",
    outputs="output: T",
    attrs="T: {complex64, complex128} = complex64",
    shape=unchanged,
    fold=lambda attrs, x: np.conj(x),
    doc="The complex conjugate elementwise.",
)
