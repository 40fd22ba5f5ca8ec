"""Arrays as TensorProto messages, and back: every field that TensorFlow writes values into."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from framework.errors import GraphError
from framework.graph.attrs import is_fill
from framework.graph.dtypes import DType, as_dtype, bfloat16, resource, string, variant
from framework.graph.graphdef import limits
from framework.graph.graphdef.proto import TensorProto, TensorShapeProto
from framework.graph.shapes import Shape, show

# The field that holds the values of each element type; half precision is held as its bits.
_FIELDS = {
    "float16": "half_val", "bfloat16": "half_val", "float32": "float_val", "float64": "double_val",
    "int8": "int_val", "int16": "int_val", "int32": "int_val", "uint8": "int_val", "uint16": "int_val",
    "int64": "int64_val", "uint32": "uint32_val", "uint64": "uint64_val", "bool": "bool_val",
    "string": "string_val", "complex64": "scomplex_val", "complex128": "dcomplex_val",
}  # fmt: skip
# What NumPy reads such a field as, before it becomes the element type.
_HELD_AS: dict[str, Any] = {
    "half_val": np.int32,
    "int_val": np.int32,
    "scomplex_val": np.float32,
    "dcomplex_val": np.float64,
}


def to_shape_proto(shape: Shape) -> Any:
    """A static shape as a TensorShapeProto."""
    message = TensorShapeProto()
    if shape is None:
        message.unknown_rank = True
    else:
        for dim in shape:
            message.dim.add().size = -1 if dim is None else dim
    return message


def from_shape_proto(message: Any) -> Shape:
    """The static shape that a TensorShapeProto says. Raises GraphError for a negative size and for too many axes."""
    if message.unknown_rank:
        return None
    if len(message.dim) > limits.RANK:
        raise GraphError(f"a shape has {len(message.dim):,} axes, at most {limits.RANK} are allowed")
    sizes = [dim.size for dim in message.dim]
    if any(size < -1 for size in sizes):
        raise GraphError(f"a shape has the size {min(sizes)}; sizes are 0 or more, or -1 where they are unknown")
    return tuple(None if size == -1 else size for size in sizes)


def to_tensor_proto(array: np.ndarray) -> Any:
    """An array as a TensorProto; one that is a fill is written as one value."""
    dtype = as_dtype(array.dtype)
    message = TensorProto(dtype=dtype.number, tensor_shape=to_shape_proto(array.shape))
    if is_fill(array):
        _write_values(message, dtype, array.reshape(-1)[:1])
    elif dtype is string:
        _write_values(message, dtype, array.reshape(-1))
    else:
        message.tensor_content = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes()
    return message


def _write_values(message: Any, dtype: DType, values: np.ndarray) -> None:
    name = _FIELDS[dtype.name]
    if dtype is string:
        plain: Sequence[Any] = [v if isinstance(v, bytes) else str(v).encode() for v in values.tolist()]
    elif name == "half_val":
        plain = values.view(np.uint16).tolist()
    elif dtype.is_complex:
        plain = values.view(_HELD_AS[name]).tolist()
    else:
        plain = values.tolist()
    getattr(message, name).extend(plain)


def from_tensor_proto(message: Any, allowance: limits.Allowance) -> np.ndarray:
    """The array that a TensorProto holds, without a copy where it can be; it must not be written to.

    One value and a larger shape is a fill, and stays a view of that value. Of several values the last one repeats,
    which takes memory from `allowance`. Raises GraphError where type, shape and contents do not fit each other.
    """
    dtype = as_dtype(message.dtype)
    if dtype in (resource, variant):
        raise GraphError(f"a constant cannot hold {dtype}s")
    shape = from_shape_proto(message.tensor_shape)
    if shape is None or None in shape:
        raise GraphError(f"a constant has the shape {show(shape)}, which must be known")
    known: tuple[int, ...] = tuple(size or 0 for size in shape)
    # NumPy multiplies all sizes but those of 0, and so must the limit.
    if math.prod(size or 1 for size in known) * dtype.size > limits.CONSTANT:
        raise GraphError(f"a constant of {dtype}{show(shape)} holds more than {limits.CONSTANT:,} bytes")
    count = math.prod(known)
    if message.tensor_content:
        read = _strings if dtype is string else _content
        return read(message.tensor_content, dtype, count, shape).reshape(known)
    values = _values(message, dtype)
    if len(values) > count:
        raise GraphError(f"a constant of {dtype}{show(shape)} lists {len(values)} values")
    if len(values) == count:
        return values.reshape(known)
    if len(values) == 0:
        values = np.array([b""], object) if dtype is string else np.zeros(1, dtype.numpy)
    if len(values) == 1:
        return np.broadcast_to(values[0] if dtype is not string else values.reshape(()), known)
    allowance.take("repeated", count * dtype.size)
    return np.concatenate([values, np.broadcast_to(values[-1:], count - len(values))]).reshape(known)


def _content(content: bytes, dtype: DType, count: int, shape: Shape) -> np.ndarray:
    if len(content) != count * dtype.size:
        expected = f"{dtype}{show(shape)} takes {count * dtype.size:,}"
        raise GraphError(f"a constant holds {len(content):,} bytes, but {expected}")
    array = np.frombuffer(content, dtype.numpy.newbyteorder("<"))
    if dtype.name == "bool" and array.view(np.uint8).max(initial=0) > 1:
        return array.view(np.uint8) != 0
    return array.astype(dtype.numpy, copy=False)


def _strings(content: bytes, dtype: DType, count: int, shape: Shape) -> np.ndarray:
    """Strings as TensorFlow packs them: all lengths as variable-length integers, and then all characters."""
    wrong = GraphError(f"a constant of {dtype}{show(shape)} holds {len(content):,} bytes that are no such strings")
    lengths: list[int] = []
    position = 0
    for _ in range(min(count, len(content))):
        length = shift = 0
        while True:
            if position >= len(content) or shift > 28:
                raise wrong
            byte = content[position]
            position += 1
            length |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        lengths.append(length)
    if len(lengths) != count or position + sum(lengths) != len(content):
        raise wrong
    array = np.empty(count, object)
    for index, length in enumerate(lengths):
        array[index] = content[position : position + length]
        position += length
    return array


def _values(message: Any, dtype: DType) -> np.ndarray:
    """The values that a TensorProto lists one by one."""
    name = _FIELDS[dtype.name]
    listed = getattr(message, name)
    if dtype is string:
        array = np.empty(len(listed), object)
        array[:] = list(listed)
        return array
    array = np.array(listed, _HELD_AS.get(name, dtype.numpy))
    if name == "half_val":
        return array.astype(np.uint16).view(bfloat16.numpy if dtype is bfloat16 else np.float16)
    if dtype.is_complex:
        if len(array) % 2:
            raise GraphError(f"a constant of {dtype} lists {len(array)} parts, which make no whole numbers")
        return array.view(dtype.numpy)
    return array.astype(dtype.numpy, copy=False)
