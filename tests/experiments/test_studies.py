"""The studies: that the recipes are what they say, and that what they compute can be trusted."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.digits_vs_sklearn import networks
from experiments.digits_vs_sklearn.study import INNER, OUTER, folds
from experiments.growth import pictures
from experiments.growth import study as growth
from experiments.mnist_cnn.matrix_product import values
from framework.config.experiment import Experiment
from framework.optimizers import OPTIMIZERS, SCHEDULES
from framework.plan import plan


def test_the_perceptron_is_the_program_that_was_published():
    experiment = Experiment.compose("experiments=mnist_mlp")
    dense = [experiment.model.layers[name] for name in ("fc1", "fc2", "logits")]
    assert [layer.units for layer in dense] == [256, 256, "num_classes"]  # type: ignore[attr-defined]
    for layer in dense:
        for part in (layer.kernel_initializer, layer.bias_initializer):  # type: ignore[attr-defined]
            assert (type(part).__name__.lower(), part.mean, part.stddev) == ("normal", 0.0, 1.0)
    assert OPTIMIZERS.name_of(experiment.optimizer) == "sgd"
    assert experiment.optimizer.hyper() == {"learning_rate": 0.01}
    assert SCHEDULES.name_of(experiment.schedule) == "constant"
    assert experiment.dataset.spec().sizes == {"train": 55_000, "validation": 5_000, "test": 10_000}
    assert (experiment.dataset.split, experiment.trainer.shuffle) == ("head", True)
    assert plan(experiment).parameters == 784 * 256 + 256 + 256 * 256 + 256 + 256 * 10 + 10
    trainer = experiment.trainer
    assert (trainer.epochs, trainer.batch_size, str(trainer.summaries.every)) == (25, 100, "1 step")
    assert trainer.lines is not None
    assert trainer.lines.epoch is not None
    assert trainer.lines.end is not None
    assert trainer.lines.epoch.filled({"epoch": 1, "train/loss": 54.984976748}) == "Epoch: 0001 cost= 54.984976748"
    assert trainer.lines.end.filled({"test/accuracy": 0.93472}) == "Accuracy: 0.9347"


@pytest.mark.parametrize("shape", [(3, 3, 2, 4), (5, 5, 1, 3), (1, 1, 3, 2), (2, 3, 2, 2)])
def test_a_convolution_is_a_matrix_product(shape):
    rng = np.random.default_rng(0)
    images, kernel = rng.normal(size=(2, 6, 7, shape[2])), rng.normal(size=shape)
    weights = rng.normal(size=(2, 6, 7, shape[3]))
    for a, b in zip(*values(images, kernel, weights), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


def test_a_network_is_scored_on_rows_that_it_has_not_seen(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(networks.OVERRIDES, "wine", [*networks.OVERRIDES["wine"], "trainer.epochs=20"])
    splits = networks.experiment_of("wine").dataset.load().splits
    options = ("model.layers.drop.rate=0.5",)
    first, second = (networks.score("wine", options, splits["train"], splits["test"], seed) for seed in (0, 0))
    assert first == second
    assert first > 0.8


def test_folds_are_the_same_for_every_model():
    labels = np.arange(60) % 3
    for number in (OUTER, INNER):
        first, second = (list(folds(number, False).split(labels, labels)) for _ in range(2))
        assert all(np.array_equal(a, b) for pair in zip(first, second, strict=True) for a, b in zip(*pair, strict=True))
        assert sorted(np.concatenate([test for _, test in first])) == list(range(60))


def test_growth_is_measured_point_by_point(monkeypatch: pytest.MonkeyPatch, tmp_path):
    monkeypatch.setattr(growth, "TURN", 0.0)
    overrides = [*growth.PERCEPTRON, "model.layers.fc1.units=8", "model.layers.fc2.units=8", "trainer.batch_size=16"]
    small, point = growth.speed([[*overrides[:-1], "trainer.batch_size=8"], overrides])
    assert small["examples"] == pytest.approx(8 / small["seconds"])
    assert point["examples"] == pytest.approx(16 / point["seconds"])
    (held,) = growth.memory([overrides])
    assert 0.5 < held["planned"] / held["xla"] < 2
    results = {
        "perceptron by batch": {"points": [{"at": 16, **point}], "date": "2026-01-01"},
        "memory of the perceptron": {"points": [{"at": 16, **held}], "date": "2026-01-02"},
    }
    pictures.draw(results, tmp_path / "growth.png")
    assert (tmp_path / "growth.png").read_bytes()[:4] == b"\x89PNG"
    text = list(growth.lines(results))
    assert f"| 16 | {held['planned'] / 1e6:.1f} | {held['xla'] / 1e6:.1f} |" in text
    assert text[-1].endswith("2026-01-02.")


@pytest.mark.parametrize("name", growth.SERIES)
def test_every_point_of_a_series_can_be_composed(name):
    _, points, _, overrides = growth.SERIES[name]
    assert all(Experiment.compose(*overrides(number)) for number in (points[0], points[-1]))
