"""Element types, with the names and the numbers that GraphDef gives them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import ml_dtypes
import numpy as np

from framework.errors import GraphError


@dataclass(frozen=True, slots=True)
class DType:
    """One element type.

    name: the name users know (`float32`). number: its value in the enum DataType of GraphDef.
    numpy: the NumPy type that holds it (object for `string`).
    """

    name: str
    number: int
    numpy: np.dtype[Any]

    @property
    def is_floating(self) -> bool:
        return self.name in ("float16", "float32", "float64", "bfloat16")

    @property
    def is_integer(self) -> bool:
        return self.numpy.kind in "iu" and self.name != "bool"

    @property
    def is_complex(self) -> bool:
        return self.numpy.kind == "c"

    @property
    def size(self) -> int:
        """Bytes an element."""
        return self.numpy.itemsize

    def __repr__(self) -> str:
        return self.name


float32 = DType("float32", 1, np.dtype(np.float32))
float64 = DType("float64", 2, np.dtype(np.float64))
int32 = DType("int32", 3, np.dtype(np.int32))
uint8 = DType("uint8", 4, np.dtype(np.uint8))
int16 = DType("int16", 5, np.dtype(np.int16))
int8 = DType("int8", 6, np.dtype(np.int8))
string = DType("string", 7, np.dtype(object))
complex64 = DType("complex64", 8, np.dtype(np.complex64))
int64 = DType("int64", 9, np.dtype(np.int64))
bool_ = DType("bool", 10, np.dtype(np.bool_))
bfloat16 = DType("bfloat16", 14, np.dtype(ml_dtypes.bfloat16))
uint16 = DType("uint16", 17, np.dtype(np.uint16))
complex128 = DType("complex128", 18, np.dtype(np.complex128))
float16 = DType("float16", 19, np.dtype(np.float16))
resource = DType("resource", 20, np.dtype(object))
variant = DType("variant", 21, np.dtype(object))
uint32 = DType("uint32", 22, np.dtype(np.uint32))
uint64 = DType("uint64", 23, np.dtype(np.uint64))

ALL: tuple[DType, ...] = (
    float32, float64, int32, uint8, int16, int8, string, complex64, int64, bool_, bfloat16,
    uint16, complex128, float16, resource, variant, uint32, uint64,
)  # fmt: skip
FLOATING = tuple(t for t in ALL if t.is_floating)
WIDE = (int64, uint64, float64, complex128)  # what JAX holds only when it is told to
# What an op's declaration may call a type: TensorFlow's C++ names beside ours.
_ALIASES = {"half": float16, "float": float32, "double": float64, "str": string}
_BY_NAME = {t.name: t for t in ALL} | _ALIASES
_BY_NUMBER = {t.number: t for t in ALL}
_REF_OFFSET = 100  # GraphDef writes the type of a reference as its base type + 100


@cache
def _from_numpy(dtype: np.dtype[Any]) -> DType:
    for candidate in ALL:
        if candidate.numpy == dtype and candidate is not resource and candidate is not variant:
            return candidate
    if dtype.kind in "US":
        return string
    raise GraphError(f"no tensor can hold elements of NumPy type {dtype}", hint=f"known: {', '.join(_BY_NAME)}")


def as_dtype(value: DType | str | int | type | np.dtype[Any]) -> DType:
    """The DType that `value` names: a name, a GraphDef number, a NumPy type. Raises GraphError."""
    if isinstance(value, DType):
        return value
    if isinstance(value, str):
        if value in _BY_NAME:
            return _BY_NAME[value]
        raise GraphError(f"there is no element type '{value}'", hint=f"known: {', '.join(sorted(_BY_NAME))}")
    if isinstance(value, int):
        number = value - _REF_OFFSET if value > _REF_OFFSET else value
        if number in _BY_NUMBER:
            return _BY_NUMBER[number]
        raise GraphError(f"GraphDef's element type number {value} is not supported")
    return _from_numpy(np.dtype(value))
