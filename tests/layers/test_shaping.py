"""Layers that move elements: order of axes, borders, copies."""

from __future__ import annotations

import numpy as np
import pytest

from framework.errors import ConfigError

x = np.random.default_rng(9).normal(size=(8, 4, 5, 3)).astype(np.float32)


def output(network, layer, x):
    net = network({"s": layer}, x.shape[1:])
    return net.run(net.built.outputs["out"], {"x": x})


def test_identity(network):
    np.testing.assert_array_equal(output(network, {"type": "identity"}, x), x)


def test_permute(network):
    found = output(network, {"type": "permute", "order": [3, 1, 2]}, x)
    np.testing.assert_array_equal(found, x.transpose(0, 3, 1, 2))


def test_repeat_vector(network):
    vectors = x[:, 0, 0]
    found = output(network, {"type": "repeat_vector", "times": 4}, vectors)
    np.testing.assert_array_equal(found, np.stack([vectors] * 4, 1))


@pytest.mark.parametrize(
    ("borders", "rows", "columns"),
    [(1, (1, 1), (1, 1)), ([1, 2], (1, 1), (2, 2)), ([[1, 2], [2, 0]], (1, 2), (2, 0)), ([0, [1, 2]], (0, 0), (1, 2))],
)
def test_borders_are_added_and_cut_off(network, borders, rows, columns):
    padded = np.pad(x, [(0, 0), rows, columns, (0, 0)])
    np.testing.assert_array_equal(output(network, {"type": "zero_pad2d", "padding": borders}, x), padded)
    np.testing.assert_array_equal(output(network, {"type": "crop2d", "cropping": borders}, padded), x)


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
