"""Which histograms a training graph holds."""

from __future__ import annotations

import pytest

from framework.build import build
from framework.config.experiment import Experiment
from framework.errors import ConfigError
from framework.layers import Mode


def tags(wanted: str) -> list[str]:
    experiment = Experiment.compose("model=mlp", f"trainer.summaries.histograms={wanted}")
    return list(build(experiment, Mode.TRAIN).histograms)


def test_all_are_every_parameter_gradient_and_layer_with_parameters():
    names = [f"{layer}/{part}" for layer in ("fc1", "fc2", "logits") for part in ("kernel", "bias")]
    expected = [f"{kind}/{name}" for kind in ("parameters", "gradients") for name in names]
    assert tags("true") == [*expected, "activations/fc1", "activations/fc2", "activations/logits"]
    assert tags("false") == tags("[]") == []


def test_patterns_choose():
    assert tags("[activations/f*,'*/logits/bias']") == [
        "parameters/logits/bias",
        "gradients/logits/bias",
        "activations/flatten",
        "activations/fc1",
        "activations/fc2",
    ]


def test_a_pattern_that_matches_nothing_is_a_mistake():
    with pytest.raises(ConfigError, match=r"the pattern 'activation/fc1' matches nothing; did you mean"):
        tags("[activation/fc1]")
