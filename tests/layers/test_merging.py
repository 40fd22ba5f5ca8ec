"""Layers that join tensors, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from framework.errors import ConfigError

rng = np.random.default_rng(5)


def normal(*shape: int) -> np.ndarray:
    return rng.normal(size=shape).astype(np.float32)


def merged(network, shape, x, z, **options):
    net = network({"m": {"inputs": ["x", "z"], **options}}, shape)
    return net.run(net.built.outputs["out"], {"x": x, "z": z})


def test_element_by_element(network):
    x, z = normal(8, 3, 4), normal(8, 3, 4)
    expected = {
        "add": x + z + x,
        "average": (x + z + x) / 3,
        "multiply": x * z * x,
        "maximum": np.maximum(x, z),
        "minimum": np.minimum(x, z),
    }
    net = network({kind: {"type": kind, "inputs": ["x", "z", "x"], "activation": "tanh"} for kind in expected}, (3, 4))
    found = net.run([note.output for note in net.built.layers[: len(expected)]], {"x": x, "z": z})
    for (kind, value), result in zip(expected.items(), found, strict=True):
        np.testing.assert_allclose(result, np.tanh(value), rtol=1e-5, atol=1e-6, err_msg=kind)


def test_subtract_and_concat(network):
    x, z = normal(8, 4), normal(8, 4)
    np.testing.assert_array_equal(merged(network, (4,), x, z, type="subtract"), x - z)
    np.testing.assert_array_equal(merged(network, (4,), x, z, type="concat"), np.concatenate([x, z], -1))


@pytest.mark.parametrize(
    ("shape", "axes", "sum_"),
    [
        ((4,), -1, "bn,bn->b"),
        ((3, 4), -1, "bmn,bkn->bmk"),
        ((3, 4), 1, "bnm,bnk->bmk"),
        ((4, 4), [2, 1], "bmn,bnk->bmk"),
        ((2, 3, 4), [2, 2], "bmnp,bknq->bmpkq"),
    ],
)
def test_dot(network, shape, axes, sum_):
    x, z = normal(8, *shape), normal(8, *shape)
    expected = np.einsum(sum_, x, z)
    expected = expected[:, None] if expected.ndim == 1 else expected
    np.testing.assert_allclose(merged(network, shape, x, z, type="dot", axes=axes), expected, rtol=1e-4, atol=1e-5)


def test_dot_of_unit_vectors_is_the_cosine(network):
    x, z = normal(8, 5), normal(8, 5)
    expected = (x * z).sum(1) / np.linalg.norm(x, axis=1) / np.linalg.norm(z, axis=1)
    found = merged(network, (5,), x, z, type="dot", normalize=True)
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-5, atol=1e-6)
    assert np.isfinite(merged(network, (5,), 0 * x, z, type="dot", normalize=True)).all()


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ({"m": {"type": "maximum", "inputs": ["x", "f"]}, "f": {"type": "flatten"}}, ["one shape", "[8, 2, 3]"]),
        ({"m": {"type": "subtract", "inputs": ["x"]}}, ["subtract reads 2 tensors, found 1"]),
        ({"m": {"type": "dot", "inputs": ["x", "z"], "axes": [1, 2]}}, ["one size", "axis 1", "axis 2"]),
        ({"m": {"type": "dot", "inputs": ["x", "z"], "axes": 0}}, ["which is the batch"]),
        ({"m": {"type": "dot", "inputs": ["x", "z"], "axes": 3}}, ["axis 3 is outside of a rank-3 tensor"]),
    ],
)
def test_what_does_not_fit_is_one_mistake(network, layers, said):
    layers = {name: {"inputs": ["x"], **options} for name, options in layers.items()}
    with pytest.raises(ConfigError) as raised:
        network(layers, (2, 3))
    (mistake,) = raised.value.mistakes
    assert mistake.path[:3] == ("model", "layers", "m")
    for words in said:
        assert words in mistake.message
