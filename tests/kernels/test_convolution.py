"""What TensorFlow cannot compute on a CPU: convolutions that are grouped or dilated, the other way round."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from framework import ops
from framework.graph import Graph, dtypes
from framework.graph.opdef import Call, lookup
from framework.kernels import KERNELS
from framework.kernels.registry import find_kernel
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


@pytest.mark.parametrize("channels_first", [False, True])
@pytest.mark.parametrize("window", [(3, 2), (2, 1, 3)])
@pytest.mark.parametrize(("stride", "dilation", "padding"), [(1, 1, "SAME"), (2, 1, "VALID"), (1, 2, "SAME")])
@pytest.mark.parametrize("channels", [1, 2, 5])
def test_products_give_the_convolution_and_its_derivatives(channels_first, window, stride, dilation, padding, channels):
    sizes, spatial = (6, 7, 8)[: len(window)], "DHW"[-len(window) :]
    data_format = f"NC{spatial}" if channels_first else f"N{spatial}C"

    def step(number):
        return tuple(number if axis in spatial else 1 for axis in data_format)

    attrs = {"strides": step(stride), "dilations": step(dilation), "padding": padding, "data_format": data_format}
    x = normal(2, channels, *sizes) if channels_first else normal(2, *sizes, channels)
    kernel = normal(*window, channels, 4)
    kernels = {entry.name: entry for entry in KERNELS[f"Conv{len(window)}D"] if entry.platform in (None, "cpu")}

    def derivatives(name):
        def loss(x, kernel):
            return jnp.sum(jnp.sin(kernels[name](attrs, x, kernel)))

        forward = jax.jvp(partial(kernels[name], attrs), (x, kernel), (x, kernel))[1]
        second = jax.grad(lambda kernel: jnp.sum(jax.grad(loss)(x, kernel) ** 2))(kernel)
        return kernels[name](attrs, x, kernel), forward, *jax.grad(loss, (0, 1))(x, kernel), second

    for found, expected in zip(derivatives("products"), derivatives("xla"), strict=True):
        np.testing.assert_allclose(found, expected, rtol=2e-4, atol=2e-4 * np.abs(expected).max())


def test_products_are_chosen_for_the_convolutions_that_they_can_compute():
    def name(image, kernel, dtype=dtypes.float32):
        attrs = {"data_format": "NHWC", "strides": (1,) * 4, "dilations": (1,) * 4, "padding": "SAME"}
        call = Call(lookup("Conv2D"), "conv", attrs, (image, kernel), (dtype, dtype), (None, None))
        found = find_kernel("Conv2D", "cpu", call, kept={"Conv2D": ("products", "xla")})
        return found and found.name

    assert name((None, 8, 8, 3), (3, 3, 3, 4)) == "products"
    assert name((2, 8, 8, 4), (3, 3, 2, 4)) == "xla", "it is grouped"
    assert name((2, 8, 8, 3), (8, 8, 3, 4)) == "xla", "its window is large"
    assert name((2, 8, 8, 3), (3, 3, 3, 4), dtypes.bfloat16) == "xla"


def test_a_large_window_is_not_written_out():
    x, kernel = normal(1, 9, 9, 2), normal(8, 8, 2, 1)
    with Graph().as_default() as graph:
        y = ops.depthwise_conv2d(x, kernel, strides=[1] * 4, padding="VALID")
        found = Session(graph).run(y)
    windows = np.lib.stride_tricks.sliding_window_view(x, (8, 8), (1, 2))
    np.testing.assert_allclose(found, np.einsum("byxchw,hwc->byxc", windows, kernel[..., 0]), rtol=1e-4, atol=1e-4)
