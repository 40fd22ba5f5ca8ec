"""Sweeps from the command line to their answer: equal to runs alone, compiled once, unharmed by what goes wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from matplotlib.image import imread
from typer.testing import CliRunner

from framework.cli import application as verbs
from framework.config.arguments import parse
from framework.config.check import check
from framework.config.loader import Source
from framework.errors import ConfigError, RunFolderError
from framework.launch import prepare, start_sweep
from framework.runtime import program
from framework.sweep.ledger import Ledger, SweepError
from framework.train.engine import Engine
from framework.train.past_run import Run
from framework.train.run import resume, run

SMALL = ["model=perceptron", "dataset=iris", "trainer.epochs=2", "trainer.device=cpu", "optimizer=sgd"]
RATES = "optimizer.learning_rate=0.1,0.2,0.4"


def test_a_trial_is_the_run_alone_bit_for_bit(sweep):
    assert sweep(RATES, "seed=5,6") == 0
    alone = prepare([*SMALL, "optimizer.learning_rate=0.2", "seed=6"], Source())
    run(alone.experiment, Path("alone"), alone.composed)
    assert Path("s/3/metrics.csv").read_bytes() == Path("alone/metrics.csv").read_bytes()
    assert Path("s/3/config.yaml").read_bytes() == Path("alone/config.yaml").read_bytes()
    for which in ("latest", "best"):
        found, expected = Run("s/3", which).checkpoint, Run("alone", which).checkpoint
        assert (found.step, found.progress) == (expected.step, expected.progress)
        assert found.state.keys() == expected.state.keys()
        for name in expected.state:
            np.testing.assert_array_equal(found.state[name], expected.state[name], err_msg=name)
    status = [json.loads(Path(folder, "status.json").read_text()) for folder in ("s/3", "alone")]
    assert status[0]["metrics"] == status[1]["metrics"]
    assert Run("s/3").evaluate("test") == Run("alone").evaluate("test")


def test_trials_of_one_program_are_compiled_once(sweep, monkeypatch):
    monkeypatch.setattr(program, "_programs", {})  # what other tests have compiled is not counted
    assert sweep(RATES, "seed=1,2") == 0
    experiment = check(yaml.safe_load(Path("s/0/config.yaml").read_text()))
    assert Engine(experiment, experiment.dataset.load()).compilations == 1


def test_the_folder_of_a_trial_and_of_the_sweep(sweep):
    assert sweep("seed=1,2") == 0
    names = {path.name.partition(".tfevents")[0] for path in Path("s/1").iterdir()}
    assert names == {"config.yaml", "status.json", "metrics.csv", "events.out", "train", "validation", "test"}
    assert {path.name for path in Path("s").iterdir()} >= {"ledger.jsonl", "results.csv", "best.yaml", "groups"}
    (group,) = Path("s/groups").iterdir()
    assert {path.name for path in group.iterdir()} >= {"graph.pb", "plan.txt", "data.json", "checkpoints.bin"}
    best = prepare(["trainer.epochs=2"], Source(directory=Path("s").resolve(), name="best"))
    assert best.composed.tree == yaml.safe_load(Path("s/best.yaml").read_text())


def test_the_curves_of_a_trial_are_drawn_when_they_are_asked_for(sweep):
    assert sweep("seed=1,2") == 0
    assert not Path("s/1/curves.png").exists()
    asked = CliRunner().invoke(verbs, ["curves", "run=s/1"])
    assert (asked.exit_code, asked.stdout) == (0, "written to s/1/curves.png\n")
    assert min(imread("s/1/curves.png").shape[:2]) > 200
    asked = CliRunner().invoke(verbs, ["curves", "run=s"])
    assert (asked.exit_code, asked.stderr) == (
        1,
        "'s' is a sweep, whose curves are in s/pictures; one of its trials: run=s/0\n",
    )
    Path("s/1/metrics.csv").unlink()
    asked = CliRunner().invoke(verbs, ["curves", "run=s/1"])
    assert asked.exit_code == 1
    assert "nothing has been reported" in asked.stderr


def test_a_trial_can_go_on_by_itself(sweep):
    assert sweep("seed=1,2") == 0
    longer = prepare(["trainer.epochs=4"], Source(resume=Path("s/1")))
    resume(longer.experiment, Path("s/1"), longer.composed)
    alone = prepare([*SMALL, "seed=2", "trainer.epochs=4", "schedule=constant"], Source())
    assert Run("s/1").status.step == Run("s/1").checkpoint.step == 2 * Run("s/0").checkpoint.step
    assert alone.experiment.trainer.epochs == Run("s/1").experiment.trainer.epochs


def test_a_trial_that_diverges_harms_no_other(sweep, capsys, table):
    assert sweep("optimizer.learning_rate=0.1,1e38,0.2", "schedule=constant", "sweep.retry=2") == 1
    rows = {row["trial"]: row for row in table()}
    assert [rows[name]["state"] for name in "012"] == ["finished", "failed", "finished"]
    assert "DivergenceError" in rows["1"]["error"]
    assert "the loss is" in Path("s/1/error.txt").read_text()
    assert rows["1"]["rank"] == ""
    assert Ledger.read(Path("s")).outcomes[rows["1"]["id"]].attempt == 1  # the same numbers diverge again
    alone = prepare([*SMALL, "optimizer.learning_rate=0.2", "schedule=constant"], Source())
    run(alone.experiment, Path("alone"), alone.composed)
    assert Path("s/2/metrics.csv").read_bytes() == Path("alone/metrics.csv").read_bytes()


def test_a_failure_may_end_the_sweep(sweep, go_on, capsys, table):
    assert sweep("optimizer.learning_rate=1e38,0.1,0.2", "schedule=constant", "sweep.on_failure=stop") == 1
    assert [row["state"] for row in sorted(table(), key=lambda row: row["trial"])] == ["failed", "waiting", "waiting"]
    assert go_on("sweep.on_failure=continue") == 1
    assert [row["state"] for row in sorted(table(), key=lambda row: row["trial"])] == ["failed", "finished", "finished"]


def test_a_sweep_goes_on_where_it_was_killed(sweep, go_on, table):
    assert sweep(RATES, "seed=1,2") == 0
    unbroken = table()
    lines = Path("s/ledger.jsonl").read_text().splitlines(keepends=True)
    untouched = {name: Path("s", name, "metrics.csv").stat().st_mtime_ns for name in "01"}
    # As a kill leaves it: two trials have finished, the third was running, and a line was cut off.
    Path("s/ledger.jsonl").write_text("".join(lines[: 1 + 6 + 5]) + lines[12][:20])
    Path("s/results.csv").unlink()
    shutil.rmtree("s/4")
    Path("s/3/status.json").unlink()
    assert go_on() == 0
    assert table() == unbroken
    assert {name: Path("s", name, "metrics.csv").stat().st_mtime_ns for name in "01"} == untouched
    assert all(Run(Path("s", name)).checkpoint.step for name in "012345")


def test_editing_a_file_meanwhile_changes_nothing(sweep, go_on, tmp_path):
    (tmp_path / "conf" / "model").mkdir(parents=True)
    own = tmp_path / "conf" / "model" / "own.yaml"
    own.write_text(
        "layers: {flat: {type: flatten}, logits: {type: dense, units: num_classes}}\noutputs: {logits: logits}"
    )
    assert sweep("--config-dir", "conf", "model=own", "seed=1,2") == 0
    Path("s/ledger.jsonl").write_text("".join(Path("s/ledger.jsonl").read_text().splitlines(keepends=True)[:4]))
    own.write_text("layers: nothing")
    assert go_on() == 0


def test_a_sweep_whose_code_builds_another_graph_does_not_go_on(sweep, go_on):
    assert sweep("seed=1,2") == 0
    ledger = Path("s/ledger.jsonl")
    lines = [json.loads(line) for line in ledger.read_text().splitlines()]
    for line in lines[1:3]:
        line["trial"]["fingerprint"] = "0" * 64
    ledger.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    with pytest.raises(SweepError, match="builds another graph of trial 0"):
        go_on()


def test_other_versions_are_said(sweep, go_on, capsys):
    assert sweep("seed=1,2") == 0
    text = Path("s/ledger.jsonl").read_text()
    first = json.loads(text.splitlines()[0])
    first["sweep"]["versions"]["jax"] = "0.0.1"
    Path("s/ledger.jsonl").write_text(json.dumps(first) + "\n" + text.partition("\n")[2])
    assert go_on() == 0
    assert "since this sweep began: jax is" in capsys.readouterr().out


def test_two_sweeps_in_one_folder_are_refused(sweep, go_on):
    assert sweep("seed=1,2") == 0
    before = Path("s/ledger.jsonl").read_bytes()
    with pytest.raises(SweepError, match="-m resume=s"):
        sweep("seed=3,4")
    assert Path("s/ledger.jsonl").read_bytes() == before


def test_a_folder_in_use_is_refused(sweep, go_on):
    from framework.train.folder import RunFolder

    assert sweep("seed=1,2") == 0
    with RunFolder(Path("s")).locked(resume=True), pytest.raises(RunFolderError, match="in use by process"):
        go_on()


def test_what_cannot_go_on(sweep, go_on):
    with pytest.raises(SweepError, match="'s' is no sweep folder"):
        go_on()
    assert not Path("s").exists()
    assert sweep("seed=1,2") == 0
    with pytest.raises(ConfigError, match=r"only sweep\.\* and a launcher"):
        go_on("optimizer.learning_rate=3")
    with pytest.raises(ConfigError, match="must be at least 0, found -1"):
        go_on("sweep.retry=-1")
    Path("s/ledger.jsonl").write_text("nothing\n")
    with pytest.raises(SweepError, match="does not begin as a ledger"):
        go_on()


def test_a_disk_that_is_full_loses_nothing(sweep, go_on, monkeypatch, table):
    from framework.train.stack import Stack

    add, calls = Stack.add, []

    def full(self, *given):
        calls.append(given)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        add(self, *given)

    monkeypatch.setattr(Stack, "add", full)
    assert sweep("seed=1,2,3") == 1
    assert sorted(row["state"] for row in table()) == ["failed", "finished", "finished"]
    assert go_on() == 0
    assert [row["state"] for row in table()] == ["finished"] * 3


def test_left_out_combinations_are_said(sweep, capsys):
    assert sweep("seed=1,-1", "sweep.on_invalid=skip") == 0
    error = capsys.readouterr().err
    assert "left out  seed=-1" in error
    assert "must be at least 0, found -1" in error
    assert "nothing was run" not in error


def test_folders_may_be_named(sweep):
    assert sweep("seed=1,2", "hydra.sweep.subdir=${hydra.job.override_dirname}") == 0
    assert Run("s/seed=1").experiment.seed == 1
    with pytest.raises(ConfigError, match="two trials would be kept in the folder 'x'"):
        start_sweep(parse(["-m", *SMALL, "seed=1,2", "hydra.sweep.dir=t", "hydra.sweep.subdir=x"]))


def test_results_are_ranked_over_seeds(sweep, capsys, table):
    assert sweep("optimizer.learning_rate=0.001,0.5", "seed=1,2,3", "sweep.metric=test/accuracy") == 0
    rows = table()
    assert [row["optimizer.learning_rate"] for row in rows] == ["0.5"] * 3 + ["0.001"] * 3
    values = [float(row["test/accuracy"]) for row in rows[:3]]
    assert float(rows[0]["mean"]) == pytest.approx(np.mean(values))
    assert float(rows[0]["deviation"]) == pytest.approx(np.std(values, ddof=1))
    assert "3/3" in capsys.readouterr().out
    assert yaml.safe_load(Path("s/best.yaml").read_text())["optimizer"]["learning_rate"] == 0.5


def test_past_trials_are_listed_and_one_that_runs_is_not_called_killed(sweep):
    from framework.train.folder import RunFolder
    from framework.train.runs import answer, parse

    assert sweep("seed=1,2") == 0
    assert [run.state for run in answer(parse(["s", "seed=2"]))] == ["finished"]
    status = Path("s/1/status.json")
    status.write_text(status.read_text().replace('"finished"', '"running"'))
    assert [run.state for run in answer(parse(["s", "seed=2"]))] == ["killed"]
    with RunFolder(Path("s")).locked(resume=True):
        assert [run.state for run in answer(parse(["s", "seed=2"]))] == ["running"]
