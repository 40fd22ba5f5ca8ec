"""What TensorFlow cannot compute on a CPU: convolutions that are grouped or dilated, the other way round."""

from __future__ import annotations

import numpy as np
import pytest

from framework import ops
from framework.graph import Graph
from framework.runtime.session import Session

rng = np.random.default_rng(4)


def normal(*shape: int) -> np.ndarray:
    return rng.normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("data_format", ["NHWC", "NCHW"])
@pytest.mark.parametrize(("groups", "stride", "dilation"), [(2, 2, 1), (4, 1, 1), (1, 1, 2), (2, 1, 3)])
@pytest.mark.parametrize("padding", ["SAME", "VALID"])
def test_a_transposed_convolution_is_the_adjoint_of_the_convolution(data_format, groups, stride, dilation, padding):
    def step(number):
        return [1, number, number, 1] if data_format == "NHWC" else [1, 1, number, number]

    attrs = {"strides": step(stride), "dilations": step(dilation), "padding": padding, "data_format": data_format}
    x = normal(2, 9, 8, 4) if data_format == "NHWC" else normal(2, 4, 9, 8)
    with Graph().as_default() as graph:
        kernel = normal(3, 2, 4 // groups, 8)
        y = ops.conv2d(x, kernel, **attrs)
        other = normal(*(y.shape or ()))
        back = ops.conv2d_backprop_input(x.shape, kernel, other, **attrs)
        y, back = Session(graph).run([y, back])
    assert back.shape == x.shape
    np.testing.assert_allclose((y * other).sum(), (x * back).sum(), rtol=1e-4)


def test_a_dilated_depthwise_convolution_is_a_grouped_one():
    attrs = {"strides": [1] * 4, "dilations": [1, 2, 2, 1], "padding": "SAME"}
    x, kernel = normal(2, 6, 7, 3), normal(3, 2, 3, 4)
    with Graph().as_default() as graph:
        both = [ops.depthwise_conv2d(x, kernel, **attrs), ops.conv2d(x, kernel.reshape(3, 2, 1, 12), **attrs)]
        found, expected = Session(graph).run(both)
    np.testing.assert_array_equal(found, expected)
