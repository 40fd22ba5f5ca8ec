"""Whole examples are left out, in expectation nothing changes, and nothing at all when not training."""

from __future__ import annotations

import numpy as np
import pytest

from framework.build import build
from framework.config.compose import Source
from framework.launch import prepare
from framework.layers import Mode
from framework.runtime.session import Session

BASE = (
    "model=perceptron",
    "dataset=iris",
    "trainer.batch_size=90",
    "trainer.drop_last=true",
    "model.layers.flatten={type: stochastic_depth, rate: 0.25}",
)


@pytest.mark.parametrize("mode", [Mode.TRAIN, Mode.EVALUATE])
def test_examples_are_kept_or_zero(mode: Mode):
    experiment = prepare(BASE, Source()).experiment
    built = build(experiment, mode)
    note = next(note for note in built.layers if note.name == "flatten")
    rows = experiment.dataset.load().splits["train"]["features"][:90]
    statistics = {
        variable: np.full(4, float(role == "scale"), np.float32) for variable, (_, role) in built.statistics.items()
    }
    session = Session(built.graph, statistics)
    drawn = np.stack([session.run(note.output, {built.features["features"]: rows}) for _ in range(40)])
    if mode is Mode.EVALUATE:
        np.testing.assert_array_equal(drawn, np.broadcast_to(rows, drawn.shape))
        return
    is_zero = (drawn == 0).all(axis=2)
    np.testing.assert_allclose(drawn[~is_zero], np.broadcast_to(rows, drawn.shape)[~is_zero] / 0.75, rtol=1e-6)
    # 3,600 draws with probability 0.25: five standard deviations are 0.036.
    assert abs(is_zero.mean() - 0.25) < 0.036
    assert 0 < is_zero[:, 0].mean() < 1
