"""Layer, RMS and group normalisation against NumPy, and as many parameters as Keras' layers have."""

from __future__ import annotations

import numpy as np
import pytest

from framework.errors import ConfigError
from framework.layers import Mode

rng = np.random.default_rng(8)


def normal(*shape: int) -> np.ndarray:
    return rng.normal(size=shape).astype(np.float32)


def given(net, **variables: np.ndarray) -> None:
    """Gives variables values other than their first ones."""
    for name, value in variables.items():
        assert net.session.state[f"n/{name}"].shape == value.shape
        net.session.state[f"n/{name}"] = value


def parameters(net) -> int:
    """How many numbers the layer learns."""
    return sum(net.variable(name).size for name in net.built.parameters if name.startswith("n/"))


@pytest.mark.parametrize(("shape", "mode"), [((4,), Mode.TRAIN), ((3, 4), Mode.PREDICT), ((2, 3, 4), Mode.TRAIN)])
def test_layer_norm(network, shape, mode):
    net = network({"n": {"type": "layer_norm", "epsilon": 0.1}}, shape, mode)
    assert parameters(net) == 2 * 4  # Keras: gamma and beta, each of the last axis
    gamma, beta, x = normal(4), normal(4), normal(8, *shape) * 3 + 5
    given(net, gamma=gamma, beta=beta)
    centered = x - x.mean(-1, keepdims=True)
    expected = centered / np.sqrt(x.var(-1, keepdims=True) + 0.1) * gamma + beta
    np.testing.assert_allclose(net.run(net.built.outputs["out"], {"x": x}), expected, rtol=1e-4, atol=1e-5)


def test_layer_norm_without_variables(network):
    net = network({"n": {"type": "layer_norm", "center": False, "scale": False}})
    assert parameters(net) == 0
    x = normal(8, 4) * 2 + 1
    y = net.run(net.built.outputs["out"], {"x": x})
    np.testing.assert_allclose(y.mean(-1), np.zeros(8), atol=1e-6)
    np.testing.assert_allclose(y.var(-1), x.var(-1) / (x.var(-1) + 1e-3), rtol=1e-4)


def test_rms_norm(network):
    net = network({"n": {"type": "rms_norm", "epsilon": 0.1}}, (3, 4))
    assert parameters(net) == 4  # Keras: gamma
    gamma, x = normal(4), normal(8, 3, 4) * 3 + 5
    given(net, gamma=gamma)
    expected = x / np.sqrt((x**2).mean(-1, keepdims=True) + 0.1) * gamma
    np.testing.assert_allclose(net.run(net.built.outputs["out"], {"x": x}), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("shape", "mode"), [((6,), Mode.TRAIN), ((5, 6), Mode.PREDICT), ((2, 3, 6), Mode.TRAIN)])
def test_group_norm(network, shape, mode):
    layers = {
        f"n{groups}": {"type": "group_norm", "groups": groups, "epsilon": 0.1, "inputs": ["x"]} for groups in (1, 2, 6)
    }
    net, x = network(layers, shape, mode), normal(8, *shape) * 3 + 5
    gamma, beta = normal(6), normal(6)
    for name in layers:
        assert net.variable(f"{name}/gamma").shape == net.variable(f"{name}/beta").shape == (6,)  # as in Keras
        net.session.state.update({f"{name}/gamma": gamma, f"{name}/beta": beta})
    found = net.run({note.name: note.output for note in net.built.layers if note.name in layers}, {"x": x})
    for groups in (1, 2, 6):
        expected = np.empty_like(x)
        for example in range(8):
            for members in np.split(np.arange(6), groups):
                group = x[example, ..., members]
                expected[example, ..., members] = (group - group.mean()) / np.sqrt(group.var() + 0.1)
        np.testing.assert_allclose(found[f"n{groups}"], expected * gamma + beta, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("layer", "shape", "said"),
    [
        ({"type": "layer_norm"}, (), ["layer_norm needs an input [batch, ..., channels]", "[8]"]),
        ({"type": "rms_norm"}, (), ["rms_norm needs an input"]),
        ({"type": "group_norm"}, (4, 6), ["32 groups do not divide the 6 channels", "set groups to one of 1, 2, 3, 6"]),
    ],
)
def test_what_cannot_be_normalised(network, layer, shape, said):
    with pytest.raises(ConfigError) as raised:
        network({"a": layer}, shape)
    mistake = next(m for m in raised.value.mistakes if m.path[:3] == ("model", "layers", "a"))
    for words in said:
        assert words in f"{mistake.message} {mistake.hint}"
