"""A disk that is full, read-only or gone, and a system without file handles: the run ends, and what it saved stays."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from framework.config.compose import Source
from framework.launch import answer, prepare, start
from framework.runtime.saved_state import read_state
from framework.train.checkpoint import Checkpoints
from framework.train.engine import Engine
from framework.train.folder import RunFolder

TINY = [
    "model=mlp", "dataset=iris", "model.layers.fc1.units=6", "model.layers.fc2.units=4", "trainer.batch_size=20",
    "trainer.epochs=5", "trainer.checkpoint_every=2 steps", "trainer.keep=100", "trainer.summaries.every=1 steps",
    "trainer.execution=step",
]  # fmt: skip
LAST = 30


def go(folder: Path, resume: bool = False) -> int:
    words = [] if resume else [*TINY, f"hydra.run.dir={folder}"]
    return answer(lambda: start(prepare(words, Source(resume=folder if resume else None))))


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unbroken") / "run"
    assert go(folder) == 0
    return folder


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few hundred kilobytes, where this machine lets a test mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount(folder, "-t", "tmpfs", "-o", "size=2m", "tmpfs")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def mount(folder: Path, *arguments: str) -> None:
    done = subprocess.run(["mount", *arguments, str(folder)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"only root can mount a disk: {done.stderr.strip()}")


def at_step(step: int, action: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets something happen to the system right after a step."""
    advance = Engine.advance

    def advance_to(self, state, first, end, is_stopping, **watched):
        state, records = advance(self, state, first, min(step, end) if first < step else end, is_stopping, **watched)
        if first + len(records) == step:
            action()
        return state, records

    monkeypatch.setattr(Engine, "advance", advance_to)


def assert_goes_on(folder: Path, unbroken: Path) -> None:
    assert go(folder, resume=True) == 0
    name = f"checkpoints/step-{LAST:08d}"
    found, expected = read_state(folder / name), read_state(unbroken / name)
    for variable, array in expected.state.items():
        np.testing.assert_array_equal(found.state[variable], array, err_msg=variable)
    assert (folder / "metrics.csv").read_text() == (unbroken / "metrics.csv").read_text()


def newest(folder: Path) -> int:
    saved = Checkpoints(folder / "checkpoints", 100).latest()
    assert saved is not None
    return saved.step


def test_a_full_disk(disk: Path, unbroken: Path, monkeypatch, capfd):
    folder = disk / "run"

    def fill() -> None:
        with (disk / "filler").open("wb") as stream:
            try:
                while True:
                    stream.write(bytes(4096))
                    stream.flush()
            except OSError:
                os.ftruncate(stream.fileno(), max(0, stream.tell() - 24_000))  # room for a part of what is written

    with monkeypatch.context() as patched:
        at_step(11, fill, patched)
        assert go(folder) == 1
    shown = capfd.readouterr().err
    assert "No space left on device" in shown
    assert "Traceback" not in shown
    assert "Logging error" not in shown
    assert newest(folder) >= 8
    (disk / "filler").unlink()
    assert_goes_on(folder, unbroken)


def test_a_disk_that_becomes_read_only(disk: Path, unbroken: Path, monkeypatch, capfd):
    folder, outside = disk / "run", disk.parent / "copy"

    def remount() -> None:  # files that are open for writing keep a disk from it, so its content goes elsewhere
        shutil.copytree(disk, outside)
        mount(disk, "-t", "tmpfs", "-o", "ro,size=2m", "tmpfs")

    with monkeypatch.context() as patched:
        at_step(11, remount, patched)
        assert go(folder) == 1
    subprocess.run(["umount", str(disk)], check=True)
    shown = capfd.readouterr().err
    assert any(text in shown for text in ("Read-only file system", "No such file or directory"))
    assert "Traceback" not in shown
    assert newest(folder) in (8, 10), "the last one may have been on its way"
    assert_goes_on(folder, unbroken)


def test_a_folder_that_vanishes(tmp_path: Path, unbroken: Path, monkeypatch, capfd):
    folder, kept = tmp_path / "run", tmp_path / "elsewhere"
    with monkeypatch.context() as patched:
        at_step(11, lambda: folder.rename(kept), patched)
        assert go(folder) == 1
    shown = capfd.readouterr().err
    assert "No such file or directory" in shown
    assert "Traceback" not in shown
    assert newest(kept) in (8, 10), "the last one may have been on its way"
    assert_goes_on(kept, unbroken)


def test_no_more_file_handles(tmp_path: Path, unbroken: Path, monkeypatch, capfd):
    folder, before = tmp_path / "run", resource.getrlimit(resource.RLIMIT_NOFILE)

    def use_up() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, before[1]))  # what is open stays so

    try:
        with monkeypatch.context() as patched:
            at_step(11, use_up, patched)
            status = go(folder)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert status == 1
    shown = capfd.readouterr().err
    assert "Too many open files" in shown
    assert "Traceback" not in shown
    assert newest(folder) in (8, 10), "the last one may have been on its way"
    assert_goes_on(folder, unbroken)


def test_a_second_process_is_refused(tmp_path: Path, unbroken: Path, capfd):
    folder = shutil.copytree(unbroken, tmp_path / "run")
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.name != ".lock"}
    with RunFolder(folder).locked(resume=True):
        assert go(folder, resume=True) == 1
        assert f"in use by process {os.getpid()}; wait for it to end" in capfd.readouterr().err
        assert go(folder) == 1
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.name != ".lock"} == before
