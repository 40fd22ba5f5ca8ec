"""A run folder belongs to one process, is never overwritten, and holds whole files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from framework import files
from framework.config.loader import Source
from framework.errors import RunFolderError
from framework.launch import prepare, start
from framework.train.folder import RunFolder

HOLDER = """
import sys, time
from pathlib import Path
from framework.train.folder import RunFolder
with RunFolder(Path(sys.argv[1])).locked():
    print("locked", flush=True)
    time.sleep(60)
"""


def test_a_second_process_is_told_who_has_the_folder(tmp_path: Path):
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        with (
            pytest.raises(RunFolderError, match=f"in use by process {holder.pid}; wait for it"),
            RunFolder(tmp_path).locked(),
        ):
            pass
    finally:
        holder.kill()
        holder.communicate()
    with RunFolder(tmp_path).locked():  # a lock dies with its process
        assert (tmp_path / ".lock").read_text() == str(os.getpid())


def test_the_lock_is_released_when_the_run_fails(tmp_path: Path):
    with pytest.raises(ZeroDivisionError), RunFolder(tmp_path).locked():
        _ = 1 / 0
    with RunFolder(tmp_path).locked() as folder:
        assert folder.path == tmp_path


def test_a_run_is_never_overwritten_but_can_go_on(tmp_path: Path):
    with RunFolder(tmp_path).locked() as folder:
        folder.write("status.json", "{}")
    with pytest.raises(RunFolderError, match=r"holds a run already; go on with resume="), RunFolder(tmp_path).locked():
        pass
    with RunFolder(tmp_path).locked(resume=True):
        pass


def test_files_are_replaced_whole(tmp_path: Path, monkeypatch):
    folder = RunFolder(tmp_path / "a" / "b")
    folder.write("plan.txt", "größer\n")
    folder.write("graph.pb", b"\x00\xff")
    assert (folder.path / "plan.txt").read_bytes() == "größer\n".encode()
    assert (folder.path / "graph.pb").read_bytes() == b"\x00\xff"

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(files.os, "fsync", full)
        with pytest.raises(RunFolderError, match=r"cannot write '.*plan\.txt': No space left on device"):
            folder.write("plan.txt", "new")
    assert (folder.path / "plan.txt").read_text() == "größer\n"
    assert sorted(path.name for path in folder.path.iterdir()) == ["graph.pb", "plan.txt"]


def test_a_folder_that_cannot_be_made_or_written_is_a_mistake_of_the_user(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFolderError, match=r"cannot make the folder .*: Not a directory; choose another"):
        RunFolder(tmp_path / "file" / "run")
    (tmp_path / "run" / ".lock").mkdir(parents=True)
    with (
        pytest.raises(RunFolderError, match=r"cannot write into .*: Is a directory"),
        RunFolder(tmp_path / "run").locked(),
    ):
        pass


def test_a_run_in_the_current_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = ["model=perceptron", "dataset=iris", "trainer.epochs=1", "hydra.run.dir=."]
    assert start(prepare(words, Source())) == 0
    assert "tensorboard --logdir .\n" in capsys.readouterr().out
    assert (tmp_path / "status.json").is_file()
