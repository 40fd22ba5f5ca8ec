"""A run that was stopped or killed anywhere ends as an unbroken one: the same parameters, bit for bit, and metrics."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from framework.config.compose import ROOT, Source
from framework.launch import prepare
from framework.train.engine import Engine
from framework.train.run import resume, run

TINY = [
    "model=mlp", "dataset=iris", "model.layers.fc1.units=12", "model.layers.fc2.units=8", "trainer.batch_size=20",
    "model.layers.drop={type: dropout, rate: 0.3, inputs: [fc2]}", "model.layers.logits.inputs=[drop]",
    "trainer.accumulate=3", "trainer.ema=0.9",
    "optimizer.groups=[{parameters: '*/bias', learning_rate_multiplier: 0.5}, {parameters: 'fc1/bias', freeze: true}]",
    "trainer.epochs=20", "trainer.summaries.every=7 steps", "trainer.evaluate_every=13 steps",
    "trainer.checkpoint_every=11 steps", "trainer.early_stop={monitor: validation/loss, patience: 40}",
]  # fmt: skip
STEPS = 120


def parameters(folder: Path) -> dict[str, np.ndarray]:
    return load_file(sorted(folder.glob("checkpoints/step-*"))[-1] / "state.safetensors")


def assert_same(folder: Path, unbroken: Path) -> None:
    found, expected = parameters(folder), parameters(unbroken)
    assert found.keys() == expected.keys()
    for name in expected:
        np.testing.assert_array_equal(found[name], expected[name], err_msg=name)
    assert (folder / "metrics.csv").read_text() == (unbroken / "metrics.csv").read_text()
    status = json.loads((folder / "status.json").read_text())
    assert status["state"] == "finished"
    assert status["metrics"] == json.loads((unbroken / "status.json").read_text())["metrics"]


def go(folder: Path, execution: str, resumed: bool = False) -> int:
    """Runs or resumes in this process."""
    overrides = [*TINY, f"trainer.execution={execution}"]
    source = Source(resume=folder) if resumed else Source()
    trial = prepare([] if resumed else overrides, source)
    return (resume if resumed else run)(trial.experiment, folder, trial.composed)


@pytest.fixture(scope="module", params=["step", "loop"])
def unbroken(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp(request.param) / "unbroken"
    assert go(folder, request.param) == 0
    rows = (folder / "metrics.csv").read_text().splitlines()[1:]
    steps = [int(row.partition(",")[0]) for row in rows]
    assert steps == sorted(s for s in range(1, STEPS + 1) if s % 7 == 0 or s % 13 == 0 or s == STEPS)
    return folder, request.param


def test_two_runs_are_equal(unbroken: tuple[Path, str], tmp_path: Path):
    folder, execution = unbroken
    assert go(tmp_path / "again", execution) == 0
    assert_same(tmp_path / "again", folder)


@pytest.mark.parametrize("stop", random.Random(0).sample(range(1, STEPS), 12))
def test_stopped_by_a_signal_at_any_step(
    stop: int, unbroken: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    whole, execution = unbroken
    advance = Engine.advance

    def advance_to(self, state, start, end, is_stopping, *, watched):
        if start < stop <= end:  # make the signal come exactly after the step `stop`
            monkeypatch.setattr(self, "_piece", lambda: stop - start)
            state, records = advance(self, state, start, end, is_stopping, watched=watched)
            os.kill(os.getpid(), signal.SIGTERM)
            return state, records
        return advance(self, state, start, end, is_stopping, watched=watched)

    folder = tmp_path / "stopped"
    with monkeypatch.context() as patch:
        patch.setattr(Engine, "advance", advance_to)
        assert go(folder, execution) == 128 + signal.SIGTERM
    status = json.loads((folder / "status.json").read_text())
    assert (status["state"], status["step"]) == ("stopped", stop)
    assert go(folder, execution, resumed=True) == 0
    assert_same(folder, whole)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the study forks its processes")
def test_killed_at_random_moments(tmp_path: Path):
    """Twenty kills: by the clock, before file operations, and at the end. experiments/faults makes three hundred."""
    study = ROOT / "experiments" / "faults" / "kills.py"
    done = subprocess.run([sys.executable, str(study), "20", "1", "-"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "**20 of 20** kills were in runs that ended like an unbroken one" in done.stdout
    assert "Failures: none" in done.stdout


EPOCHS, BATCH, EXAMPLES = 3, 4, 60


@pytest.mark.parametrize("execution", ["step", "loop"])
def test_every_example_is_seen_once_an_epoch_through_any_number_of_stops(
    execution: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The network counts: example k is the k-th unit vector, and a step takes 1 from the k-th weight."""
    data, folder = tmp_path / "units.npz", tmp_path / "run"
    np.savez(data, x=np.eye(EXAMPLES, dtype=np.float32))
    words = [
        "model=perceptron", "dataset=npz", f"dataset.path={data}", "dataset.validation_fraction=0.0",
        "dataset.test_fraction=0.0", "metrics=none", "optimizer=sgd", f"optimizer.learning_rate={BATCH}.0",
        "~model.layers.logits", "~model.outputs.logits", "model.outputs.count=count", "schedule=constant",
        "model.layers.count={type: dense, units: 1, use_bias: false, kernel_initializer: zeros}",
        "~loss.classification", "loss.l={type: expression, value: 'mean(count)'}", f"trainer.epochs={EPOCHS}",
        f"trainer.batch_size={BATCH}", "trainer.keep_best=null", f"trainer.execution={execution}",
        f"hydra.run.dir={folder}",
    ]  # fmt: skip
    steps, advance = EPOCHS * EXAMPLES // BATCH, Engine.advance
    stops = sorted(random.Random(3).sample(range(1, steps), 8))

    def advance_to(self, state, first, end, is_stopping, **watched):
        stop = next((step for step in stops if step > first), steps)
        state, records = advance(self, state, first, min(end, stop), is_stopping, **watched)
        if first + len(records) in stops:
            os.kill(os.getpid(), signal.SIGTERM)
        return state, records

    monkeypatch.setattr(Engine, "advance", advance_to)
    for step in [*stops, steps]:
        trial = prepare(words, Source()) if step == stops[0] else prepare([], Source(resume=folder))
        status = (run if step == stops[0] else resume)(trial.experiment, folder, trial.composed)
        assert status == (0 if step == steps else 128 + signal.SIGTERM)
        seen = -parameters(folder)["count/kernel"][:, 0]
        epochs, position = divmod(step * BATCH, EXAMPLES)
        assert sorted(seen) == sorted([epochs + 1] * position + [epochs] * (EXAMPLES - position))


def test_a_run_keeps_its_kernels_and_says_which_are_gone(unbroken: tuple[Path, str], tmp_path: Path):
    whole, execution = unbroken
    shutil.copytree(whole, tmp_path / "again")
    status = json.loads((tmp_path / "again" / "status.json").read_text())
    status["kernels"] = {"Conv2D": {"gone": 2}}
    (tmp_path / "again" / "status.json").write_text(json.dumps(status))
    assert go(tmp_path / "again", execution, resumed=True) == 0
    assert "kernels that are not here (gone for Conv2D)" in (tmp_path / "again" / "log.txt").read_text()
    assert json.loads((tmp_path / "again" / "status.json").read_text())["kernels"] == {"Conv2D": {"gone": 2}}
