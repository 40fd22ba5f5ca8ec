"""Accumulated gradients, averages and groups in a whole run: what is trained, and what is evaluated."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from framework.config.compose import Source
from framework.launch import prepare
from framework.runtime.program import State
from framework.train.averages import averaged
from framework.train.engine import Engine
from framework.train.evaluator import Evaluator
from framework.train.past_run import Run
from framework.train.run import run

TINY = ("model=mlp", "dataset=iris", "model.layers.fc1.units=6", "model.layers.fc2.units=5", "optimizer=sgd")


def engine(*overrides: str) -> Engine:
    experiment = prepare([*TINY, *overrides], Source()).experiment
    return Engine(experiment, experiment.dataset.load())


def trained(engine: Engine, steps: int) -> list[State]:
    """The state before the first step, and after each."""
    states = [{name: np.asarray(array) for name, array in engine.initialize().items()}]
    state = engine.initialize()
    for step in range(steps):
        state, _ = engine.advance(state, step, step + 1, lambda: False)
        states.append({name: np.asarray(array) for name, array in state.items()})
    return states


@pytest.mark.parametrize("execution", ["loop", "step"])
def test_batches_together_are_one_batch_as_large(execution: str):
    # In one order, three batches of 20 are the rows of one batch of 60.
    options = f"trainer.execution={execution}", "schedule=constant"
    often = engine("trainer.batch_size=20", "trainer.accumulate=3", *options)
    once = engine("trainer.batch_size=60", *options)
    rows, together = often.sampler.epoch(0).rows[:3], once.sampler.epoch(0).rows[:1]
    np.testing.assert_array_equal(rows.reshape(-1), together.reshape(-1))
    small, large = trained(often, 3), trained(once, 1)
    for name in once.built.parameters:
        np.testing.assert_array_equal(small[2][name], small[0][name])
        assert np.any(small[3][name] != small[0][name])
        np.testing.assert_allclose(small[3][name], large[1][name], rtol=1e-5, atol=1e-6)


def test_frozen_parameters_have_neither_gradients_nor_slots():
    momentum = (
        "optimizer.momentum=0.9",
        "trainer.ema=0.9",
        "trainer.accumulate=2",
        "trainer.summaries.histograms=true",
    )
    found = engine(*momentum, "optimizer.groups=[{parameters: 'fc1/*', freeze: true}]")
    before, *_, after = trained(found, 4)
    assert found.built.frozen == ["fc1/kernel", "fc1/bias"]
    (gradients,) = (node for node in found.built.graph if node.op == "Gradients")
    assert [tensor for tensor in gradients.inputs[1:] if "fc1" in tensor] == []
    assert not any("fc1" in name for name in after if name.startswith("Train/"))
    assert "parameters/fc1/kernel" in found.built.histograms
    assert "gradients/fc1/kernel" not in found.built.histograms
    for name in found.built.parameters:
        assert np.any(before[name] != after[name]) == (name not in found.built.frozen)


def test_a_group_is_trained_at_its_own_rate():
    plain, slow = engine(), engine("optimizer.groups=[{parameters: 'fc1/*', learning_rate_multiplier: 0.25}]")
    (before, expected), (_, found) = trained(plain, 1), trained(slow, 1)
    for name in plain.built.parameters:
        share = 0.25 if name.startswith("fc1/") else 1.0
        np.testing.assert_allclose(found[name] - before[name], share * (expected[name] - before[name]), atol=1e-7)


def test_evaluation_reads_the_averages():
    found, plain = engine("trainer.ema=0.8"), engine()
    states, expected = trained(found, 5), trained(plain, 5)
    average = {name: states[0][name].astype(np.float64) for name in found.built.parameters}
    for state, same in zip(states[1:], expected[1:], strict=True):
        for name in average:
            np.testing.assert_allclose(state[name], same[name], rtol=1e-6, atol=1e-7)
            average[name] = 0.8 * average[name] + 0.2 * state[name]
            np.testing.assert_allclose(state[f"Train/ema/{name}"], average[name], rtol=1e-5, atol=1e-6)
    by_hand = {**states[-1], **{name: array.astype(np.float32) for name, array in average.items()}}
    exact = {name: array for name, array in by_hand.items() if not name.startswith("Train/ema/")}
    assert _loss(found, states[-1]) == pytest.approx(_loss(plain, exact), rel=1e-5)
    assert _loss(found, states[-1]) != pytest.approx(_loss(plain, expected[-1]), rel=1e-4)


def _loss(engine: Engine, state: State) -> float:
    return Evaluator(engine.experiment)(state, engine.data.splits["test"])["loss"]


def test_a_past_run_predicts_with_its_averages(tmp_path: Path):
    trial = prepare([*TINY, "trainer.ema=0.9", "trainer.epochs=null", "trainer.steps=4"], Source())
    assert run(trial.experiment, tmp_path / "run", trial.composed) == 0
    past = Run(tmp_path / "run")
    state, inputs = past.checkpoint.state, past.experiment.dataset.load().splits["test"]
    found = past.predict(inputs)
    past.checkpoint.state.update(averaged(state))
    for name in [name for name in state if name.startswith("Train/ema/")]:
        del past.checkpoint.state[name]
    np.testing.assert_array_equal(past.predict(inputs)["logits"], found["logits"])
    assert past.evaluate()


def test_what_has_no_average_is_as_it_was():
    state = {"a": 1, "b": 2, "Train/ema/a": 3}
    assert averaged(state) == {"a": 3, "b": 2, "Train/ema/a": 3}
