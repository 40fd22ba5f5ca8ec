"""What TensorFlow cannot compute on a CPU: convolutions that are grouped or dilated, the other way round."""

from __future__ import annotations

import numpy as np
import pytest

from framework import ops
from framework.graph import Graph
from framework.kernels import KERNELS
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


@pytest.mark.parametrize("data_format", ["NHWC", "NCHW"])
@pytest.mark.parametrize(("stride", "dilation", "padding"), [(1, 2, "SAME"), (2, 1, "SAME"), (1, 3, "VALID")])
def test_a_depthwise_convolution_is_a_grouped_one_by_every_kernel(data_format, stride, dilation, padding):
    def step(number):
        return [1, number, number, 1] if data_format == "NHWC" else [1, 1, number, number]

    attrs = {"strides": step(stride), "dilations": step(dilation), "padding": padding, "data_format": data_format}
    x = normal(2, 8, 9, 3) if data_format == "NHWC" else normal(2, 3, 8, 9)
    kernel = normal(3, 2, 3, 4)
    with Graph().as_default() as graph:
        expected = Session(graph).run(ops.conv2d(x, kernel.reshape(3, 2, 1, 12), **attrs))
    kernels = {entry.name: entry for entry in KERNELS["DepthwiseConv2dNative"]}
    for compute in (kernels["xla"], kernels["slices"]):
        np.testing.assert_allclose(compute(attrs, x, kernel), expected, rtol=1e-4, atol=1e-5)


def test_a_large_window_is_not_written_out():
    x, kernel = normal(1, 9, 9, 2), normal(8, 8, 2, 1)
    with Graph().as_default() as graph:
        y = ops.depthwise_conv2d(x, kernel, strides=[1] * 4, padding="VALID")
        found = Session(graph).run(y)
    windows = np.lib.stride_tricks.sliding_window_view(x, (8, 8), (1, 2))
    np.testing.assert_allclose(found, np.einsum("byxchw,hwc->byxc", windows, kernel[..., 0]), rtol=1e-4, atol=1e-4)
