"""LSTM and GRU against NumPy written out step by step, and as many parameters as Keras' layers have."""

from __future__ import annotations

import numpy as np
import pytest

from framework.errors import ConfigError
from framework.layers import Mode
from framework.runtime.session import Session

rng = np.random.default_rng(11)


def normal(*shape: int) -> np.ndarray:
    return rng.normal(size=shape).astype(np.float32)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm(x, kernel, recurrent, bias):
    units = len(recurrent)
    h = c = np.zeros((len(x), units))
    states = []
    for step in range(x.shape[1]):
        z = x[:, step] @ kernel + h @ recurrent + bias
        i, f, g, o = (z[:, k * units : (k + 1) * units] for k in range(4))
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        states.append(h)
    return np.stack(states, 1)


def gru(x, kernel, recurrent, bias):
    units = len(recurrent)
    h = np.zeros((len(x), units))
    states = []
    for step in range(x.shape[1]):
        given, kept = x[:, step] @ kernel + bias[0], h @ recurrent + bias[1]
        (z, r, n), (z2, r2, n2) = (np.split(part, 3, -1) for part in (given, kept))
        update = sigmoid(z + z2)
        h = update * h + (1 - update) * np.tanh(n + sigmoid(r + r2) * n2)
        states.append(h)
    return np.stack(states, 1)


REFERENCE = {"lstm": (lstm, 4), "gru": (gru, 3)}


def with_bias(net):
    """Gives the bias of the layer `r` numbers other than its first ones."""
    net.session.state["r/bias"] = normal(*net.variable("r/bias").shape)
    return tuple(net.variable(f"r/{name}") for name in ("kernel", "recurrent_kernel", "bias"))


@pytest.mark.parametrize("mode", [Mode.TRAIN, Mode.PREDICT])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_states(network, kind, reverse, mode):
    reference, gates = REFERENCE[kind]
    x = normal(8, 5, 4)
    read = x[:, ::-1] if reverse else x
    for return_sequences in (True, False):
        options = {"type": kind, "units": "num_classes", "reverse": reverse, "return_sequences": return_sequences}
        net = network({"r": options}, (5, 4), mode)
        expected = reference(read, *with_bias(net))
        if return_sequences:
            expected = expected[:, ::-1] if reverse else expected
        else:
            expected = expected[:, -1]
        np.testing.assert_allclose(net.run(net.built.outputs["out"], {"x": x}), expected, rtol=1e-4, atol=1e-5)
    learned = sum(net.variable(name).size for name in net.built.parameters if name.startswith("r/"))
    # Keras: gates * units * (features + units + 1), and a second bias for the GRU's reset_after.
    assert learned == gates * 3 * (4 + 3 + (2 if kind == "gru" else 1))


def test_the_forget_gate_is_open_at_first(network):
    zeros, ones = np.zeros(3), np.ones(3)
    net = network({"r": {"type": "lstm", "units": 3}}, (5, 4))
    np.testing.assert_array_equal(net.variable("r/bias"), np.concatenate([zeros, ones, zeros, zeros]))
    net = network({"r": {"type": "lstm", "units": 3, "unit_forget_bias": False}}, (5, 4))
    assert not net.variable("r/bias").any()
    net = network({"r": {"type": "gru", "units": 3}}, (5, 4))
    assert not net.variable("r/bias").any()


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_dropout_of_the_inputs(network, kind):
    layers = {"r": {"type": kind, "units": 3, "dropout": 0.5}}
    net, x = network(layers, (5, 4)), normal(8, 5, 4)
    first, second = (net.run(net.built.outputs["out"], {"x": x}) for _ in range(2))
    assert not np.allclose(first, second)
    evaluated = network(layers, (5, 4), Mode.EVALUATE)
    expected = REFERENCE[kind][0](x, *with_bias(evaluated))[:, -1]
    np.testing.assert_allclose(evaluated.run(evaluated.built.outputs["out"], {"x": x}), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_a_step_follows_the_gradient(network, kind):
    """The gradient that one step of gradient descent takes, against differences of the loss."""
    layers = {"r": {"type": kind, "units": 2, "reverse": True}, "logits": {"type": "dense", "units": "num_classes"}}
    loss = {"l": {"type": "softmax_cross_entropy", "logits": "logits", "labels": "label"}}
    net = network(layers, (6, 4), loss=loss, optimizer={"type": "sgd", "learning_rate": 1.0})
    features = {"x": normal(8, 6, 4), "label": np.arange(8, dtype=np.int32) % 3}
    feeds = {net.built.features[name]: array for name, array in features.items()}
    before = {name: np.asarray(array) for name, array in net.session.state.items()}
    net.run(net.built.graph.operation(net.built.train_op), features)
    for name in ("r/kernel", "r/recurrent_kernel", "r/bias"):
        direction = normal(*before[name].shape)
        losses = []
        for sign in (1, -1):
            moved = {**before, name: before[name] + sign * 0.01 * direction}
            losses.append(Session(net.built.graph, moved).run(net.built.reports["loss"].mean, feeds))
        slope = (losses[0] - losses[1]) / 0.02
        gradient = before[name] - net.variable(name)
        np.testing.assert_allclose((gradient * direction).sum(), slope, rtol=2e-2, atol=2e-4)


@pytest.mark.parametrize(
    ("options", "shape", "said"),
    [
        ({"type": "lstm", "units": 2}, (4,), ["lstm needs a rank-3 input", "reshape"]),
        ({"type": "gru", "units": 2}, (2, 2, 2), ["gru needs a rank-3 input"]),
        ({"type": "gru", "units": 0}, (5, 4), ["a size must be at least 1"]),
        ({"type": "lstm", "units": "num_clases"}, (5, 4), ["did you mean 'num_classes'?"]),
    ],
)
def test_what_does_not_fit(network, options, shape, said):
    with pytest.raises(ConfigError) as raised:
        network({"a": options}, shape)
    (mistake,) = raised.value.mistakes
    assert mistake.path[:3] == ("model", "layers", "a")
    for words in said:
        assert words in f"{mistake.message} {mistake.hint}"
