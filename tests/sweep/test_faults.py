"""Sweeps in which something goes wrong: numbers that are not finite, disks that are full, folders that are taken."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from framework.config.arguments import parse
from framework.config.loader import Source
from framework.launch import prepare, start_sweep
from framework.train.engine import Engine
from framework.train.past_run import Run
from framework.train.run import run
from framework.train.table import read

# The logarithm of a negative number is no number, and there is one such example.
LOG = [
    "model=mlp", "dataset=npz", "dataset.validation_fraction=0.0", "dataset.test_fraction=0.0", "metrics=none",
    "trainer.keep_best=null", "schedule=constant", "optimizer=sgd", "~model.layers.fc1", "~model.layers.fc2",
    "trainer.epochs=3", "trainer.batch_size=10", "trainer.checkpoint_every=5 steps", "trainer.summaries.every=1 steps",
    "model.layers.log={type: op, op: Log, inputs: [flatten]}", "model.layers.logits.inputs=[log]",
    "trainer.on_nan=rollback", "trainer.device=cpu",
]  # fmt: skip
TRIAL = ["optimizer.learning_rate=0.1", "seed=1"]


@pytest.fixture
def poisoned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Options of a network whose loss is no number at one step of each epoch."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    x = rng.uniform(0.5, 2.0, (60, 4)).astype(np.float32)
    label = (x.sum(1) > 5).astype(np.int32)
    x[17, 2] = -1
    np.savez(tmp_path / "poisoned.npz", x=x, label=label)
    return [*LOG, f"dataset.path={tmp_path}/poisoned.npz"]


def alone(words: list[str]) -> None:
    trial = prepare(words, Source())
    assert run(trial.experiment, Path("alone"), trial.composed) == 0


def assert_equal_to_alone(folder: str) -> None:
    assert Path(folder, "metrics.csv").read_bytes() == Path("alone/metrics.csv").read_bytes()
    found, expected = Run(folder).checkpoint, Run("alone").checkpoint
    assert found.progress == expected.progress
    for name in expected.state:
        np.testing.assert_array_equal(found.state[name], expected.state[name], err_msg=name)


def test_a_trial_goes_back_to_its_last_checkpoint_as_a_run_alone_does(poisoned):
    alone([*poisoned, *TRIAL])
    assert "nan" in Path("alone/metrics.csv").read_text()
    assert start_sweep(parse(["-m", *poisoned, "hydra.sweep.dir=s", "optimizer.learning_rate=0.1,0.2", "seed=1"])) == 0
    assert_equal_to_alone("s/0")


def test_a_trial_that_was_stopped_between_a_checkpoint_and_a_fault_ends_with_the_same_bits(poisoned, monkeypatch):
    alone([*poisoned, *TRIAL])
    steps = [int(row["step"]) for row in read(Path("alone/metrics.csv")) if row["train/loss"] == "nan"]
    fault = next(step for step in steps if step > 5 and (step - 1) % 5)
    advance = Engine.advance

    def advance_to(self, state, first, end, is_stopping, **watched):
        state, records = advance(self, state, first, min(end, fault - 1), is_stopping, **watched)
        if first + len(records) == fault - 1:
            os.kill(os.getpid(), 15)
        return state, records

    with monkeypatch.context() as patched:
        patched.setattr(Engine, "advance", advance_to)
        words = ["hydra.sweep.dir=s", "optimizer.learning_rate=0.1,0.2", "seed=1", "sweep.pictures=false"]
        assert start_sweep(parse(["-m", *poisoned, *words])) == 128 + 15
    assert start_sweep(parse(["-m", "resume=s"])) == 0
    assert_equal_to_alone("s/0")
