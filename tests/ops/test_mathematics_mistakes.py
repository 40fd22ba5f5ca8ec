"""A use of mathematics, bits, spectra, colours or vectors of shapes that cannot be is refused, naming the node."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from framework import ops
from framework.errors import GraphError
from framework.graph import Graph, Tensor


def f(*shape: int | None) -> Tensor:
    return ops.placeholder("float32", shape)


def i(*shape: int | None) -> Tensor:
    return ops.placeholder("int32", shape)


def c(*shape: int | None) -> Tensor:
    return ops.placeholder("complex64", shape)


MISTAKES: dict[str, tuple[Callable[[], object], list[str]]] = {
    # mathematics
    "Asin": (lambda: ops.asin(i(2), name="n"), ["'T'", "int32", "float32"]),
    "Atan2": (lambda: ops.atan2(f(2, 3), f(2), name="n"), ["[2, 3]", "[2]", "broadcast"]),
    "Atan2 types": (lambda: ops.atan2(f(2), ops.placeholder("float64", [2]), name="n"), ["'x'", "float32", "float64"]),
    "Mod": (lambda: ops.mod(np.uint8(3), np.uint8(2), name="n"), ["'T'", "uint8", "int64"]),
    "TruncateDiv": (lambda: ops.truncatediv(f(2, 3), f(4, 3), name="n"), ["[4, 3]"]),
    "MulNoNan": (lambda: ops.mul_no_nan(i(2), i(2), name="n"), ["'T'", "int32"]),
    "Rint": (lambda: ops.rint(c(2), name="n"), ["'T'", "complex64"]),
    "IsNan": (lambda: ops.is_nan(i(2), name="n"), ["'T'", "int32", "float32"]),
    "ApproximateEqual": (lambda: ops.approximate_equal(f(2), f(3), name="n"), ["2 and 3"]),
    "ApproximateEqual rank": (lambda: ops.approximate_equal(f(2), f(), name="n"), ["[2]", "[]", "ranks"]),
    "ApproximateEqual tolerance": (
        lambda: ops.approximate_equal(f(2), f(2), tolerance="1", name="n"),  # type: ignore[arg-type]
        ["'tolerance'", "float", "'1'"],
    ),
    # special functions
    "Lgamma": (lambda: ops.lgamma(c(2), name="n"), ["'T'", "complex64"]),
    "Polygamma": (lambda: ops.polygamma(np.float16(1), np.float16(1), name="n"), ["'T'", "float16", "float64"]),
    "Zeta": (lambda: ops.zeta(f(2, 3), f(2), name="n"), ["[2, 3]", "[2]"]),
    "Betainc": (lambda: ops.betainc(f(2), f(3), f(2), name="n"), ["2 and 3"]),
    "Betainc rank": (lambda: ops.betainc(f(1, 2), f(2), f(), name="n"), ["[1, 2]", "[2]", "ranks"]),
    # bits
    "BitwiseAnd": (lambda: ops.bitwise_and(f(2), f(2), name="n"), ["'T'", "float32", "uint8"]),
    "LeftShift": (lambda: ops.left_shift(i(2), i(3), name="n"), ["[2]", "[3]", "broadcast"]),
    "Invert": (lambda: ops.invert(np.zeros(2, bool), name="n"), ["'T'", "bool"]),
    "Bitcast": (lambda: ops.bitcast(i(2, 3), "float64", name="n"), ["[2, 3]", "2 int32", "float64"]),
    "Bitcast scalar": (lambda: ops.bitcast(i(), "int64", name="n"), ["[]", "2 int32", "int64"]),
    "Bitcast type": (lambda: ops.bitcast(i(2), "bool", name="n"), ["'type'", "bool", "uint8"]),
    # complex numbers, spectra
    "Complex": (lambda: ops.complex(f(2), f(2), Tout="complex128", name="n"), ["complex128", "float64", "float32"]),
    "Complex shapes": (lambda: ops.complex(f(2), f(3), name="n"), ["[2]", "[3]", "broadcast"]),
    "Real": (lambda: ops.real(c(2), Tout="float64", name="n"), ["complex64", "float32", "float64"]),
    "Conj": (lambda: ops.conj(f(2), name="n"), ["'T'", "float32", "complex64"]),
    "FFT": (lambda: ops.fft(c(), name="n"), ["'input'", "rank 1 or more", "[]"]),
    "FFT type": (lambda: ops.fft(f(4), name="n"), ["'Tcomplex'", "float32", "complex64"]),
    "FFT2D": (lambda: ops.fft2d(c(4), name="n"), ["rank 2 or more", "[4]"]),
    "RFFT": (lambda: ops.rfft(f(2, 4), [5], name="n"), ["axis 1", "[2, 4]", "4 elements", "5"]),
    "RFFT length": (lambda: ops.rfft(f(4), [0], name="n"), ["'fft_length'", "at least 1", "[0]"]),
    "RFFT lengths": (lambda: ops.rfft2d(f(4, 4), [4], name="n"), ["1 and 2"]),
    "RFFT parts": (lambda: ops.rfft(f(4), [4], Tcomplex="complex128", name="n"), ["complex128", "float64", "float32"]),
    "IRFFT": (lambda: ops.irfft(c(2, 3), [6], name="n"), ["axis 1", "[2, 3]", "3 elements", "4"]),
    "IRFFT2D": (lambda: ops.irfft2d(c(3, 3), [4, 4], name="n"), ["axis 0", "3 elements", "4"]),
    # colours
    "RGBToHSV": (lambda: ops.rgb_to_hsv(f(2, 4), name="n"), ["3 channels", "[2, 4]"]),
    "HSVToRGB": (lambda: ops.hsv_to_rgb(f(), name="n"), ["'images'", "rank 1 or more", "[]"]),
    "AdjustContrastv2": (lambda: ops.adjust_contrast(f(2, 3), 2.0, name="n"), ["'images'", "rank 3 or more", "[2, 3]"]),
    "AdjustContrastv2 factor": (
        lambda: ops.adjust_contrast(f(2, 3, 3), [2.0], name="n"),
        ["'contrast_factor'", "rank 0", "[1]"],
    ),
    "AdjustHue": (lambda: ops.adjust_hue(f(2, 2, 4), 0.5, name="n"), ["3 channels", "[2, 2, 4]"]),
    "AdjustSaturation": (lambda: ops.adjust_saturation(f(2, 3), 0.5, name="n"), ["rank 3 or more", "[2, 3]"]),
    # graph
    "EnsureShape": (lambda: ops.ensure_shape(f(2, 3), shape=[None, 4], name="n"), ["[?, 4]", "[2, 3]"]),
    "EnsureShape rank": (lambda: ops.ensure_shape(f(None), shape=[None, 4], name="n"), ["[?, 4]", "[?]"]),
    "EnsureShape shape": (lambda: ops.ensure_shape(f(2), shape=["x"], name="n"), ["'shape'"]),  # type: ignore[list-item]
    "IdentityN": (lambda: ops.identity_n([], name="n"), ["'T'", "at least 1", "0"]),
    # vectors of shapes
    "ShapeN": (lambda: ops.shape_n([], name="n"), ["'N'", "at least 1", "0"]),
    "ShapeN type": (lambda: ops.shape_n([f(2)], out_type="float32", name="n"), ["'out_type'", "int64", "float32"]),
    "InvertPermutation": (lambda: ops.invert_permutation([0, 2], name="n"), ["from 0 to 1", "[0, 2]"]),
    "InvertPermutation twice": (lambda: ops.invert_permutation([0, 0], name="n"), ["once", "[0, 0]"]),
    "InvertPermutation rank": (lambda: ops.invert_permutation(i(2, 2), name="n"), ["'x'", "rank 1", "[2, 2]"]),
    "BroadcastArgs": (lambda: ops.broadcast_args([2, 3], [2], name="n"), ["[2, 3]", "[2]", "broadcast"]),
    "BroadcastArgs rank": (lambda: ops.broadcast_args(i(), i(2), name="n"), ["'s0'", "rank 1", "[]"]),
    "BroadcastGradientArgs": (lambda: ops.broadcast_gradient_args([2], [3], name="n"), ["[2]", "[3]", "broadcast"]),
    "ConcatOffset": (lambda: ops.concat_offset(1, [[2, 3], [3, 4]], name="n"), ["axis 1", "[2, 3]", "[3, 4]"]),
    "ConcatOffset axis": (lambda: ops.concat_offset(2, [[2, 3], [2, 4]], name="n"), ["axis 2"]),
    "ConcatOffset ranks": (lambda: ops.concat_offset(0, [i(2), i(3)], name="n"), ["2 and 3"]),
    "ConcatOffset one": (lambda: ops.concat_offset(0, [i(2)], name="n"), ["'N'", "at least 2", "1"]),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_names_the_node_what_was_found_and_what_was_allowed(name: str) -> None:
    mistake, words = MISTAKES[name]
    with Graph().as_default(), pytest.raises(GraphError) as caught:
        mistake()
    assert caught.value.node == "n"
    for word in words:
        assert word in str(caught.value), str(caught.value)
