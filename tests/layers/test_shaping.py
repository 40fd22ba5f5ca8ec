"""Layers that move elements: order of axes, borders, copies."""

from __future__ import annotations

import numpy as np
import pytest

from framework.errors import ConfigError

x = np.random.default_rng(9).normal(size=(8, 4, 5, 3)).astype(np.float32)


def output(network, layer, x):
    net = network({"s": layer}, x.shape[1:])
    return net.run(net.built.outputs["out"], {"x": x})


def test_identity_and_permute(network):
    layers = {"same": {"type": "identity"}, "turned": {"type": "permute", "order": [3, 1, 2]}}
    net = network(layers, x.shape[1:])
    same, turned = net.run([note.output for note in net.built.layers[:2]], {"x": x})
    np.testing.assert_array_equal(same, x)
    np.testing.assert_array_equal(turned, x.transpose(0, 3, 1, 2))


def test_repeat_vector(network):
    vectors = x[:, 0, 0]
    found = output(network, {"type": "repeat_vector", "times": 4}, vectors)
    np.testing.assert_array_equal(found, np.stack([vectors] * 4, 1))


# What is said of the borders -> rows above and below, columns on the left and on the right.
BORDERS = [
    (1, (1, 1), (1, 1)),
    ([1, 2], (1, 1), (2, 2)),
    ([[1, 2], [2, 0]], (1, 2), (2, 0)),
    ([0, [1, 2]], (0, 0), (1, 2)),
]


def test_borders_are_added_and_cut_off(network):
    layers = {}
    for k, (borders, _, _) in enumerate(BORDERS):
        layers[f"padded{k}"] = {"type": "zero_pad2d", "padding": borders, "inputs": ["x"]}
        layers[f"cropped{k}"] = {"type": "crop2d", "cropping": borders}
    net = network(layers, x.shape[1:])
    found = net.run([note.output for note in net.built.layers[: len(layers)]], {"x": x})
    for (_, rows, columns), padded, cropped in zip(BORDERS, found[::2], found[1::2], strict=True):
        np.testing.assert_array_equal(padded, np.pad(x, [(0, 0), rows, columns, (0, 0)]))
        np.testing.assert_array_equal(cropped, x)


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        ({"type": "permute", "order": [0, 1, 2]}, ["[1, 2, 3] of [8, 4, 5, 3]", "found [0, 1, 2]"]),
        ({"type": "permute", "order": [1, 2]}, ["[1, 2, 3]"]),
        ({"type": "repeat_vector", "times": 2}, ["rank-2", "[8, 4, 5, 3]"]),
        ({"type": "crop2d", "cropping": [[3, 1], [0, 0]]}, ["[[3, 1], [0, 0]]", "nothing is left"]),
        ({"type": "zero_pad2d", "padding": -1}, ["at least 0", "found -1"]),
    ],
)
def test_what_does_not_fit_is_one_mistake(network, layer, said):
    with pytest.raises(ConfigError) as raised:
        network({"s": layer}, (4, 5, 3))
    (mistake,) = raised.value.mistakes
    assert mistake.path[:3] == ("model", "layers", "s")
    for words in said:
        assert words in mistake.message
