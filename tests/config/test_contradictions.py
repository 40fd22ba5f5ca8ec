"""Options that exclude each other, or that have no effect."""

from __future__ import annotations

import pytest

from framework.config.compose import Source
from framework.errors import ConfigError
from framework.launch import prepare


def mistakes(*overrides: str) -> dict[str, str]:
    """Path -> message of what is wrong."""
    with pytest.raises(ConfigError) as found:
        prepare(["model=mlp", *overrides], Source())
    return {".".join(mistake.path): mistake.message for mistake in found.value.mistakes}


@pytest.mark.parametrize("optimizer", ["lbfgs", "adafactor", "polyak_sgd"])
def test_an_optimizer_that_chooses_its_own_steps_brings_the_constant_schedule(optimizer: str):
    experiment = prepare(["model=mlp", f"optimizer={optimizer}"], Source()).experiment
    assert type(experiment.schedule).__name__ == "constant"
    found = mistakes(f"optimizer={optimizer}", "schedule=cosine_decay")
    message = f"the optimizer {optimizer} chooses its own steps, so the schedule cosine_decay would have no effect"
    assert found == {"schedule": message}


@pytest.mark.parametrize("optimizer", ["lbfgs", "adafactor"])
def test_with_a_learning_rate_a_schedule_has_an_effect(optimizer: str):
    texts = [f"optimizer={optimizer}", "optimizer.learning_rate=0.01", "schedule=cosine_decay"]
    assert prepare(["model=mlp", *texts], Source()).experiment.optimizer.hyper()["learning_rate"] == 0.01


@pytest.mark.parametrize("optimizer", ["lbfgs", "polyak_sgd"])
def test_what_weighs_a_step_by_the_loss_of_its_batch_cannot_accumulate(optimizer: str):
    found = mistakes(f"optimizer={optimizer}", "trainer.accumulate=4")
    assert list(found) == ["trainer.accumulate"]
    assert f"the optimizer {optimizer} weighs each step by the loss of its batch" in found["trainer.accumulate"]


def test_groups_are_checked_before_and_after_the_network_is_known():
    found = mistakes(
        "optimizer=sgd",
        "optimizer.groups=[{parameters: 'fc1/*', weight_decay: 0.1}, {parameters: 'fc9/*', freeze: true}]",
    )
    assert found["optimizer.groups.0.weight_decay"] == "the optimizer sgd has no option 'weight_decay'"
