"""What is fed becomes an array of the tensor's type, or an error that says why it cannot."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest

from framework.errors import InvalidArgumentError
from framework.graph import Graph
from framework.runtime.feeds import Feed


def feed(dtype: str, shape: Any = None) -> Feed:
    return Feed(Graph().add("Placeholder", attrs={"dtype": dtype, "shape": shape}, name="x").outputs[0])


@pytest.mark.parametrize(
    ("dtype", "value", "expected"),
    [
        ("float32", [1, 2.5], np.float32([1, 2.5])),
        ("float32", np.float64(1.5), np.float32(1.5)),
        ("float64", 1, np.float64(1)),
        ("int32", np.int64([7]), np.int32([7])),
        ("int64", 2**40, np.int64(2**40)),
        ("uint8", [[255]], np.uint8([[255]])),
        ("bool", True, np.bool_(True)),
        ("bfloat16", np.float32([1.5]), np.asarray([1.5], ml_dtypes.bfloat16)),
        ("bfloat16", [1, 2], np.asarray([1, 2], ml_dtypes.bfloat16)),
        ("float16", True, np.float16(1)),
        ("float32", np.asarray([1.5], ml_dtypes.bfloat16), np.float32([1.5])),
        ("complex64", 1 + 2j, np.complex64(1 + 2j)),
        ("float32", jnp.ones(2), np.ones(2, np.float32)),
    ],
)
def test_values_become_arrays_of_the_type(dtype: str, value: Any, expected: np.ndarray):
    found = feed(dtype).array(value)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(np.asarray(found), expected)


def test_an_array_of_the_type_is_not_copied():
    array = np.ones(3, np.float32)
    assert feed("float32", (None,)).array(array) is array


def test_text_becomes_bytes():
    assert feed("string").array("grün").item() == "grün".encode()
    assert feed("string", (2,)).array(["a", b"\xff"]).tolist() == [b"a", b"\xff"]
    assert feed("string").array(np.array([["a"]])).tolist() == [[b"a"]]
    with pytest.raises(InvalidArgumentError, match=r"strings.*\[1, 2\]"):
        feed("string").array([1, 2])


@pytest.mark.parametrize(
    ("dtype", "shape", "value", "said"),
    [
        ("int32", (), 1.5, "'x:0' is int32, but it was fed float64"),
        ("int32", (), 2**31, "'x:0' is int32, which does not hold"),
        ("uint8", (), -1, "'x:0' is uint8"),
        ("bool", (), 1, "'x:0' is bool, but it was fed int64"),
        ("float32", (), 1j, "'x:0' is float32, but it was fed complex128"),
        ("float32", (), "one", "'x:0' is float32, but it was fed <U3"),
        ("float32", (), None, "'x:0' is float32, but it was fed object"),
        ("float32", (2, None), np.ones((3, 1)), r"'x:0' has shape \[2, \?\], but it was fed \[3, 1\]"),
        ("float32", (2,), 1.0, r"'x:0' has shape \[2\], but it was fed \[\]"),
        ("string", (2,), ["a"], r"'x:0' has shape \[2\], but it was fed \[1\]"),
    ],
)
def test_what_does_not_fit_is_named(dtype: str, shape: Any, value: Any, said: str):
    with pytest.raises(InvalidArgumentError, match=said):
        feed(dtype, shape).array(value)
