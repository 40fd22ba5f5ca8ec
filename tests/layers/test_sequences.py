"""Convolution and pooling of sequences, against NumPy written out."""

from __future__ import annotations

import numpy as np
import pytest

from framework.errors import ConfigError

rng = np.random.default_rng(6)


def normal(*shape: int) -> np.ndarray:
    return rng.normal(size=shape).astype(np.float32)


def convolved(x, kernel, stride, dilation, before, behind):
    """`[batch, length, channels]` with `[window, channels, filters]`, one window at a time."""
    reach = (len(kernel) - 1) * dilation + 1
    x = np.pad(x, [(0, 0), (before, behind), (0, 0)])
    starts = range(0, x.shape[1] - reach + 1, stride)
    return np.stack([np.einsum("bkc,kcf->bf", x[:, s : s + reach : dilation], kernel) for s in starts], 1)


def values(net, x):
    """What every layer of a network gives, by its name."""
    notes = net.built.layers
    return dict(zip([n.name for n in notes], net.run([n.output for n in notes], {"x": x}), strict=True))


# Padding, stride, dilation, and how many zeros that puts before and behind 7 elements for windows of 3.
WAYS = [
    ("same", 1, 1, (1, 1)),
    ("same", 2, 1, (1, 1)),  # 4 windows, every 2: (4 - 1) * 2 + 3 - 7 = 2 zeros
    ("same", 1, 2, (2, 2)),
    ("valid", 2, 1, (0, 0)),
    ("valid", 1, 3, (0, 0)),
    ("causal", 1, 1, (2, 0)),
    ("causal", 1, 2, (4, 0)),
]


def test_conv1d(network):
    common = {"type": "conv1d", "filters": 5, "kernel_size": 3, "bias_initializer": {"type": "normal"}, "inputs": ["x"]}
    layers = {
        f"c{k}": {**common, "padding": padding, "strides": stride, "dilation_rate": dilation}
        for k, (padding, stride, dilation, _) in enumerate(WAYS)
    }
    net = network(layers, (7, 2))
    x = normal(8, 7, 2)
    found = values(net, x)
    assert net.variable("c0/kernel").shape == (3, 2, 5)  # 3 * 2 * 5 + 5 parameters, as in Keras
    for name, (_, stride, dilation, ends) in zip(layers, WAYS, strict=True):
        kernel, bias = net.variable(f"{name}/kernel"), net.variable(f"{name}/bias")
        expected = convolved(x, kernel, stride, dilation, *ends) + bias
        np.testing.assert_allclose(found[name], expected, rtol=1e-4, atol=1e-5, err_msg=str(layers[name]))


def test_groups_of_conv1d_do_not_see_each_other(network):
    options = {"filters": 4, "kernel_size": 1, "groups": 2, "use_bias": False, "activation": "relu"}
    net = network({"c": {"type": "conv1d", **options}}, (3, 6))
    x, kernel = normal(8, 3, 6), net.variable("c/kernel")[0]
    expected = np.concatenate([x[..., :3] @ kernel[:, :2], x[..., 3:] @ kernel[:, 2:]], -1)
    np.testing.assert_allclose(
        net.run(net.built.outputs["out"], {"x": x}), np.maximum(expected, 0), rtol=1e-5, atol=1e-6
    )


def test_pooling(network):
    x = normal(8, 5, 3)
    kinds = {"max_pool1d": np.max, "average_pool1d": np.mean}
    wholes = {"global_max_pool1d": np.max, "global_average_pool1d": np.mean}
    same = {"pool_size": 3, "strides": 2, "padding": "same", "inputs": ["x"]}
    layers = {kind: {"type": kind, "inputs": ["x"]} for kind in (*kinds, *wholes)}
    found = values(network({**layers, **{f"{kind}_same": {"type": kind, **same} for kind in kinds}}, (5, 3)), x)
    for kind, reduce in kinds.items():
        expected = reduce(x[:, :4].reshape(8, 2, 2, 3), axis=2)
        np.testing.assert_allclose(found[kind], expected, rtol=1e-5, atol=1e-6)
        expected = np.stack([reduce(x[:, a:b], axis=1) for a, b in [(0, 2), (1, 4), (3, 5)]], 1)
        np.testing.assert_allclose(found[f"{kind}_same"], expected, rtol=1e-5, atol=1e-6)
    for kind, reduce in wholes.items():
        np.testing.assert_allclose(found[kind], reduce(x, axis=1), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "shape", "said"),
    [
        ({"type": "conv1d", "filters": 2, "kernel_size": 3}, (4,), ["conv1d needs a rank-3", "reshape"]),
        ({"type": "conv1d", "filters": 3, "kernel_size": 1, "groups": 2}, (4, 2), ["conv1d: groups", "filters 3"]),
        ({"type": "conv1d", "filters": 2, "kernel_size": 5, "padding": "valid"}, (4, 1), ["Conv2D"]),
        ({"type": "max_pool1d"}, (4, 4, 1), ["max_pool1d needs a rank-3"]),
        ({"type": "global_average_pool1d"}, (4,), ["global_average_pool1d needs a rank-3"]),
    ],
)
def test_what_does_not_fit_is_one_mistake(network, layer, shape, said):
    with pytest.raises(ConfigError) as raised:
        network({"a": layer}, shape)
    (mistake,) = raised.value.mistakes
    assert mistake.path == ("model", "layers", "a")
    for words in said:
        assert words in f"{mistake.message} {mistake.hint}"
