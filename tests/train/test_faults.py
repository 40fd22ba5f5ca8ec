"""Losses, gradients and variables that are not finite: what a run does, what it says, and what it keeps."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from framework.config.compose import Source
from framework.errors import DivergenceError
from framework.launch import prepare, start
from framework.runtime.saved_state import read_state
from framework.train.engine import Engine
from framework.train.table import read

EXAMPLES, BATCH = 60, 10
STEPS = EXAMPLES // BATCH  # an epoch
NET = [
    "model=mlp", "dataset=npz", "dataset.validation_fraction=0.0", "dataset.test_fraction=0.0", "metrics=none",
    "trainer.keep_best=null", "schedule=constant", "optimizer=sgd", "optimizer.learning_rate=0.1",
    "~model.layers.fc1", "~model.layers.fc2", "trainer.epochs=3", f"trainer.batch_size={BATCH}",
    "trainer.summaries.every=1 steps", "trainer.checkpoint_every=2 steps",
]  # fmt: skip
# The logarithm of a negative number is no number, and there is one such example.
LOG = [*NET, "model.layers.log={type: op, op: Log, inputs: [flatten]}", "model.layers.logits.inputs=[log]"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    rng = np.random.default_rng(0)
    x = rng.uniform(0.5, 2.0, (EXAMPLES, 4)).astype(np.float32)
    label = (x.sum(1) > 5).astype(np.int32)
    x[17, 2] = -1
    path = tmp_path_factory.mktemp("data") / "poisoned.npz"
    np.savez(path, x=x, label=label)
    return f"dataset.path={path}"


def go(folder: Path, overrides: Sequence[str], resume: bool = False) -> int:
    words = overrides if resume else [*overrides, f"hydra.run.dir={folder}"]
    return start(prepare(words, Source(resume=folder if resume else None)))


def fatal(folder: Path, overrides: Sequence[str]) -> list[str]:
    """What a run that ends by a fault says, a line each."""
    with pytest.raises(DivergenceError) as caught:
        go(folder, overrides)
    status = json.loads((folder / "status.json").read_text())
    assert status["state"] == "failed"
    assert status["error"] == f"DivergenceError: {caught.value}"
    return str(caught.value).splitlines()


def poisoned_steps(overrides: Sequence[str]) -> list[int]:
    """The steps that see the poisoned example, counted from 1."""
    experiment = prepare(overrides, Source()).experiment
    engine = Engine(experiment, experiment.dataset.load())
    (row,) = np.flatnonzero(engine.data.splits["train"]["x"].min(axis=1) < 0)
    return [step + 1 for step in range(engine.total_steps) if row in engine.rows(step)]


def losses(folder: Path) -> dict[int, str]:
    return {int(row["step"]): row["train/loss"] for row in read(folder / "metrics.csv")}


@pytest.mark.parametrize("execution", ["step", "loop"])
def test_a_run_stops_with_the_layer_that_is_to_blame_and_keeps_the_batch(execution: str, data: str, tmp_path: Path):
    words, folder = [*LOG, data, f"trainer.execution={execution}"], tmp_path / "run"
    step = poisoned_steps(words)[0]
    kept = folder / "faults" / f"step-{step:08d}.npz"
    lines = fatal(folder, words)
    assert lines[0] == f"the loss is nan at step {step}"
    assert lines[1].startswith("  the first tensor that is not finite is 'log/Log:0' float32 [10, 4]: 1 nan of 40")
    assert lines[2] == "  it is computed by Log, in the layer 'log' (op)"
    assert re.fullmatch(r"  from '(flatten/Reshape|features/x):0' float32 \[10, 4\]: between -1 and 1\.\d+", lines[3])
    saved = (step - 1) // 2 * 2
    assert lines[4:-1] == [
        f"  its batch is kept in {kept}",
        *([f"  the last checkpoint, of step {saved}, is from before"] if saved else []),
    ]
    assert "try a smaller optimizer.learning_rate" in lines[-1]
    batch = np.load(kept, allow_pickle=False)
    assert batch["step"] == step
    assert batch["rows"].shape == (BATCH,)
    assert batch["x"].shape == (BATCH, 4)
    assert (batch["x"] == -1).sum() == 1
    assert batch["Hyper/optimizer/learning_rate"] == np.float32(0.1)
    assert max(losses(folder)) == step - 1, "what came before is written down, and the fault is no row"


@pytest.mark.parametrize("execution", ["step", "loop"])
def test_a_step_is_skipped_inside_the_program(execution: str, data: str, tmp_path: Path, caplog):
    words, folder = [*LOG, data, f"trainer.execution={execution}", "trainer.on_nan=skip"], tmp_path / "run"
    steps = poisoned_steps(words)
    assert len(steps) == 3, "once an epoch"
    assert go(folder, words) == 0
    rows = read(folder / "metrics.csv")
    assert [int(row["step"]) for row in rows if row["train/skipped"] == "1.0"] == steps
    assert all((row["train/loss"] == "nan") is (row["train/skipped"] == "1.0") for row in rows)
    assert sorted(path.name for path in (folder / "faults").iterdir()) == [f"step-{step:08d}.npz" for step in steps]
    said = f"step {steps[0]} was skipped: its loss is nan\n  the first tensor that is not finite is 'log/Log:0'"
    assert said in caplog.text
    final = read_state(folder / "checkpoints" / f"step-{3 * STEPS:08d}").state
    assert all(np.isfinite(array).all() for array in final.values())


def test_a_skipped_step_leaves_every_variable_and_slot_as_it_was(data: str):
    words = [
        *LOG, data, "trainer.on_nan=skip", "optimizer=adam", "trainer.ema=0.9",
        "model.layers.norm={type: batch_norm, inputs: [log]}", "model.layers.logits.inputs=[norm]",
    ]  # fmt: skip
    experiment = prepare(words, Source()).experiment
    engine = Engine(experiment, experiment.dataset.load(), "step")
    step = poisoned_steps(words)[0]
    state = engine.initialize()
    for first in range(step - 1):
        state, _ = engine.advance(state, first, first + 1, lambda: False)
    before = {name: np.array(value) for name, value in state.items()}
    after, records = engine.advance(state, step - 1, step, lambda: False)
    assert records.scalars["skipped"].tolist() == [1]
    assert before.keys() == after.keys()
    assert {"norm/moving_mean", "Train/adam/count"} <= {name.replace("average", "mean") for name in before} | set(
        before
    )
    for name, array in before.items():
        np.testing.assert_array_equal(np.asarray(after[name]), array, err_msg=name)
    later, records = engine.advance(after, step, step + 1, lambda: False)
    assert records.scalars["skipped"].tolist() == [0]
    assert not np.array_equal(np.asarray(later["logits/kernel"]), before["logits/kernel"])


def test_a_run_that_skips_every_step_comes_to_an_end(data: str, tmp_path: Path):
    minus = "model.layers.minus={type: op, op: Neg, inputs: [flatten]}"
    words = [*LOG, data, "trainer.on_nan=skip", minus, "model.layers.log.inputs=[minus]"]
    assert re.match(r"the last 1\d steps, up to step 1\d, were all skipped", fatal(tmp_path / "run", words)[0])


@pytest.mark.parametrize("execution", ["step", "loop"])
def test_a_run_goes_back_to_its_last_checkpoint_and_passes_over_the_batch(
    execution: str, data: str, tmp_path: Path, caplog
):
    words, folder = [*LOG, data, f"trainer.execution={execution}", "trainer.on_nan=rollback"], tmp_path / "run"
    steps = poisoned_steps(words)
    assert go(folder, words) == 0
    for step in steps:
        saved = (step - 1) // 2 * 2
        back = f"step {saved}" if saved else "the start"
        assert f"back to the variables of {back}, and on with step {step + 1}" in caplog.text
    found = losses(folder)
    assert [step for step, text in found.items() if text == "nan"] == steps
    assert list(found) == list(range(1, 3 * STEPS + 1))
    status = json.loads((folder / "status.json").read_text())
    assert (status["state"], status["step"]) == ("finished", 3 * STEPS)


@pytest.mark.parametrize("policy", ["skip", "rollback"])
def test_a_run_that_was_stopped_between_a_checkpoint_and_a_fault_ends_with_the_same_bits(
    policy: str, data: str, tmp_path: Path, stopped_behind
):
    words = [*LOG, data, f"trainer.on_nan={policy}", "trainer.checkpoint_every=5 steps", "trainer.keep=1"]
    assert go(tmp_path / "whole", words) == 0
    fault = next(step for step in poisoned_steps(words) if step % 5 in (3, 4, 0) and step > 5)
    with stopped_behind(fault - 1):
        assert go(tmp_path / "stopped", words) == 128 + 15
    assert go(tmp_path / "stopped", [], resume=True) == 0
    name = f"checkpoints/step-{3 * STEPS:08d}"
    found, expected = (read_state(tmp_path / run / name) for run in ("stopped", "whole"))
    for variable, array in expected.state.items():
        np.testing.assert_array_equal(found.state[variable], array, err_msg=variable)
    assert found.progress == expected.progress
    assert (tmp_path / "stopped" / "metrics.csv").read_text() == (tmp_path / "whole" / "metrics.csv").read_text()


def test_a_gradient_that_is_not_finite_is_found_where_it_comes_from(data: str, tmp_path: Path):
    words = [
        *NET, data, "model.layers.wide={type: dense, units: 6, activation: relu, inputs: [flatten]}",
        "model.layers.zero={type: op, op: Sub, inputs: [wide, wide]}",
        "model.layers.root={type: op, op: Sqrt, inputs: [zero]}", "model.layers.logits.inputs=[root]",
    ]  # fmt: skip
    lines = fatal(tmp_path / "run", words)
    assert lines[0].startswith("the loss is nan at step 2")
    assert lines[1].startswith(
        "  at step 1, all up to the loss is finite; the first gradient that is not is by 'zero/Sub:0'"
    )
    assert lines[2] == "  it comes from Sqrt 'root/Sqrt', in the layer 'root' (op)"


def test_an_update_that_is_too_large_is_told_from_a_gradient_that_is(data: str, tmp_path: Path):
    words = [
        *NET,
        data,
        "optimizer.learning_rate=3e38",
        "loss.classification.weight=1000.0",
        "model.layers.logits.inputs=[flatten]",
        "optimizer.momentum=0.9",
    ]
    lines = fatal(tmp_path / "run", [*words, "trainer.checkpoint_every=1 steps"])
    assert lines[0].startswith("step 1 has made 'logits/")
    assert lines[1].startswith("  at step 1, all gradients are finite, and the update is not: 'logits/")
    assert (tmp_path / "run" / "checkpoints").glob("step-*").__class__ is not list
    assert list((tmp_path / "run" / "checkpoints").glob("step-*")) == []


def test_a_metric_cannot_take_the_name_of_the_report(data: str):
    words = [*LOG, data, "trainer.on_nan=skip", "metrics={skipped: {type: accuracy, logits: logits, labels: label}}"]
    with pytest.raises(Exception, match="a metric cannot be called 'skipped'"):
        prepare(words, Source())
