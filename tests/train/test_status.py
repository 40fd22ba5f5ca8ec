"""The status of a run is plain JSON that any reader can trust."""

from __future__ import annotations

import json
import math
import subprocess
from pathlib import Path

import pytest

from framework.errors import RunFolderError
from framework.train.folder import RunFolder
from framework.train.status import Status, commit, versions


def test_a_status_is_read_as_it_was_written(tmp_path: Path):
    status = Status(
        state="stopped",
        step=120,
        total_steps=500,
        metrics={"validation/accuracy": 0.9375},
        best={"monitor": "validation/accuracy", "higher_is_better": True, "value": 0.9375, "step": 100},
        versions=versions(),
    )
    status.write(RunFolder(tmp_path))
    assert Status.read(tmp_path) == status
    plain = json.loads((tmp_path / "status.json").read_text())
    assert plain["state"] == "stopped"
    assert plain["metrics"]["validation/accuracy"] == 0.9375
    assert set(plain["versions"]) >= {"python", "jax", "optax", "numpy"}


def test_a_number_that_is_not_finite_is_null(tmp_path: Path):
    Status(metrics={"train/loss": float("nan"), "train/accuracy": 0.5}).write(RunFolder(tmp_path))

    def refuse(name: str) -> None:
        pytest.fail(f"{name} is not JSON")

    plain = json.loads((tmp_path / "status.json").read_text(), parse_constant=refuse)
    assert plain["metrics"] == {"train/loss": None, "train/accuracy": 0.5}
    assert math.isnan(Status.read(tmp_path).metrics["train/loss"])


@pytest.mark.parametrize("content", [None, "", "{", "[1, 2]", '{"metrics": [1]}'])
def test_what_is_no_run_folder_is_refused(tmp_path: Path, content: str | None):
    if content is not None:
        (tmp_path / "status.json").write_text(content)
    with pytest.raises(RunFolderError, match="is no run folder"):
        Status.read(tmp_path)


def test_the_commit_is_the_one_git_names(tmp_path: Path):
    def git(*arguments: str, folder: Path = tmp_path) -> str:
        identity = ["-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "core.hooksPath=/dev/null"]
        found = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
        return found.stdout.strip()

    assert commit(tmp_path) is None
    git("init", "-q", "-b", "main")
    assert commit(tmp_path) is None
    git("commit", "-q", "--allow-empty", "-m", "first")
    first = git("rev-parse", "HEAD")
    assert commit(tmp_path) == first
    git("pack-refs", "--all")
    assert commit(tmp_path) == first
    git("worktree", "add", "-q", "-b", "side", "other")
    git("commit", "-q", "--allow-empty", "-m", "second", folder=tmp_path / "other")
    assert commit(tmp_path / "other") == git("rev-parse", "side") != first
    git("checkout", "-q", "--detach")
    assert commit(tmp_path) == first
