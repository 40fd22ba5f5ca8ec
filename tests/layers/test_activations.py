"""Each activation against NumPy, by name and as a layer of its own."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import erf

from framework.errors import ConfigError
from framework.layers import LAYERS
from framework.layers.activations import ACTIVATIONS

x = np.random.default_rng(3).normal(size=(8, 4)).astype(np.float32) * 4


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softplus(x):
    return np.log1p(np.exp(x))


REFERENCE = {
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "elu": lambda x: np.where(x > 0, x, np.expm1(x)),
    "selu": lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x)),
    "sigmoid": sigmoid,
    "log_sigmoid": lambda x: np.log(sigmoid(x)),
    "hard_sigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1),
    "tanh": np.tanh,
    "hard_tanh": lambda x: np.clip(x, -1, 1),
    "softplus": softplus,
    "softsign": lambda x: x / (1 + np.abs(x)),
    "softmax": lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True),
    "log_softmax": lambda x: x - np.log(np.exp(x).sum(-1, keepdims=True)),
    "exponential": np.exp,
    "silu": lambda x: x * sigmoid(x),
    "swish": lambda x: x * sigmoid(x),
    "hard_swish": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "mish": lambda x: x * np.tanh(softplus(x)),
    "gelu": lambda x: x * 0.5 * (1 + erf(x / np.sqrt(2))),
    "gelu_tanh": lambda x: x * 0.5 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))),
    "linear": lambda x: x,
}


def test_by_name_and_as_layers(network):
    assert set(ACTIVATIONS) == set(REFERENCE)
    by_name = {f"by_name_{name}": {"type": "activation", "function": name, "inputs": ["x"]} for name in REFERENCE}
    layers = {f"layer_{name}": {"type": name, "inputs": ["x"]} for name in REFERENCE}
    net = network({**by_name, **layers})
    found = dict(
        zip([*by_name, *layers], net.run([note.output for note in net.built.layers[:-2]], {"x": x}), strict=True)
    )
    for name, reference in REFERENCE.items():
        for way in ("by_name", "layer"):
            np.testing.assert_allclose(
                found[f"{way}_{name}"], reference(x.astype(np.float64)), rtol=2e-5, atol=2e-6, err_msg=name
            )


def test_numbers_of_an_activation_are_options(network):
    net = network({"a": {"type": "leaky_relu", "alpha": 0.3}, "b": {"type": "elu", "alpha": 2.5, "inputs": ["x"]}})
    leaky, elu = net.run([note.output for note in net.built.layers[:2]], {"x": x})
    np.testing.assert_allclose(leaky, np.where(x > 0, x, 0.3 * x), rtol=1e-5)
    np.testing.assert_allclose(elu, np.where(x > 0, x, 2.5 * np.expm1(x)), rtol=1e-5, atol=1e-6)
    assert net.built.hyper["Hyper/model/layers/b/alpha:0"] == 2.5


def test_prelu_learns_a_slope_a_channel(network):
    net = network({"a": {"type": "prelu", "alpha_initializer": {"type": "normal"}}})
    alpha = net.variable("a/alpha")
    assert alpha.shape == (4,)
    np.testing.assert_allclose(net.run(net.built.outputs["out"], {"x": x}), np.where(x > 0, x, alpha * x), rtol=1e-5)


def test_a_wrong_name_is_answered_with_the_nearest(network):
    with pytest.raises(ConfigError, match="there is no activation 'softmx'; did you mean 'softmax'"):
        network({"a": {"type": "activation", "function": "softmx"}})
    with pytest.raises(ConfigError, match=r"there is no layer 'hard_swich'; did you mean 'hard_swish'"):
        network({"a": {"type": "hard_swich"}})


def test_every_layer_of_an_activation_says_what_it_is():
    docs = {LAYERS[name].__doc__ for name in ACTIVATIONS}
    assert None not in docs
    assert len(docs) == len(ACTIVATIONS)
