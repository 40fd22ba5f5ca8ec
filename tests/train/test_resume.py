"""A run that was stopped or killed anywhere ends as an unbroken one: the same parameters, bit for bit, and metrics."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from framework.config.compose import ROOT, Source
from framework.launch import prepare
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


@pytest.mark.parametrize("stop", random.Random(0).sample(range(1, STEPS), 25))
def test_stopped_by_a_signal_at_any_step(
    stop: int, unbroken: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    whole, execution = unbroken
    from framework.train.engine import Engine

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


LONG = [*TINY, "trainer.epochs=250", "trainer.checkpoint_every=9 steps", "trainer.execution=step"]


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(ROOT / "train.py"), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_killed_at_random_moments(tmp_path: Path):
    whole = tmp_path / "unbroken"
    first = start(*LONG, f"hydra.run.dir={whole}")
    output, _ = first.communicate(timeout=120)
    assert first.returncode == 0, output
    duration = json.loads((whole / "status.json").read_text())["seconds"]
    moments, kills = random.Random(1), 0
    for attempt in range(4):
        folder = tmp_path / f"killed-{attempt}"
        process = start(*LONG, f"hydra.run.dir={folder}")
        for _ in range(5):  # killed again and again, it goes on each time from where it was
            _wait_for_training(process, folder / "status.json")
            time.sleep(moments.uniform(0, duration * 0.3))
            if process.poll() is None:
                process.kill()
                process.communicate()
                kills += 1
                process = start(f"resume={folder}")
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0, output
        assert_same(folder, whole)
    assert kills == 20


def _wait_for_training(process: subprocess.Popen[str], status: Path) -> None:
    """Waits until the process has written its status, which it does before its first step."""
    began = time.time()
    while process.poll() is None and (not status.exists() or status.stat().st_mtime < began - 0.05):
        time.sleep(0.005)
