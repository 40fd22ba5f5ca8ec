"""Losses of parameters by hand."""

from __future__ import annotations

import numpy as np
import pytest


def test_l1_and_l2(network):
    layers = {"out": {"type": "dense", "units": 3}, "two": {"type": "dense", "units": 2}}
    first = {"type": "l1", "parameters": "out/*", "weight": 0.1}
    second = {"type": "l2", "parameters": "two/kernel", "weight": 0.01}
    net = network(layers, loss={"first": first, "second": second})
    found = float(net.run(net.built.reports["loss"].mean, {"x": np.zeros((8, 4), np.float32)}))
    sums = sum(np.abs(net.variable(name)).sum() for name in ("out/kernel", "out/bias"))
    expected = 0.1 * sums + 0.01 * (net.variable("two/kernel") ** 2).sum() / 2
    assert found == pytest.approx(expected, rel=1e-5)
