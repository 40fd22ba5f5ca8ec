"""Constants are read from every field that TensorFlow writes them into."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from tensorboard.util import tensor_util

from framework.graph.attrs import is_fill
from framework.graph.graphdef.limits import Allowance
from framework.graph.graphdef.proto import TensorProto
from framework.graph.graphdef.tensor_proto import from_tensor_proto, to_tensor_proto


def proto(dtype: int, shape: list[int], **fields: Any) -> Any:
    message = TensorProto(dtype=dtype, **fields)
    for size in shape:
        message.tensor_shape.dim.add().size = size
    return message


def read(message: Any) -> np.ndarray:
    return from_tensor_proto(message, Allowance())


LISTED = [
    (proto(1, [2], float_val=[1.5, -2]), np.array([1.5, -2], np.float32)),
    (proto(2, [2], double_val=[1.5, 1e300]), np.array([1.5, 1e300])),
    (proto(3, [1, 2], int_val=[7, -8]), np.array([[7, -8]], np.int32)),
    (proto(4, [2], int_val=[7, 255]), np.array([7, 255], np.uint8)),
    (proto(5, [2], int_val=[7, -300]), np.array([7, -300], np.int16)),
    (proto(6, [2], int_val=[7, -8]), np.array([7, -8], np.int8)),
    (proto(7, [2], string_val=[b"a", b"\xff"]), np.array([b"a", b"\xff"], object)),
    (proto(8, [2], scomplex_val=[1, 2, 3, 4]), np.array([1 + 2j, 3 + 4j], np.complex64)),
    (proto(9, [], int64_val=[2**40]), np.array(2**40)),
    (proto(10, [3], bool_val=[True, False, True]), np.array([True, False, True])),
    (proto(14, [2], half_val=[0x3F80, 0xC000]), np.array([1, -2], ml_dtypes.bfloat16)),
    (proto(17, [1], int_val=[65535]), np.array([65535], np.uint16)),
    (proto(18, [1], dcomplex_val=[1, -2]), np.array([1 - 2j])),
    (proto(19, [2], half_val=[0x3C00, 0xC000]), np.array([1, -2], np.float16)),
    (proto(22, [1], uint32_val=[2**32 - 1]), np.array([2**32 - 1], np.uint32)),
    (proto(23, [1], uint64_val=[2**64 - 1]), np.array([2**64 - 1], np.uint64)),
    # Fewer values than elements: none is zeros, one is a fill, and else the last one repeats.
    (proto(1, [2]), np.zeros(2, np.float32)),
    (proto(7, [2]), np.array([b"", b""], object)),
    (proto(3, [2, 2], int_val=[5]), np.full((2, 2), 5, np.int32)),
    (proto(7, [2], string_val=[b"ab"]), np.array([b"ab", b"ab"], object)),
    (proto(3, [2, 3], int_val=[1, 2, 3]), np.array([[1, 2, 3], [3, 3, 3]], np.int32)),
    (proto(1, [0, 3]), np.zeros((0, 3), np.float32)),
    # Contents are little-endian; strings are packed as all lengths, then all characters.
    (proto(3, [2], tensor_content=b"\x01\0\0\0\xff\xff\xff\xff"), np.array([1, -1], np.int32)),
    (proto(10, [2], tensor_content=b"\0\x02"), np.array([False, True])),
    (proto(7, [2], tensor_content=b"\x02\x01abc"), np.array([b"ab", b"c"], object)),
]


@pytest.mark.parametrize(("message", "expected"), LISTED)
def test_every_field_is_read(message: Any, expected: np.ndarray):
    found = read(message)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


@settings(max_examples=80, deadline=None)
@given(
    arrays.arrays(
        st.sampled_from([np.float32, np.float64, np.int8, np.int32, np.int64, np.uint16, np.bool_, np.complex64]),
        arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    )
)
def test_what_is_written_is_read_again_here_and_by_tensorboard(array: np.ndarray):
    message = to_tensor_proto(array)
    np.testing.assert_array_equal(read(message), array)
    np.testing.assert_array_equal(tensor_util.make_ndarray(message).reshape(array.shape), array)


@pytest.mark.parametrize("dtype", ["f4", "f8", "i1", "i4", "u8", "?", "c8", "c16", "f2", ml_dtypes.bfloat16, object])
def test_a_fill_is_written_as_one_value(dtype: Any):
    one = np.array(b"x" if dtype is object else 1, dtype)
    fill = np.broadcast_to(one, (3, 1, 50))
    message = to_tensor_proto(fill)
    assert message.ByteSize() < 60
    found = read(message)
    assert is_fill(found)
    assert found.dtype == one.dtype
    np.testing.assert_array_equal(found, np.full((3, 1, 50), one[()], dtype))


def test_an_array_of_equal_values_is_no_fill():
    assert not is_fill(np.ones((2, 3)))
    assert not is_fill(np.broadcast_to(np.arange(3), (2, 3)))
    assert not is_fill(np.ones(()))
