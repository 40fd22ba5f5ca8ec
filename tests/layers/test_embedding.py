"""Embeddings and positions against NumPy, and as many parameters as Keras' layers have."""

from __future__ import annotations

import math

import numpy as np
import pytest

from framework.errors import ConfigError
from framework.layers import Mode

rng = np.random.default_rng(9)
ids = rng.integers(0, 11, (8, 5)).astype(np.int32)


@pytest.mark.parametrize("mode", [Mode.TRAIN, Mode.PREDICT])
def test_embedding(network, mode):
    layer = {"type": "embedding", "input_dim": "vocabulary_size", "output_dim": 4, "inputs": ["ids"]}
    net = network({"e": layer}, (4,), mode)
    table = net.variable("e/embeddings")
    assert table.shape == (11, 4)  # Keras: input_dim * output_dim numbers, between -0.05 and 0.05
    assert 0.03 < np.abs(table).max() <= 0.05
    found = net.run(net.built.outputs["out"], {"ids": ids, "x": np.zeros((8, 4), np.float32)})
    np.testing.assert_array_equal(found, table[ids])


def test_embedding_of_one_id_an_example(network):
    first = {"type": "op", "op": "Unpack", "attributes": {"num": 5, "axis": 1}, "inputs": ["ids"]}
    net = network({"first": first, "e": {"type": "embedding", "input_dim": 11, "output_dim": "num_classes"}})
    found = net.run(net.built.outputs["out"], {"ids": ids, "x": np.zeros((8, 4), np.float32)})
    np.testing.assert_array_equal(found, net.variable("e/embeddings")[ids[:, 0]])


def test_only_the_vectors_that_were_read_learn(network):
    layers = {
        "e": {"type": "embedding", "input_dim": 11, "output_dim": 4, "inputs": ["ids"]},
        "flat": {"type": "flatten"},
        "logits": {"type": "dense", "units": "num_classes"},
    }
    loss = {"l": {"type": "softmax_cross_entropy", "logits": "logits", "labels": "label"}}
    net = network(layers, loss=loss, optimizer={"type": "sgd", "learning_rate": 1.0})
    before, read = net.variable("e/embeddings"), np.minimum(ids, 6)
    label = np.arange(8, dtype=np.int32) % 3
    step = net.built.graph.operation(net.built.train_op)
    net.run(step, {"ids": read, "label": label, "x": np.zeros((8, 4), np.float32)})
    moved = np.any(net.variable("e/embeddings") != before, axis=1)
    np.testing.assert_array_equal(moved, np.isin(np.arange(11), read))


@pytest.mark.parametrize("mode", [Mode.TRAIN, Mode.PREDICT])
def test_position_embedding(network, mode):
    net = network({"p": {"type": "position_embedding"}}, (5, 4), mode)
    x = rng.normal(size=(8, 5, 4)).astype(np.float32)
    assert net.variable("p/embeddings").shape == (5, 4)  # KerasHub: sequence_length * features
    np.testing.assert_allclose(net.run(net.built.outputs["out"], {"x": x}), x + net.variable("p/embeddings"), rtol=1e-6)


@pytest.mark.parametrize("features", [4, 5])
def test_sinusoidal_positions(network, features):
    net = network({"p": {"type": "sinusoidal_positions"}}, (7, features))
    added = net.run(net.built.outputs["out"], {"x": np.zeros((8, 7, features), np.float32)})
    for place in range(7):
        for column in range(features):
            angle = place / 10_000 ** ((column - column % 2) / features)
            expected = math.cos(angle) if column % 2 else math.sin(angle)
            np.testing.assert_allclose(added[:, place, column], expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("layer", "shape", "said"),
    [
        (
            {"type": "embedding", "input_dim": 3, "output_dim": 2},
            (4,),
            ["embedding needs ids, int32 or int64, found float32 [8, 4]", "op: Cast"],
        ),
        (
            {"type": "embedding", "input_dim": "vocabulary_sze", "output_dim": 2, "inputs": ["ids"]},
            (4,),
            ["did you mean 'vocabulary_size'?"],
        ),
        ({"type": "position_embedding"}, (4,), ["position_embedding needs a rank-3 input"]),
        ({"type": "sinusoidal_positions"}, (2, 2, 2), ["sinusoidal_positions needs a rank-3 input"]),
    ],
)
def test_what_does_not_fit(network, layer, shape, said):
    with pytest.raises(ConfigError) as raised:
        network({"a": layer}, shape)
    (mistake,) = raised.value.mistakes
    assert mistake.path[:3] == ("model", "layers", "a")
    for words in said:
        assert words in f"{mistake.message} {mistake.hint}"
