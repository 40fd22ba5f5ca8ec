"""A run that begins with the variables of another: fine-tuning, end to end."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from framework.build import build
from framework.config.compose import Source
from framework.config.warm_start import WarmStart
from framework.errors import ConfigError
from framework.launch import prepare
from framework.layers import Mode
from framework.train.engine import Engine
from framework.train.run import resume, run
from framework.train.warm_start import take

SMALL = (
    "model=mlp",
    "dataset=digits",
    "trainer.execution=loop",
    "trainer.epochs=null",
    "model.layers.fc1.units=64",
    "model.layers.fc2.units=32",
)
NORM = "model.layers.norm={type: batch_norm, inputs: [fc2]}"
FIRST = (*SMALL, NORM, "model.layers.logits.inputs=[norm]", "trainer.steps=40", "trainer.ema=0.9")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("warm") / "other"
    trial = prepare(FIRST, Source())
    assert run(trial.experiment, folder, trial.composed) == 0
    return folder


def saved(folder: Path) -> dict[str, np.ndarray]:
    return load_file(sorted(folder.glob("checkpoints/step-*"))[-1] / "state.safetensors")


def fine_tuning(other: Path, *more: str) -> list[str]:
    """Another head over the body of the other run, part of which is called otherwise and part of which is frozen."""
    return [
        *SMALL,
        "~model.layers.fc1",
        "~model.layers.fc2",
        "~model.layers.logits",
        "model.layers.body={type: dense, units: 64, activation: relu, inputs: [flatten]}",
        "model.layers.fc2={type: dense, units: 32, activation: relu}",
        NORM,
        "model.layers.head={type: dense, units: num_classes, inputs: [norm]}",
        "model.outputs.logits=head",
        "optimizer.groups=[{parameters: 'body/*', freeze: true}, {parameters: 'norm/*', freeze: true}]",
        f"warm_start={{run: '{other}', rename: {{body: fc1}}}}",
        "trainer.steps=25",
        "optimizer.learning_rate=0.01",
        *more,
    ]


def mistakes(*overrides: str) -> dict[str, str]:
    """Path -> message of what is wrong."""
    with pytest.raises(ConfigError) as found:
        prepare(overrides, Source())
    return {".".join(mistake.path): mistake.message for mistake in found.value.mistakes}


def test_fine_tuning(other: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    trial, folder = prepare(fine_tuning(other), Source()), tmp_path / "tuned"
    assert run(trial.experiment, folder, trial.composed) == 0
    before, after = saved(other), saved(folder)
    for name in ("kernel", "bias"):
        # The averages, since the other run was evaluated with them.
        np.testing.assert_array_equal(after[f"body/{name}"], before[f"Train/ema/fc1/{name}"])
        assert np.any(after[f"fc2/{name}"] != before[f"Train/ema/fc2/{name}"])
    assert np.any(after["norm/moving_mean"] != before["norm/moving_mean"])  # frozen or not, statistics move
    assert not any(name.startswith("Train/") and ("body" in name or "norm" in name) for name in after)
    assert "Train/adam/mu/fc2/kernel" in after
    assert json.loads((folder / "status.json").read_text())["metrics"]["validation/accuracy"] > 0.5
    said = f"8 variables are taken from '{other}'", "not found there, and drawn anew: head/kernel, head/bias"
    shown, log = capsys.readouterr().out, (folder / "log.txt").read_text()
    for line in said:
        assert line in shown
        assert line in log


def test_first_values_and_all_that_follows_from_them(other: Path):
    experiment = prepare(fine_tuning(other, "trainer.ema=0.5"), Source()).experiment
    engine = Engine(experiment, experiment.dataset.load())
    assert experiment.warm_start is not None
    taken = take(experiment.warm_start, engine.built)
    state, cold, before = engine.initialize(taken.arrays), engine.initialize(), saved(other)
    np.testing.assert_array_equal(state["fc2/kernel"], before["Train/ema/fc2/kernel"])
    np.testing.assert_array_equal(state["Train/ema/fc2/kernel"], before["Train/ema/fc2/kernel"])
    np.testing.assert_array_equal(state["norm/moving_variance"], before["norm/moving_variance"])
    np.testing.assert_array_equal(state["head/kernel"], cold["head/kernel"])
    assert state.keys() == cold.keys()
    assert engine.advance(state, 0, 1, lambda: False)[1].scalars["loss"].size


def test_it_is_no_part_of_the_program(other: Path):
    cold = [text for text in fine_tuning(other) if not text.startswith("warm_start")]
    warm, plain = (build(prepare(texts, Source()).experiment, Mode.TRAIN) for texts in (fine_tuning(other), cold))
    assert warm.fingerprint == plain.fingerprint


def test_a_stopped_run_goes_on_without_the_other(other: Path, tmp_path: Path):
    gone, folder = tmp_path / "gone", tmp_path / "tuned"
    shutil.copytree(other, gone)
    trial = prepare(fine_tuning(gone), Source())
    assert run(trial.experiment, folder, trial.composed) == 0
    shutil.rmtree(gone)
    again = prepare(["trainer.steps=27"], Source(resume=folder))
    assert resume(again.experiment, folder, again.composed) == 0
    assert json.loads((folder / "status.json").read_text())["step"] == 27


def test_a_folder_that_is_no_run(tmp_path: Path, other: Path):
    found = mistakes(*SMALL, "trainer.steps=1", f"warm_start.run={tmp_path}")
    assert found == {"warm_start.run": f"'{tmp_path}' is no run folder: it has no checkpoints"}
    (tmp_path / "checkpoints").mkdir()
    found = mistakes(*SMALL, "trainer.steps=1", f"warm_start={{run: '{tmp_path}', checkpoint: best}}")
    assert found == {"warm_start.checkpoint": f"'{tmp_path}' holds no whole best checkpoint"}


def test_another_shape_is_a_mistake_unless_it_is_left_out(other: Path):
    wide = (*FIRST, f"warm_start.run={other}", "model.layers.fc2.units=65")
    message = mistakes(*wide)["warm_start.parameters"]
    assert message.startswith("7 variables are of another shape in ")
    assert "fc2/kernel [64, 65] here, [64, 32] there" in message
    experiment = prepare([*wide, "warm_start.parameters=['*', '!fc2/*', '!norm/*', '!logits/*']"], Source()).experiment
    assert experiment.warm_start is not None
    taken = take(experiment.warm_start, build(experiment, Mode.TRAIN))
    assert set(taken.arrays) == {"fc1/kernel", "fc1/bias"}
    assert len(taken.left) == 8


@pytest.mark.parametrize(
    ("option", "path", "message"),
    [
        ("parameters: 'fd1/*'", "parameters", "the pattern 'fd1/*' matches no variable of this network"),
        ("parameters: ['*', '!x']", "parameters.1", "the pattern '!x' matches no variable of this network"),
        ("rename: {fc1: old}", "rename.fc1", "has a name that begins with 'old/'"),
        ("rename: {fc3: fc1}", "rename.fc3", "no variable of this network has a name that begins with 'fc3/'"),
    ],
)
def test_names_that_match_nothing(option: str, path: str, message: str, other: Path):
    assert message in mistakes(*FIRST, f"warm_start={{run: '{other}', {option}}}")[f"warm_start.{path}"]


def test_the_longest_beginning_is_renamed():
    warm_start = WarmStart(run="r", rename={"a": "x", "a/b/": "y/z", "new": ""})
    names = ("a/kernel", "a/b/kernel", "ab/kernel", "new/kernel")
    assert [warm_start.source(name) for name in names] == ["x/kernel", "y/z/kernel", "ab/kernel", "kernel"]
