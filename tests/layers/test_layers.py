"""Each layer against an independent computation, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.signal import correlate

from framework.errors import ConfigError
from framework.layers import LAYERS, Mode

rng = np.random.default_rng(3)


def normal(*shape: int) -> np.ndarray:
    return rng.normal(size=shape).astype(np.float32)


def output(net, features, weights=None):
    return net.run(net.built.outputs["out"], features, weights)


def test_dense(network):
    net = network({"fc": {"type": "dense", "units": 5, "activation": "tanh", "bias_initializer": {"type": "normal"}}})
    x = normal(8, 4)
    expected = np.tanh(x @ net.variable("fc/kernel") + net.variable("fc/bias"))
    np.testing.assert_allclose(output(net, {"x": x}), expected, rtol=1e-5, atol=1e-6)
    assert net.variable("fc/kernel").shape == (4, 5)
    without = network({"fc": {"type": "dense", "units": "num_classes", "use_bias": False}})
    assert "fc/bias" not in without.session.state
    assert output(without, {"x": x}).shape == (8, 3)


@pytest.mark.parametrize("mode", Mode)
def test_dense_of_each_element_of_a_sequence(network, mode):
    net = network({"fc": {"type": "dense", "units": 3, "bias_initializer": "normal"}}, (5, 4), mode)
    x = normal(8, 5, 4)
    expected = np.einsum("btf,fu->btu", x, net.variable("fc/kernel")) + net.variable("fc/bias")
    assert net.variable("fc/kernel").shape == (4, 3)
    np.testing.assert_allclose(output(net, {"x": x}), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (1, 2)])
def test_conv2d(network, padding, stride, dilation):
    options = {"filters": 2, "kernel_size": [3, 2], "strides": stride, "dilation_rate": dilation, "padding": padding}
    net = network({"c": {"type": "conv2d", **options}}, (6, 7, 3))
    x = normal(8, 6, 7, 3)
    window = np.zeros((2 * dilation + 1, dilation + 1, 3, 2), np.float32)
    window[::dilation, ::dilation] = net.variable("c/kernel")
    if padding == "same":
        pads = [
            max((-(-size // stride) - 1) * stride + w - size, 0) for size, w in zip((6, 7), window.shape, strict=False)
        ]
        x_padded = np.pad(x, [(0, 0), *((p // 2, p - p // 2) for p in pads), (0, 0)])
    else:
        x_padded = x
    expected = np.stack(
        [[correlate(image, window[..., f], "valid")[..., 0] for f in range(2)] for image in x_padded]
    ).transpose(0, 2, 3, 1)[:, ::stride, ::stride]
    np.testing.assert_allclose(output(net, {"x": x}), expected, rtol=1e-4, atol=1e-5)


def test_grouped_convolution_keeps_groups_apart(network):
    net = network({"c": {"type": "conv2d", "filters": 4, "kernel_size": 1, "groups": 2, "use_bias": False}}, (2, 2, 6))
    x = normal(8, 2, 2, 6)
    kernel = net.variable("c/kernel")[0, 0]
    expected = np.concatenate([x[..., :3] @ kernel[:, :2], x[..., 3:] @ kernel[:, 2:]], -1)
    np.testing.assert_allclose(output(net, {"x": x}), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("kind", "reduce"), [("max_pool2d", np.max), ("average_pool2d", np.mean)])
def test_pooling(network, kind, reduce):
    x = normal(8, 5, 4, 2)
    net = network({"p": {"type": kind}}, (5, 4, 2))
    windows = x[:, :4].reshape(8, 2, 2, 2, 2, 2)
    np.testing.assert_allclose(output(net, {"x": x}), reduce(windows, axis=(2, 4)), rtol=1e-5, atol=1e-6)
    same = network({"p": {"type": kind, "pool_size": 3, "strides": 2, "padding": "same"}}, (5, 4, 2))
    rows, columns = [(0, 2), (1, 4), (3, 5)], [(0, 3), (2, 4)]
    expected = np.stack([[reduce(x[:, a:b, c:d], axis=(1, 2)) for c, d in columns] for a, b in rows])
    np.testing.assert_allclose(output(same, {"x": x}), expected.transpose(2, 0, 1, 3), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("kind", "reduce"), [("global_max_pool2d", np.max), ("global_average_pool2d", np.mean)])
def test_global_pooling(network, kind, reduce):
    x = normal(8, 5, 4, 2)
    net = network({"p": {"type": kind}}, (5, 4, 2))
    np.testing.assert_allclose(output(net, {"x": x}), reduce(x, axis=(1, 2)), rtol=1e-5, atol=1e-6)


def normalized(x, mean, variance, epsilon=1e-3):
    return (x - mean) / np.sqrt(variance + epsilon)


@pytest.mark.parametrize("shape", [(4,), (3, 2, 4)], ids=["table", "image"])
@pytest.mark.parametrize("is_padded", [False, True])
def test_batch_norm_while_training(network, shape, is_padded):
    trainer = {"epochs": 1, "batch_size": 6} if is_padded else {"epochs": 1, "batch_size": 8, "drop_last": True}
    net = network({"n": {"type": "batch_norm", "momentum": 0.75}}, shape, trainer=trainer)
    batch = 6 if is_padded else 8
    assert (net.built.weights is not None) == is_padded
    x = normal(batch, *shape) * 3 + 1
    weights = np.float32([1, 1, 1, 1, 0, 0]) if is_padded else None
    real = x[:4] if is_padded else x
    axes = tuple(range(x.ndim - 1))
    y, _ = net.run([net.built.outputs["out"], net.built.graph.operation(net.built.train_op)], {"x": x}, weights)
    expected = normalized(real, real.mean(axes), real.var(axes))
    np.testing.assert_allclose(y[: len(real)], expected, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(net.variable("n/moving_mean"), 0.25 * real.mean(axes), rtol=1e-3, atol=1e-5)
    expected_variance = 0.75 + 0.25 * real.var(axes, ddof=0) * _bessel(real)
    np.testing.assert_allclose(net.variable("n/moving_variance"), expected_variance, rtol=1e-3)


def _bessel(real: np.ndarray) -> float:
    count = real.size / real.shape[-1]
    return count / (count - 1)


def test_batch_norm_afterwards_uses_the_moving_averages(network):
    net = network({"n": {"type": "batch_norm", "center": False, "scale": False}}, mode=Mode.EVALUATE)
    net.session.state["n/moving_mean"] = np.float32([1, 2, 3, 4])
    net.session.state["n/moving_variance"] = np.float32([4, 3, 2, 1])
    x = normal(5, 4)
    expected = normalized(x, np.float32([1, 2, 3, 4]), np.float32([4, 3, 2, 1]))
    np.testing.assert_allclose(output(net, {"x": x}), expected, rtol=1e-5, atol=1e-5)


def test_dropout(network):
    layers = {"d": {"type": "dropout", "rate": 0.25}}
    net = network(layers, (100,))
    x = np.ones((8, 100), np.float32)
    drawn = np.stack([output(net, {"x": x}) for _ in range(20)])
    assert set(np.unique(drawn)) == {0.0, np.float32(1 / 0.75)}
    # 16,000 draws: five standard deviations are 0.017.
    assert abs((drawn == 0).mean() - 0.25) < 0.017
    assert not np.array_equal(drawn[0], drawn[1])
    np.testing.assert_array_equal(output(network(layers, (100,), Mode.EVALUATE), {"x": x}), x)


def test_dropout_of_nothing_draws_nothing(network):
    x = normal(8, 100)

    def drawing(rate: float | None) -> list[str]:
        net = network({"d": {"type": "dropout", "rate": rate}}, (100,))
        assert np.array_equal(output(net, {"x": x}), x) is (rate is None)
        return [name for name in net.session.graph.nodes if name.startswith("d/") and "RandomUniform" in name]

    assert drawing(None) == []
    assert drawing(0.25)


def test_shapes_are_rearranged(network):
    x = normal(8, 2, 3, 4)
    np.testing.assert_array_equal(output(network({"f": {"type": "flatten"}}, (2, 3, 4)), {"x": x}), x.reshape(8, 24))
    net = network({"r": {"type": "reshape", "shape": [-1, 6]}}, (2, 3, 4))
    np.testing.assert_array_equal(output(net, {"x": x}), x.reshape(8, 4, 6))


def test_layers_that_join(network):
    x, z = normal(8, 4), normal(8, 4)
    net = network({"a": {"type": "add", "inputs": ["x", "z", "x"], "activation": "relu"}})
    np.testing.assert_allclose(output(net, {"x": x, "z": z}), np.maximum(2 * x + z, 0), rtol=1e-6)
    net = network({"a": {"type": "concat", "inputs": ["x", "z"]}})
    np.testing.assert_array_equal(output(net, {"x": x, "z": z}), np.concatenate([x, z], -1))


def test_any_op_is_a_layer(network):
    x = normal(8, 4)
    net = network({"o": {"type": "op", "op": "Tanh"}})
    np.testing.assert_allclose(output(net, {"x": x}), np.tanh(x), rtol=1e-5, atol=1e-6)
    net = network({"o": {"type": "op", "op": "MatMul", "inputs": ["x", "z"], "attributes": {"transpose_b": True}}})
    z = normal(8, 4)
    np.testing.assert_allclose(output(net, {"x": x, "z": z}), x @ z.T, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("layers", "shape", "said"),
    [
        ({"a": {"type": "dense", "units": 2}}, (2, 2, 1), ["rank-2", "[8, 2, 2, 1]", "flatten"]),
        ({"a": {"type": "dense", "units": "num_clases"}}, (4,), ["num_clases", "did you mean 'num_classes'"]),
        ({"a": {"type": "conv2d", "filters": 2, "kernel_size": 3}}, (4,), ["rank-4", "reshape"]),
        ({"a": {"type": "conv2d", "filters": 2, "kernel_size": 5, "padding": "valid"}}, (4, 4, 1), ["Conv2D"]),
        ({"a": {"type": "conv2d", "filters": 3, "kernel_size": 1, "groups": 2}}, (4, 4, 2), ["groups 2", "filters 3"]),
        ({"a": {"type": "max_pool2d"}}, (4,), ["max_pool2d needs a rank-4"]),
        ({"a": {"type": "global_max_pool2d"}}, (4,), ["global_max_pool2d needs a rank-4"]),
        ({"a": {"type": "reshape", "shape": [3, -1]}}, (4,), ["[3, -1]", "4 elements"]),
        ({"a": {"type": "reshape", "shape": [-1, -1]}}, (4,), ["[-1, -1]"]),
        ({"a": {"type": "add", "inputs": ["x", "f"]}, "f": {"type": "flatten", "inputs": ["x"]}}, (2, 2), ["one sh"]),
        ({"a": {"type": "op", "op": "Tanhh"}}, (4,), ["Tanhh", "did you mean 'Tanh'"]),
        ({"a": {"type": "op", "op": "Tanh", "attributes": {"b": 1}}}, (4,), ["no attribute 'b'"]),
        ({"a": {"type": "op", "op": "NoOp", "inputs": []}}, (4,), ["no output"]),
        ({"a": {"type": "dense", "units": 2, "inputs": ["x", "z"]}}, (4,), ["reads 1 tensor, found 2"]),
        ({"a": {"type": "flatten", "inputs": ["y"]}}, (4,), ["no 'y'"]),
    ],
)  # fmt: skip
def test_what_a_layer_refuses(network, layers, shape, said):
    with pytest.raises(ConfigError) as raised:
        network(layers, shape)
    (mistake,) = raised.value.mistakes
    assert mistake.path[:3] == ("model", "layers", "a")
    for words in said:
        assert words in f"{mistake.message} {mistake.hint}"


def test_every_layer_has_a_test():
    text = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert [name for name in LAYERS if f'"{name}"' not in text and name != "stochastic_depth"] == []
