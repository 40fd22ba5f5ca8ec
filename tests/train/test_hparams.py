"""Which options the HParams tab shows."""

from __future__ import annotations

from framework.config.check import check
from framework.config.compose import compose
from framework.config.loader import Source
from framework.train.hparams import chosen


def test_choices_and_written_values_are_shown_and_structure_is_not():
    tree = compose(["model.layers.drop.rate=0.25", "trainer.batch_size=32", "seed=7"], Source()).tree
    found = chosen(tree, check(tree), {"model": "cnn"})
    assert found["model"] == "cnn"
    assert found["model.layers.drop.rate"] == 0.25
    assert found["seed"] == 7
    assert found["trainer.batch_size"] == 32
    assert found["optimizer.learning_rate"] == 0.003
    assert "model.layers.conv1.filters" not in found
    assert "optimizer.type" not in found
    assert all(value is not None for value in found.values())
