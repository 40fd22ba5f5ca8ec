"""Sweeps in which something goes wrong: numbers that are not finite, disks that are full, folders that are taken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from framework.config.arguments import parse
from framework.config.loader import Source
from framework.launch import answer, prepare, start_sweep
from framework.sweep import ledger
from framework.train.folder import RunFolder
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


def test_a_trial_that_was_stopped_between_a_checkpoint_and_a_fault_ends_with_the_same_bits(poisoned, stopped_behind):
    alone([*poisoned, *TRIAL])
    steps = [int(row["step"]) for row in read(Path("alone/metrics.csv")) if row["train/loss"] == "nan"]
    fault = next(step for step in steps if step > 5 and (step - 1) % 5)
    with stopped_behind(fault - 1):
        words = ["hydra.sweep.dir=s", "optimizer.learning_rate=0.1,0.2", "seed=1", "sweep.pictures=false"]
        words.append("sweep.vectorize=off")  # nothing is measured beforehand, by the steps that are counted here
        assert start_sweep(parse(["-m", *poisoned, *words])) == 128 + 15
    assert start_sweep(parse(["-m", "resume=s"])) == 0
    assert_equal_to_alone("s/0")


def full_after(monkeypatch: pytest.MonkeyPatch, lines: int) -> None:
    """Lets the ledger take some more lines, and then half of one."""
    append, left = ledger.append_line, [lines]

    def limited(path: Path, line: str) -> None:
        left[0] -= 1
        if left[0] < 0:
            with path.open("a") as stream:
                stream.write(line[: len(line) // 2 if left[0] == -1 else 0])
            raise OSError(28, "No space left on device")
        append(path, line)

    monkeypatch.setattr(ledger, "append_line", limited)


@pytest.mark.parametrize(("lines", "words"), [(0, []), (3, []), (1, ["sweep.processes=1"])])
def test_a_ledger_that_cannot_grow_ends_the_sweep_which_then_goes_on(
    lines: int, words: list[str], sweep, go_on, table, monkeypatch, capsys
):
    with monkeypatch.context() as patched:
        full_after(patched, lines)
        assert answer(lambda: sweep("seed=1,2", *words)) == 1
    screen = "cannot write 's/ledger.jsonl': No space left on device; free the disk, then go on with: "
    assert capsys.readouterr().err == f"{screen}python train.py -m resume=s\n"
    assert go_on() == 0
    assert [row["state"] for row in table()] == ["finished"] * 2
    assert sweep("seed=1,2", "hydra.sweep.dir=unbroken") == 0
    assert table() == table(Path("unbroken/results.csv"))


def test_a_sweep_that_cannot_begin_leaves_nothing_that_is_in_its_way(sweep, monkeypatch, capsys):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(ledger, "write_atomically", full)
        assert answer(lambda: sweep("seed=1")) == 1
    assert capsys.readouterr().err == "cannot write 's/ledger.jsonl': No space left on device\n"
    assert sweep("seed=1") == 0


def test_a_folder_that_cannot_be_made_is_said_with_the_option_that_chooses_it(sweep, capsys):
    Path("file").touch()
    assert answer(lambda: sweep("seed=1", "hydra.sweep.dir=file/s")) == 1
    said = "cannot make the folder 'file/s': Not a directory; choose another with hydra.sweep.dir=...\n"
    assert capsys.readouterr().err == said


def test_a_second_sweep_in_a_folder_waits_for_no_one(sweep, capsys):
    with RunFolder(Path("s")).locked():
        assert answer(lambda: sweep("seed=1")) == 1
    assert "'s' is in use by process" in capsys.readouterr().err
    assert not Path("s/ledger.jsonl").exists()


def test_a_run_by_itself_in_the_folder_of_a_trial_is_not_overwritten(sweep, small, table):
    trial = prepare([*small, "seed=7"], Source())
    assert run(trial.experiment, Path("s/1"), trial.composed) == 0
    before = {path: path.read_bytes() for path in Path("s/1").iterdir() if path.is_file()}
    assert sweep("seed=1,2") == 1
    assert [row["state"] for row in table()] == ["finished", "failed"]
    assert table()[1]["error"] == "RunFolderError: 's/1' holds a run already"
    assert {path: path.read_bytes() for path in before} == before


def test_a_sweep_whose_data_have_changed_does_not_go_on(small, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    arrays = {"x": rng.normal(size=(90, 4)).astype(np.float32), "label": rng.integers(0, 3, 90).astype(np.int32)}
    np.savez("data.npz", **arrays)
    words = [*small, "dataset=npz", f"dataset.path={tmp_path}/data.npz", "optimizer.learning_rate=0.1,1e38"]
    words += ["hydra.sweep.dir=s", "sweep.pictures=false", "schedule=constant", "trainer.batch_size=10"]
    assert start_sweep(parse(["-m", *words])) == 1
    before = Path("s/ledger.jsonl").read_bytes()
    np.savez("data.npz", **{name: array[:80] for name, array in arrays.items()})
    capsys.readouterr()
    assert answer(lambda: start_sweep(parse(["-m", "resume=s"]))) == 1
    assert "the data of 's' have changed: " in capsys.readouterr().err
    assert Path("s/ledger.jsonl").read_bytes() == before
