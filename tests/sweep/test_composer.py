"""Configurations that are patched equal those that are composed from the beginning."""

from __future__ import annotations

import pytest

from framework.config.compose import compose
from framework.config.composer import Composer
from framework.config.loader import Source
from framework.errors import ConfigError


@pytest.mark.parametrize(
    "overrides",
    [
        ["optimizer.learning_rate=0.5", "seed=3"],
        ["model=mlp", "optimizer=sgd", "optimizer.learning_rate=0.5", "model.layers.fc1.units=7"],
        ["optimizer.learning_rate=0.5", "optimizer={b1: 0.5}"],  # which is merged over it
        ["optimizer={b1: 0.5}", "optimizer.learning_rate=0.5"],
        ["seed=4", "trainer.steps=${seed}", "trainer.epochs=null"],  # which reads it
        ["optimizer.learning_rate=${seed}"],
        ["trainer.early_stop={monitor: validation/loss, patience: 3}"],
        ["trainer.early_stop.patience=3", "seed=1"],  # the place of which is made
        ["model.layers.fc.inputs=[pool]", "trainer.keep_best=null"],
        ["~schedule", "seed=2"],
    ],
)
def test_a_patched_configuration_is_the_composed_one(overrides):
    keys = [text.lstrip("~").partition("=")[0] for text in overrides]
    found, expected = Composer(Source(), keys).compose(overrides), compose(overrides)
    assert found.tree == expected.tree
    assert found.overrides == expected.overrides
    assert found.choices == expected.choices


def test_configurations_share_nothing_that_can_be_changed():
    composer = Composer(Source(), ["seed"])
    first, second = composer.compose(["seed=1"]), composer.compose(["seed=2"])
    first.tree["model"]["layers"].clear()
    assert second.tree["model"]["layers"]
    assert composer.compose(["seed=3"]).tree["model"]["layers"]


def test_files_are_merged_once(monkeypatch):
    composer = Composer(Source(), ["seed", "model"])
    for k in range(3):
        composer.compose(["model=mlp", f"seed={k}"])
    monkeypatch.setattr(composer.loader, "load_configuration", lambda *_: pytest.fail("files were merged again"))
    assert composer.compose(["model=mlp", "seed=4"]).tree["seed"] == 4


def test_what_is_wrong_is_found():
    with pytest.raises(ConfigError, match="there is no 'mpl' in model"):
        Composer(Source(), ["seed"]).compose(["model=mpl", "seed=1"])
