"""Attention against NumPy written out head by head, and as many parameters as Keras' layer has."""

from __future__ import annotations

import numpy as np
import pytest

from framework.errors import ConfigError
from framework.layers import Mode

rng = np.random.default_rng(10)
BIASED = {"type": "multi_head_attention", "bias_initializer": {"type": "normal", "stddev": 0.5}}


def normal(*shape: int) -> np.ndarray:
    return rng.normal(size=shape).astype(np.float32)


def attended(net, reader, memory, heads, causal=False, mask=None):
    """What the layer `a` of a network should give."""

    def projected(x, name):
        bias = net.session.state.get(f"a/{name}/bias", np.float32(0))
        return x @ net.variable(f"a/{name}/kernel") + bias

    query, key, value = (projected(x, n) for n, x in (("query", reader), ("key", memory), ("value", memory)))
    results = []
    for q, k, v in zip(*(np.split(x, heads, -1) for x in (query, key, value)), strict=True):
        weights = np.exp(np.einsum("bid,bjd->bij", q, k) / np.sqrt(q.shape[-1]))
        if causal:
            weights *= np.tri(q.shape[1], k.shape[1])
        if mask is not None:
            weights *= (mask != 0)[:, None, :]
        results.append(weights / weights.sum(-1, keepdims=True) @ v)
    return projected(np.concatenate(results, -1), "output")


def parameters(net) -> int:
    return sum(net.variable(name).size for name in net.built.parameters if name.startswith("a/"))


@pytest.mark.parametrize(("causal", "mode"), [(False, Mode.TRAIN), (True, Mode.PREDICT)])
def test_of_a_sequence_to_itself(network, causal, mode):
    net = network({"a": {**BIASED, "heads": 3, "causal": causal}}, (5, 6), mode)
    x = normal(8, 5, 6)
    found = net.run(net.built.outputs["out"], {"x": x})
    np.testing.assert_allclose(found, attended(net, x, x, 3, causal), rtol=1e-4, atol=1e-5)
    # Keras: three kernels [6, 3, 2] with biases [3, 2], one [3, 2, 6] with a bias [6].
    assert parameters(net) == 3 * (6 * 3 * 2 + 3 * 2) + 3 * 2 * 6 + 6


def test_size_of_a_head_and_no_bias(network):
    net = network({"a": {"type": "multi_head_attention", "heads": 2, "key_dim": 5, "use_bias": False}}, (4, 3))
    x = normal(8, 4, 3)
    found = net.run(net.built.outputs["out"], {"x": x})
    np.testing.assert_allclose(found, attended(net, x, x, 2), rtol=1e-4, atol=1e-5)
    assert parameters(net) == 3 * (3 * 2 * 5) + 2 * 5 * 3


def test_of_a_sequence_to_a_memory(network):
    layers = {
        "memory": {"type": "reshape", "shape": [3, 8], "inputs": ["z"]},
        "a": {**BIASED, "heads": 2, "inputs": ["x", "memory"]},
    }
    net = network(layers, (6, 4))
    x, z = normal(8, 6, 4), normal(8, 6, 4)
    found = net.run(net.built.outputs["out"], {"x": x, "z": z})
    np.testing.assert_allclose(found, attended(net, x, z.reshape(8, 3, 8), 2), rtol=1e-4, atol=1e-5)
    # Keras: the query's kernel [4, 2, 2], those of key and value [8, 2, 2], that of the output [2, 2, 4].
    assert parameters(net) == (4 * 4 + 4) + 2 * (8 * 4 + 4) + (4 * 4 + 4)


def test_masked_elements_are_not_read(network):
    net = network({"a": {**BIASED, "heads": 2, "causal": True, "mask": "ids"}}, (5, 4))
    x = normal(8, 5, 4)
    ids = rng.integers(0, 3, (8, 5)).astype(np.int32)
    ids[:, 0] = 1  # something is left to read
    found = net.run(net.built.outputs["out"], {"x": x, "ids": ids})
    np.testing.assert_allclose(found, attended(net, x, x, 2, True, ids), rtol=1e-4, atol=1e-5)
    # Where nothing may be read, it stays finite.
    assert np.isfinite(net.run(net.built.outputs["out"], {"x": x, "ids": np.zeros_like(ids)})).all()


def test_dropout_of_the_weights(network):
    layers = {"a": {"type": "multi_head_attention", "heads": 1, "dropout": 0.25, "bias_initializer": "ones"}}
    net = network(layers, (20, 10))
    zero, one = np.zeros((10, 10), np.float32), np.eye(10, dtype=np.float32)
    # Every value is 1 and every weight 1/20, so that the output counts the weights that are kept.
    for name, kernel in (("query", zero), ("key", zero), ("value", zero), ("output", one)):
        net.session.state[f"a/{name}/kernel"] = kernel
    x = normal(8, 20, 10)
    kept = (net.run(net.built.outputs["out"], {"x": x}) - 1) * 20 * 0.75
    np.testing.assert_allclose(kept, np.round(kept), atol=1e-4)
    # 3,200 draws: five standard deviations of their mean are 0.038.
    assert abs(kept[..., 0].mean() / 20 - 0.75) < 0.038
    assert len(np.unique(np.round(kept[..., 0]))) > 3
    evaluated = network(layers, (20, 10), Mode.EVALUATE)
    found = evaluated.run(evaluated.built.outputs["out"], {"x": x})
    np.testing.assert_allclose(found, attended(evaluated, x, x, 1), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("options", "shape", "said"),
    [
        ({"heads": 4}, (5, 6), ["4 heads do not divide the width 6", "set heads to one of 1, 2, 3, 6, or set key_dim"]),
        ({"heads": 2}, (4,), ["multi_head_attention needs a rank-3 input [batch, length, channels]"]),
        ({"heads": 2, "inputs": ["x", "z", "x"]}, (5, 6), ["one sequence, or a query and a memory; found 3"]),
        ({"heads": 2, "mask": "id"}, (5, 6), ["there is no tensor 'id'; did you mean 'ids'?"]),
        ({"heads": 2, "mask": "ids"}, (4, 6), ["the mask must be integers or booleans [batch, 4], found int32 [8, 5]"]),
        ({"heads": 2, "mask": "z"}, (4, 6), ["found float32 [8, 4, 6]"]),
    ],
)
def test_what_does_not_fit(network, options, shape, said):
    with pytest.raises(ConfigError) as raised:
        network({"a": {"type": "multi_head_attention", **options}}, shape)
    (mistake,) = raised.value.mistakes
    assert mistake.path[:3] == ("model", "layers", "a")
    for words in said:
        assert words in f"{mistake.message} {mistake.hint}"
