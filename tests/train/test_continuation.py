"""What may change when a run goes on, which run `resume=auto` goes on with, and what must not be lost by moving one."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from framework.config.check import check
from framework.config.compose import Source, compose
from framework.config.loader import AUTO
from framework.config.report import screen
from framework.errors import CheckpointError, ConfigError
from framework.launch import prepare, start
from framework.runtime.saved_state import read_state
from framework.train.continuation import compare
from framework.train.engine import Engine
from framework.train.folder import RunFolder

FORMATS = Path(__file__).with_name("formats")
BEGUN = FORMATS / "1"
TINY = ["model=mlp", "dataset=iris", "model.layers.fc1.units=6", "model.layers.fc2.units=4", "trainer.batch_size=20"]
SHORT = [*TINY, "schedule=constant", "trainer.epochs=2", "trainer.evaluate_every=100 epochs"]


def verdicts(*overrides: str, folder: Path = BEGUN) -> dict[str, list[str]]:
    """Option -> old and new, by what follows from the change."""
    composed = compose(overrides, Source(resume=folder))
    found = compare(folder, composed, check(composed.tree))
    return {
        name: [".".join(change.path) for change in group]
        for name, group in vars(found).items()
        if group
    }  # fmt: skip


@pytest.mark.parametrize(
    ("overrides", "verdict"),
    [
        (["trainer.keep=5", "trainer.summaries.every=3 steps", "trainer.checkpoint_every=2 epochs"], "harmless"),
        (["trainer.keep_best=null", "trainer.evaluate_every=5 steps", "trainer.summaries.images=true"], "harmless"),
        (["trainer.early_stop={monitor: validation/loss, patience: 2}"], "harmless"),
        (["optimizer.learning_rate=0.5"], "warned"),
        (["optimizer.b1=0.8", "trainer.ema=0.99", "loss.classification.weight=2.0"], "warned"),
        (["~schedule.warmup_steps", "schedule.type=constant"], "warned"),
        (["schedule.warmup_steps=0.2"], "warned"),
        (["trainer.epochs=20"], "warned"),  # its schedule is as long as the run
        (["trainer.evaluation_batch=64", "trainer.summaries.histograms=true", "trainer.device=cpu"], "warned"),
        (["seed=1"], "refused"),
        (["trainer.shuffle=false"], "refused"),
        (["trainer.batch_size=10"], "refused"),
        (["model.layers.fc1.units=7"], "refused"),
        (["model.layers.extra={type: dense, units: 3}"], "refused"),
        (["dataset.split_seed=3"], "refused"),
        (["dataset={type: wine}"], "refused"),
        (["trainer.ema=null"], "refused"),
        (["optimizer={type: sgd, learning_rate: 0.003}"], "refused"),
        (["trainer.precision=bfloat16"], "refused"),
        (["trainer.execution=step"], "refused"),
    ],
)
def test_every_change_is_harmless_warned_of_or_refused(overrides: list[str], verdict: str):
    found = verdicts(*overrides)
    assert list(found) == [verdict]
    named = {name.partition(".")[0] for name in found[verdict]}
    assert named == {override.lstrip("~").partition(".")[0].partition("=")[0] for override in overrides}


def test_nothing_changed_is_nothing_said():
    assert verdicts() == {}
    assert verdicts("optimizer.learning_rate=0.003", "seed=0", "optimizer.b1=0.9") == {}


def test_more_epochs_are_harmless_where_no_schedule_is_as_long_as_the_run(tmp_path: Path):
    folder = tmp_path / "constant"
    assert go(*SHORT, f"hydra.run.dir={folder}") == 0
    assert verdicts("trainer.epochs=9", folder=folder) == {"harmless": ["trainer.epochs"]}


def test_what_is_refused_is_listed_whole(tmp_path: Path, monkeypatch):
    folder = shutil.copytree(BEGUN, tmp_path / "run")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        prepare(["seed=1", "model.layers.fc1.units=7", "trainer.keep=9"], Source(resume=Path("run")))
    advice = "  take it back, or start a new run; warm_start takes over what this one has learned\n"
    assert screen(caught.value) == (
        "command line  model.layers.fc1.units=7\n"
        "  model.layers.fc1.units was 6 when 'run' began, found 7: what was saved would not fit\n"
        f"{advice}"
        "command line  seed=1\n"
        "  seed was 0 when 'run' began, found 1: the examples of the steps to come would be others\n"
        f"{advice}"
        "2 mistakes; nothing was run"
    )
    assert (folder / "config.yaml").read_text() == (BEGUN / "config.yaml").read_text()


def go(*overrides: str, resume: Path | None = None) -> int:
    return start(prepare(overrides, Source(resume=resume)))


@pytest.mark.parametrize("version", sorted(folder.name for folder in FORMATS.iterdir()))
def test_a_run_that_an_older_version_began_goes_on_and_may_have_been_moved(version: str, tmp_path: Path, capsys):
    folder = shutil.copytree(FORMATS / version, tmp_path / "elsewhere" / "renamed")
    assert go(resume=folder) == 0
    assert "going on from step 42" in capsys.readouterr().out
    status = json.loads((folder / "status.json").read_text())
    assert (status["state"], status["step"]) == ("finished", 60)
    # What the version that began it ended with, unbroken.
    assert status["metrics"]["train/loss"] == pytest.approx(0.8134568184614182, rel=1e-4)
    assert status["metrics"]["test/loss"] == pytest.approx(0.7633838017781576, rel=1e-4)
    rows = (folder / "metrics.csv").read_text().splitlines()[1:]
    assert [int(row.split(",")[0]) for row in rows] == sorted({*range(6, 61, 6), *range(7, 61, 7)})


def test_what_changed_is_said_and_written_down(tmp_path: Path, capsys):
    folder = shutil.copytree(BEGUN, tmp_path / "run")
    assert go("optimizer.learning_rate=0.1", "trainer.keep=5", resume=folder) == 0
    shown = capsys.readouterr().out
    assert "changed: trainer.keep 3 -> 5\n" in shown
    assert "changed: optimizer.learning_rate 0.003 -> 0.1; from here on the steps are others" in shown
    assert "optimizer.learning_rate 0.003 -> 0.1" in (folder / "log.txt").read_text()
    assert "learning_rate: 0.1" in (folder / "config.yaml").read_text()


def test_a_checkpoint_that_does_not_fit_is_named(tmp_path: Path, monkeypatch):
    folder = shutil.copytree(BEGUN, tmp_path / "run")
    read = Engine.program.func  # what an engine of another version might read

    def other(engine: Engine):
        program = read(engine)
        specs = program.lowering.variables.read
        specs["fc9/kernel"] = specs["fc1/kernel"]
        return program

    monkeypatch.setattr(Engine, "program", property(other))
    with pytest.raises(CheckpointError, match=r"step 42 does not fit .*: 'fc9/kernel' is missing; start a new run"):
        go(resume=folder)


# -- resume=auto --------------------------------------------------------------------------------------------------


def stopped(at: int, overrides: Sequence[str], monkeypatch: pytest.MonkeyPatch, resume: Path | None = None) -> None:
    """Begins a run, or goes on with one, and stops it at the step `at`."""
    advance = Engine.advance

    def advance_to(self, state, first, end, is_stopping, **watched):
        state, records = advance(self, state, first, min(at, end), is_stopping, **watched)
        if first + len(records) == at:
            os.kill(os.getpid(), 15)
        return state, records

    with monkeypatch.context() as patched:
        patched.setattr(Engine, "advance", advance_to)
        assert go(*overrides, resume=resume) == 128 + 15


def runs() -> dict[str, str]:
    return {
        folder.parent.name: json.loads(folder.read_text())["state"]
        for folder in Path("outputs").glob("*/*/status.json")
    }


def test_auto_goes_on_with_the_newest_unfinished_run_of_the_configuration(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert go(*SHORT, "name=a", resume=AUTO) == 0
    assert "no unfinished run of this configuration; starting one" in capsys.readouterr().out
    stopped(5, [*SHORT, "name=b"], monkeypatch)
    stopped(4, [*SHORT, "name=c", "optimizer.learning_rate=0.5"], monkeypatch)
    stopped(3, [*SHORT, "name=d", "seed=3"], monkeypatch)
    b, c, d = (next(Path("outputs").glob(f"*/*-{name}")) for name in "bcd")
    capsys.readouterr()
    assert go(*SHORT, "trainer.epochs=3", resume=AUTO) == 0  # more epochs are the same configuration
    assert f"going on with {b}\n" in capsys.readouterr().out
    assert json.loads((b / "status.json").read_text())["step"] == 18
    assert go(*SHORT, "seed=3", resume=AUTO) == 0
    assert f"going on with {d}\n" in capsys.readouterr().out
    with RunFolder(c).locked(resume=True):  # somebody trains it
        assert go(*SHORT, "name=e", "optimizer.learning_rate=0.5", resume=AUTO) == 0
    assert "starting one" in capsys.readouterr().out
    assert {name[9:]: state for name, state in runs().items()} == {
        "a": "finished", "b": "finished", "c": "stopped", "d": "finished", "e": "finished"
    }  # fmt: skip


def test_auto_in_a_folder_that_is_given_starts_there_and_goes_on_there(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    here = [*SHORT, "hydra.run.dir=here"]
    stopped(3, here, monkeypatch, resume=AUTO)
    stopped(7, here, monkeypatch, resume=AUTO)
    assert go(*here, resume=AUTO) == 0
    assert go(*SHORT, "hydra.run.dir=unbroken") == 0
    found, expected = (read_state(Path(name) / "checkpoints" / "step-00000012").state for name in ("here", "unbroken"))
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array, err_msg=name)
    assert Path("here/metrics.csv").read_text() == Path("unbroken/metrics.csv").read_text()


def test_auto_imports_no_module_that_only_another_run_names(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = Path("outputs/2026-01-01/00-00-00-strange")
    shutil.copytree(BEGUN, folder)
    (tmp_path / "strange.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    config = folder / "config.yaml"
    config.write_text(config.read_text().replace("plugins: [models]", "plugins: [strange]"))
    assert prepare(SHORT, Source(resume=AUTO)).folder is None
