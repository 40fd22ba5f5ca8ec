"""What is random while training: its distribution, and that nothing is left of it afterwards."""

from __future__ import annotations

import numpy as np
import pytest

from framework.errors import ConfigError
from framework.layers import Mode


def drawn(network, layer, x, times):
    net = network({"n": layer}, x.shape[1:])
    return np.stack([net.run(net.built.outputs["out"], {"x": x}) for _ in range(times)])


def test_gaussian_noise(network):
    x = np.full((8, 100), 3, np.float32)
    noise = drawn(network, {"type": "gaussian_noise", "stddev": 0.5}, x, 10) - 3
    # 8,000 draws: five standard errors of the mean are 0.028, of the deviation 0.02.
    assert abs(noise.mean()) < 0.028
    assert abs(noise.std() - 0.5) < 0.02
    assert not np.array_equal(noise[0], noise[1])


def test_gaussian_dropout(network):
    x = np.full((8, 100), 2, np.float32)
    factor = drawn(network, {"type": "gaussian_dropout", "rate": 0.2}, x, 10) / 2
    assert abs(factor.mean() - 1) < 0.028
    assert abs(factor.std() - 0.5) < 0.02  # sqrt(0.2 / 0.8)


def test_spatial_dropout_drops_whole_channels(network):
    x = np.ones((8, 3, 2, 20), np.float32)
    kept = drawn(network, {"type": "spatial_dropout2d", "rate": 0.25}, x, 20)
    assert set(np.unique(kept)) == {0.0, np.float32(1 / 0.75)}
    np.testing.assert_array_equal(kept, np.broadcast_to(kept[:, :, :1, :1], kept.shape))
    # 3,200 channels with probability 0.25: five standard deviations are 0.039.
    assert abs((kept[:, :, 0, 0] == 0).mean() - 0.25) < 0.039


@pytest.mark.parametrize(
    "layer",
    [
        {"type": "gaussian_noise", "stddev": 0.5},
        {"type": "gaussian_dropout", "rate": 0.5},
        {"type": "spatial_dropout2d", "rate": 0.5},
    ],
    ids=lambda layer: layer["type"],
)
def test_nothing_is_random_afterwards(network, layer):
    x = np.random.default_rng(0).normal(size=(4, 3, 2, 5)).astype(np.float32)
    net = network({"n": layer}, (3, 2, 5), Mode.EVALUATE)
    np.testing.assert_array_equal(net.run(net.built.outputs["out"], {"x": x}), x)


def test_spatial_dropout_needs_an_image(network):
    with pytest.raises(ConfigError, match="spatial_dropout2d needs a rank-4 input"):
        network({"n": {"type": "spatial_dropout2d", "rate": 0.5}}, (4,))
