"""What the studies share: their runs, and what is written of them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from experiments.reporting import runs
from experiments.reporting.machine import describe
from experiments.reporting.readme import BEGIN, END, table, write_measured
from framework.config.loader import ROOT


def test_what_was_measured_replaces_what_stood_between_the_marks(tmp_path: Path):
    readme = tmp_path / "README.md"
    readme.write_text(f"# A study\n{BEGIN}\nold\n{END}\nthe end\n", encoding="utf-8")
    write_measured(readme, table(["a", "b"], [["1", "2"]]))
    write_measured(readme, table(["a", "b"], [["3", "4"]]))
    assert readme.read_text(encoding="utf-8").splitlines() == [
        "# A study", BEGIN, "", "| a | b |", "| --- | --- |", "| 3 | 4 |", "", END, "the end",
    ]  # fmt: skip


def test_a_readme_without_marks_is_left_alone(tmp_path: Path):
    readme = tmp_path / "README.md"
    readme.write_text("nothing", encoding="utf-8")
    with pytest.raises(ValueError, match="has no lines"):
        write_measured(readme, ["a"])
    assert readme.read_text(encoding="utf-8") == "nothing"


READMES = sorted((ROOT / "experiments").glob("*/README.md"))


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.parent.name)
def test_pictures_and_links_of_a_study_are_there(readme: Path):
    text = readme.read_text(encoding="utf-8")
    targets = [part.split(")")[0] for part in text.split("](")[1:]]
    local = [target for target in targets if "://" not in target and not target.startswith("#")]
    assert [target for target in local if not (readme.parent / target.split("#")[0]).exists()] == []


def test_epochs_are_means_of_their_rows(tmp_path: Path):
    rows = ["step,epoch,train/loss,validation/loss", "1,1,1.0,", "2,1,3.0,0.5", "3,2,5.0,", "4,2,7.0,0.25"]
    (tmp_path / "metrics.csv").write_text("\n".join(rows) + "\n")
    assert runs.epochs(tmp_path, "train/loss") == [2.0, 6.0]
    assert runs.epochs(tmp_path, "validation/loss") == [0.5, 0.25]


def test_finished_runs_are_kept_and_begun_ones_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name, state in (("done", "finished"), ("begun", "stopped")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "status.json").write_text(json.dumps({"state": state}))
    called = []
    monkeypatch.setattr(subprocess, "run", lambda command, check: called.append(command[2:]))
    runs.train({tmp_path / name: ["experiments=x", "seed=1"] for name in ("done", "begun", "new")})
    assert called == [[f"resume={tmp_path}/begun"], ["experiments=x", "seed=1", f"hydra.run.dir={tmp_path}/new"]]


def test_the_machine_is_one_line():
    assert "\n" not in describe()
    assert "Python 3" in describe()
