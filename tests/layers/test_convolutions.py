"""Depthwise, separable and transposed convolutions, and larger images, against NumPy written out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import correlate2d

from framework.errors import ConfigError
from framework.layers import Mode

rng = np.random.default_rng(8)
NORMAL = {"type": "normal", "stddev": 1.0}


def normal(*shape: int) -> np.ndarray:
    return rng.normal(size=shape).astype(np.float32)


def output(net, x):
    return net.run(net.built.outputs["out"], {"x": x})


def depthwise(x, kernel, stride, padding):
    """Each channel by its own windows, one at a time."""
    channels = [
        np.stack([correlate2d(image[..., c], kernel[..., c, m], padding) for image in x])
        for c in range(kernel.shape[2])
        for m in range(kernel.shape[3])
    ]
    return np.stack(channels, -1)[:, ::stride, ::stride]


def values(net, layers, x):
    """What some layers of a network give, by their names."""
    notes = [note for note in net.built.layers if note.name in layers]
    return dict(zip([n.name for n in notes], net.run([n.output for n in notes], {"x": x}), strict=True))


def test_depthwise_conv2d(network):
    ways = {"whole": ("same", 1), "inside": ("valid", 1), "strided": ("valid", 2)}
    common = {"type": "depthwise_conv2d", "kernel_size": 3, "depth_multiplier": 2, "bias_initializer": NORMAL}
    layers = {n: {**common, "padding": p, "strides": s, "inputs": ["x"]} for n, (p, s) in ways.items()}
    spread = {"kernel_size": [2, 1], "dilation_rate": [3, 1], "padding": "valid", "use_bias": False, "inputs": ["x"]}
    net = network({**layers, "spread": {"type": "depthwise_conv2d", **spread}}, (6, 7, 3))
    x = normal(8, 6, 7, 3)
    found = values(net, [*layers, "spread"], x)
    for name, (padding, stride) in ways.items():
        kernel = net.variable(f"{name}/kernel")
        assert kernel.shape == (3, 3, 3, 2)  # 54 + 6 parameters, as in Keras
        expected = depthwise(x, kernel, stride, padding) + net.variable(f"{name}/bias")
        np.testing.assert_allclose(found[name], expected, rtol=1e-4, atol=1e-5)
    kernel = net.variable("spread/kernel")[:, 0, :, 0]
    np.testing.assert_allclose(found["spread"], x[:, :3] * kernel[0] + x[:, 3:] * kernel[1], rtol=1e-4, atol=1e-5)


def test_separable_conv2d(network):
    options = {"kernel_size": 3, "filters": 5, "depth_multiplier": 2, "activation": "tanh"}
    net = network({"s": {"type": "separable_conv2d", **options, "bias_initializer": NORMAL}}, (6, 7, 3))
    x, windows, mixing = normal(8, 6, 7, 3), net.variable("s/depthwise_kernel"), net.variable("s/pointwise_kernel")
    assert (windows.shape, mixing.shape) == ((3, 3, 3, 2), (1, 1, 6, 5))  # 54 + 30 + 5 parameters, as in Keras
    expected = np.tanh(depthwise(x, windows, 1, "same") @ mixing[0, 0] + net.variable("s/bias"))
    np.testing.assert_allclose(output(net, x), expected, rtol=1e-4, atol=1e-5)


def scattered(x, kernel, strides):
    """Every pixel adds a window, weighted by its channels: what a transposed convolution is before it is cut off."""
    batch, height, width, _ = x.shape
    rows, columns, filters, _ = kernel.shape
    shape = (batch, (height - 1) * strides[0] + rows, (width - 1) * strides[1] + columns, filters)
    found = np.zeros(shape, np.float32)
    for i in range(height):
        for k in range(width):
            top, left = i * strides[0], k * strides[1]
            found[:, top : top + rows, left : left + columns] += np.einsum("bc,rsfc->brsf", x[:, i, k], kernel)
    return found


# Window, strides, padding, size of the output, and what is cut off before it: with `same`, the convolution back to
# 4 x 3 would pad by window - stride, the odd one behind.
TRANSPOSED = [
    ((3, 3), (1, 1), "same", (4, 3), (1, 1)),
    ((3, 2), (2, 2), "same", (8, 6), (0, 0)),
    ((2, 2), (2, 2), "same", (8, 6), (0, 0)),
    ((5, 4), (2, 2), "same", (8, 6), (1, 1)),
    ((3, 3), (2, 1), "valid", (9, 5), (0, 0)),
    ((1, 2), (2, 3), "valid", (8, 9), (0, 0)),  # a stride that is larger than the window leaves zeros
]


def test_conv2d_transpose(network):
    common = {"type": "conv2d_transpose", "filters": 5, "use_bias": False, "inputs": ["x"]}
    layers = {
        f"t{k}": {**common, "kernel_size": list(window), "strides": list(strides), "padding": padding}
        for k, (window, strides, padding, _, _) in enumerate(TRANSPOSED)
    }
    net = network(layers, (4, 3, 2))
    x = normal(8, 4, 3, 2)
    found = values(net, layers, x)
    for name, (window, strides, _, size, cut) in zip(layers, TRANSPOSED, strict=True):
        kernel = net.variable(f"{name}/kernel")
        assert kernel.shape == (*window, 5, 2)
        whole = np.pad(scattered(x, kernel, strides), [(0, 0), (0, 9), (0, 9), (0, 0)])
        expected = whole[:, cut[0] : cut[0] + size[0], cut[1] : cut[1] + size[1]]
        np.testing.assert_allclose(found[name], expected, rtol=1e-4, atol=1e-5, err_msg=str(layers[name]))


def test_the_size_is_known_where_the_batch_is_not(network):
    layers = {
        "t": {"type": "conv2d_transpose", "filters": 2, "kernel_size": 2, "strides": 2, "bias_initializer": NORMAL},
        "c": {"type": "conv2d", "filters": 1, "kernel_size": 1},
    }
    net = network(layers, (4, 3, 2), Mode.EVALUATE)
    assert net.built.graph.tensor(net.built.outputs["out"]).shape == (None, 8, 6, 1)
    assert output(net, normal(3, 4, 3, 2)).shape == (3, 8, 6, 1)
    assert net.variable("t/bias").shape == (2,)


def test_upsample2d(network):
    x = normal(8, 3, 4, 2)
    layers = {
        way: {"type": "upsample2d", "size": [2, 3], "interpolation": way, "inputs": ["x"]}
        for way in ("nearest", "bilinear")
    }
    found = values(network(layers, (3, 4, 2)), layers, x)
    np.testing.assert_array_equal(found["nearest"], x.repeat(2, axis=1).repeat(3, axis=2))
    rows, columns = (np.arange(6) + 0.5) / 2 - 0.5, (np.arange(12) + 0.5) / 3 - 0.5
    down = np.apply_along_axis(lambda line: np.interp(rows, np.arange(3), line), 1, x)
    expected = np.apply_along_axis(lambda line: np.interp(columns, np.arange(4), line), 2, down)
    np.testing.assert_allclose(found["bilinear"], expected, rtol=1e-4, atol=1e-5)


def test_upsample2d_stays_in_the_type_it_reads(network):
    layers = {"u": {"type": "upsample2d", "interpolation": "bilinear"}}
    net = network(layers, (3, 4, 2), trainer={"epochs": 1, "batch_size": 8, "drop_last": True, "precision": "bfloat16"})
    assert net.built.graph.tensor(net.built.layers[0].output).dtype.name == "bfloat16"


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        ({"type": "depthwise_conv2d", "kernel_size": 3}, ["depthwise_conv2d needs a rank-4", "reshape"]),
        ({"type": "separable_conv2d", "kernel_size": 3, "filters": "n"}, ["separable_conv2d needs a rank-4"]),
        ({"type": "conv2d_transpose", "kernel_size": 3, "filters": 2}, ["conv2d_transpose needs a rank-4"]),
        ({"type": "upsample2d"}, ["upsample2d needs a rank-4"]),
        ({"type": "upsample2d", "interpolation": "cubic"}, ["'nearest' or 'bilinear'", "found 'cubic'"]),
    ],
)
def test_what_does_not_fit_is_one_mistake(network, layer, said):
    with pytest.raises(ConfigError) as raised:
        network({"a": layer}, (4,))
    (mistake,) = raised.value.mistakes
    assert mistake.path[:3] == ("model", "layers", "a")
    for words in said:
        assert words in f"{mistake.message} {mistake.hint}"


def test_strides_and_dilation_exclude_each_other(network):
    with pytest.raises(ConfigError, match=r"takes strides or a dilation_rate, found 2 and \[2, 2\]"):
        network({"d": {"type": "depthwise_conv2d", "kernel_size": 3, "strides": 2, "dilation_rate": 2}}, (9, 9, 1))
