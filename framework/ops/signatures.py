"""Sets of element types that many declarations allow, in the notation of `register_op`.

TensorFlow's quantised types, and strings where only its own CPU kernels take them, are left out: JAX has neither.
"""

from __future__ import annotations

FLOATS = "{bfloat16, half, float, double}"
FLOATS_AND_COMPLEX = "{bfloat16, half, float, double, complex64, complex128}"
REALS = "{bfloat16, half, float, double, int8, uint8, int16, uint16, int32, uint32, int64, uint64}"
NUMBERS = (
    "{bfloat16, half, float, double, int8, uint8, int16, uint16, int32, uint32, int64, uint64, complex64, complex128}"
)
SIGNED_REALS = "{bfloat16, half, float, double, int8, int16, int32, int64}"
SIGNED_NUMBERS = "{bfloat16, half, float, double, int8, int16, int32, int64, complex64, complex128}"
INDICES = "{int32, int64}"
SMALL_INDICES = "{int16, int32, int64}"
