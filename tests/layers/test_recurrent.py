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


def variables(net, layer="r"):
    """The variables of a layer, whose bias is given numbers other than its first ones."""
    net.session.state[f"{layer}/bias"] = normal(*net.variable(f"{layer}/bias").shape)
    return tuple(net.variable(f"{layer}/{name}") for name in ("kernel", "recurrent_kernel", "bias"))


@pytest.mark.parametrize("mode", [Mode.TRAIN, Mode.PREDICT])
@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_states(network, kind, mode):
    reference, gates = REFERENCE[kind]
    options = {"type": kind, "units": "num_classes", "inputs": ["x"]}
    layers = {
        "all": {**options, "return_sequences": True},
        "last": options,
        "all_reversed": {**options, "return_sequences": True, "reverse": True},
        "last_reversed": {**options, "reverse": True},
    }
    net = network(layers, (5, 4), mode)
    x, held = normal(8, 5, 4), {name: variables(net, name) for name in layers}
    expected = {
        "all": reference(x, *held["all"]),
        "last": reference(x, *held["last"])[:, -1],
        "all_reversed": reference(x[:, ::-1], *held["all_reversed"])[:, ::-1],
        "last_reversed": reference(x[:, ::-1], *held["last_reversed"])[:, -1],
    }
    found = net.run({note.name: note.output for note in net.built.layers if note.name in layers}, {"x": x})
    for name in layers:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-4, atol=1e-5, err_msg=name)
    # Keras: gates * units * (features + units + 1), and a second bias for the GRU's reset_after.
    assert sum(array.size for array in held["all"]) == gates * 3 * (4 + 3 + (2 if kind == "gru" else 1))
    assert set(net.built.parameters) >= {f"all/{name}" for name in ("kernel", "recurrent_kernel", "bias")}


def test_the_forget_gate_is_open_at_first(network):
    layers = {
        "open": {"type": "lstm", "units": 3, "inputs": ["x"]},
        "closed": {"type": "lstm", "units": 3, "inputs": ["x"], "unit_forget_bias": False},
        "gru": {"type": "gru", "units": 3, "inputs": ["x"]},
    }
    net, zeros = network(layers, (5, 4)), np.zeros(3)
    np.testing.assert_array_equal(net.variable("open/bias"), np.concatenate([zeros, np.ones(3), zeros, zeros]))
    assert not net.variable("closed/bias").any()
    assert not net.variable("gru/bias").any()


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_dropout_of_the_inputs(network, kind):
    layers = {"r": {"type": kind, "units": 3, "dropout": 0.5}}
    net, x = network(layers, (5, 4)), normal(8, 5, 4)
    first, second = (net.run(net.built.outputs["out"], {"x": x}) for _ in range(2))
    assert not np.allclose(first, second)
    evaluated = network(layers, (5, 4), Mode.EVALUATE)
    expected = REFERENCE[kind][0](x, *variables(evaluated))[:, -1]
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
