"""Checkpoints are whole or not there, whatever happens while they are written and after."""

from __future__ import annotations

import errno
import json
import logging
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

from framework import files
from framework.errors import CheckpointError
from framework.runtime import saved_state
from framework.runtime.saved_state import FORMAT
from framework.train import checkpoint
from framework.train.checkpoint import Checkpoints

FORMATS = Path(__file__).with_name("formats")  # runs that older versions began, a folder a format
STATE = {
    "dense/kernel": np.arange(6, dtype=np.float32).reshape(2, 3),
    "Train/adam/count": np.int32(7),
    "half": np.linspace(-3, 3, 5).astype(ml_dtypes.bfloat16),
    "mask": np.array([True, False]),
    "empty": np.zeros((0, 4), np.float32),
    "transposed": np.arange(6, dtype=np.int32).reshape(2, 3).T,
}


def save(checkpoints: Checkpoints, *steps: int, best: int | None = None) -> None:
    for step in steps:
        checkpoints.save(step, {"w": np.full(3, step, np.float32)}, {"step": step}, best=step == best)


def step_of(checkpoint) -> int | None:
    return None if checkpoint is None else checkpoint.step


def test_what_is_saved_is_read_again(tmp_path: Path):
    progress = {"step": 40, "sums": {"loss": 0.1 + 0.2}, "best": None}
    path = Checkpoints(tmp_path / "a/b", 3).save(40, STATE, progress)
    assert path == tmp_path / "a/b/step-00000040"
    assert sorted(file.name for file in path.iterdir()) == ["manifest.json", "progress.json", "state.safetensors"]

    found = Checkpoints(tmp_path / "a/b", 3).latest()
    assert found is not None
    assert (found.step, found.progress) == (40, progress)
    assert list(found.state) == sorted(STATE) or set(found.state) == set(STATE)
    for name, expected in STATE.items():
        assert found.state[name].dtype == expected.dtype
        assert found.state[name].shape == expected.shape
        assert found.state[name].tobytes() == expected.tobytes()


def test_an_empty_folder_has_no_checkpoint(tmp_path: Path):
    checkpoints = Checkpoints(tmp_path, 1)
    assert checkpoints.latest() is None
    assert checkpoints.best() is None
    assert checkpoints.steps() == []


def test_the_newest_and_the_best_are_kept(tmp_path: Path):
    checkpoints = Checkpoints(tmp_path, 2)
    save(checkpoints, 10, 20, 30, 40, 50, best=20)
    assert checkpoints.steps() == [20, 40, 50]
    assert step_of(checkpoints.best()) == 20
    assert step_of(checkpoints.latest()) == 50
    save(checkpoints, 60, best=60)
    assert checkpoints.steps() == [50, 60]
    assert step_of(checkpoints.best()) == 60


def test_what_was_just_saved_is_never_removed(tmp_path: Path):
    checkpoints = Checkpoints(tmp_path, 1)
    save(checkpoints, 500, 20)
    assert 20 in checkpoints.steps()


def test_a_process_killed_while_it_removes_leaves_no_half_of_a_checkpoint(tmp_path: Path, caplog, monkeypatch):
    class KilledError(BaseException):
        pass

    def remove_one_file(folder: Path, **_: object) -> None:
        (folder / "manifest.json").unlink()
        raise KilledError

    checkpoints = Checkpoints(tmp_path, 1)
    save(checkpoints, 10, best=10)
    save(checkpoints, 20)
    with monkeypatch.context() as patched:
        patched.setattr(checkpoint.shutil, "rmtree", remove_one_file)
        with pytest.raises(KilledError):
            save(checkpoints, 30, best=30)
    assert checkpoints.steps() == [30]
    assert step_of(checkpoints.latest()) == step_of(checkpoints.best()) == 30
    save(checkpoints, 40)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step-00000030", "step-00000040"]
    assert not caplog.records


def test_what_a_killed_process_did_not_come_to_remove_is_removed_by_the_next(tmp_path: Path):
    everything, two = Checkpoints(tmp_path, keep=9), Checkpoints(tmp_path, keep=2)
    save(everything, 1, 2, 3, 4, best=2)
    (tmp_path / "step-00000001").rename(tmp_path / ".removing-step-00000001")
    two.tidy()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step-00000002", "step-00000003", "step-00000004"]
    save(everything, 5)
    two.tidy(spare=3)
    assert two.steps() == [2, 3, 4, 5]


def test_the_same_step_can_be_saved_again(tmp_path: Path):
    checkpoints = Checkpoints(tmp_path, 2)
    save(checkpoints, 10, best=10)
    checkpoints.save(10, {"w": np.ones(2, np.float32)}, {"again": True})
    found = checkpoints.best()
    assert found is not None
    assert found.progress == {"again": True}
    assert [path.name for path in tmp_path.iterdir()] == ["step-00000010"]


def test_a_step_whose_replacement_was_cut_short_is_still_there(tmp_path: Path):
    checkpoints = Checkpoints(tmp_path, 1)
    save(checkpoints, 10, best=10)
    (tmp_path / "step-00000010").rename(tmp_path / "step-00000010.replaced")
    assert step_of(checkpoints.latest()) == 10
    save(checkpoints, 20)
    assert step_of(checkpoints.best()) == 10
    save(checkpoints, 30, best=30)
    assert [path.name for path in tmp_path.iterdir()] == ["step-00000030"]


FILES = ("state.safetensors", "progress.json", "manifest.json")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["cut", "emptied", "deleted", "longer"])
def test_a_damaged_file_is_noticed_and_the_checkpoint_before_is_used(tmp_path: Path, caplog, name: str, damage: str):
    checkpoints = Checkpoints(tmp_path, 3)
    save(checkpoints, 10, 20)
    file = tmp_path / "step-00000020" / name
    content = file.read_bytes()
    if damage == "deleted":
        file.unlink()
    else:
        file.write_bytes({"cut": content[:-1], "emptied": b"", "longer": content + b"x"}[damage])
    with caplog.at_level(logging.WARNING, logger="framework"):
        assert step_of(checkpoints.latest()) == 10
    assert "step-00000020 is damaged" in caplog.text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["damaged-step-00000020", "step-00000010"]
    save(checkpoints, 20)
    assert step_of(checkpoints.latest()) == 20


@pytest.mark.parametrize("name", FILES)
def test_no_flipped_bit_goes_unnoticed(tmp_path: Path, name: str):
    checkpoints = Checkpoints(tmp_path, 3)
    save(checkpoints, 10)
    folder, aside = tmp_path / "step-00000010", tmp_path / "damaged-step-00000010"
    content = (folder / name).read_bytes()
    logging.getLogger("framework").setLevel(logging.ERROR)
    try:
        for bit in range(8 * len(content)):
            flipped = bytearray(content)
            flipped[bit // 8] ^= 1 << bit % 8
            (folder / name).write_bytes(flipped)
            assert checkpoints.latest() is None, f"bit {bit}"
            aside.rename(folder)
    finally:
        logging.getLogger("framework").setLevel(logging.NOTSET)
    (folder / name).write_bytes(content)
    assert step_of(checkpoints.latest()) == 10


def test_a_damaged_best_gives_way_to_the_best_before(tmp_path: Path):
    checkpoints = Checkpoints(tmp_path, 5)
    save(checkpoints, 10, best=10)
    save(checkpoints, 20, best=20)
    (tmp_path / "step-00000020/state.safetensors").write_bytes(b"")
    assert step_of(checkpoints.best()) == 10


def test_a_format_of_another_version_is_not_read(tmp_path: Path, caplog):
    checkpoints = Checkpoints(tmp_path, 5)
    save(checkpoints, 10)
    manifest = tmp_path / "step-00000010/manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "format": 2}))
    assert checkpoints.latest() is None
    assert "its format is 2, this version reads 1" in caplog.text


def test_every_format_there_has_been_is_read(tmp_path: Path):
    copies = shutil.copytree(FORMATS, tmp_path / "formats")
    folders = {int(folder.name): folder for folder in copies.iterdir()}
    assert sorted(folders) == list(range(1, FORMAT + 1)), "a new format brings a run of the one before along"
    for folder in folders.values():
        checkpoints = Checkpoints(folder / "checkpoints", 3)
        found = checkpoints.latest()
        assert found is not None
        assert (found.step, found.progress["step"], checkpoints.steps()) == (42, 42, [36, 42])
        assert found.state["fc1/kernel"].shape == (4, 6)
        assert found.state["Train/ema/fc1/kernel"].dtype == np.float32
        assert step_of(checkpoints.best()) == 42


def test_files_are_on_the_disk_before_their_names_are(tmp_path: Path, monkeypatch):
    done: list[str] = []
    sync, rename = files.os.fsync, Path.rename

    def name_of(handle: int) -> str:
        return Path(f"/proc/self/fd/{handle}").resolve().name

    def noted_rename(path: Path, target: Path) -> Path:
        done.append(f"{path.name} -> {target.name}")
        return rename(path, target)

    monkeypatch.setattr(files.os, "fsync", lambda handle: (done.append(name_of(handle)), sync(handle)))
    monkeypatch.setattr(Path, "rename", noted_rename)
    save(Checkpoints(tmp_path / "run" / "checkpoints", 3), 10)
    temporary = ".writing-step-00000010"
    made, written = [tmp_path.name, "run"], ["state.safetensors", "progress.json", "manifest.json", temporary]
    assert done == [*made, *written, f"{temporary} -> step-00000010", "checkpoints"]


@pytest.mark.parametrize(("number", "is_lost"), [(errno.EMFILE, False), (errno.EACCES, False), (errno.EIO, True)])
def test_a_checkpoint_that_cannot_be_read_just_now_is_not_taken_for_damaged(
    tmp_path: Path, monkeypatch, number: int, is_lost: bool
):
    checkpoints = Checkpoints(tmp_path, 3)
    save(checkpoints, 10, 20)
    read = saved_state.read_whole

    def refused(path: Path, at_most: int) -> bytes:
        if path.parent.name == "step-00000020":
            raise OSError(number, os.strerror(number), str(path))
        return read(path, at_most)

    with monkeypatch.context() as patched:
        patched.setattr(saved_state, "read_whole", refused)
        if is_lost:
            assert step_of(checkpoints.latest()) == 10
        else:
            with pytest.raises(CheckpointError, match=f"cannot read '.*step-00000020': {os.strerror(number)}"):
                checkpoints.latest()
    assert step_of(checkpoints.latest()) == (10 if is_lost else 20)


def test_a_full_disk_leaves_the_earlier_checkpoints(tmp_path: Path, monkeypatch):
    checkpoints = Checkpoints(tmp_path, 1)
    save(checkpoints, 10)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(files.os, "fsync", full)
        with pytest.raises(CheckpointError, match=r"step 20 .* No space left on device; free the disk"):
            save(checkpoints, 20)
    assert [path.name for path in tmp_path.iterdir()] == ["step-00000010"]
    assert step_of(checkpoints.latest()) == 10


def test_a_write_that_is_refused_half_way_leaves_the_earlier_checkpoints(tmp_path: Path):
    checkpoints = Checkpoints(tmp_path, 3)
    save(checkpoints, 10)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 10, before[1]))
    try:
        with pytest.raises(CheckpointError, match="File too large"):
            checkpoints.save(20, {"w": np.ones(100_000, np.float32)}, {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.name for path in tmp_path.iterdir()] == ["step-00000010"]
    assert step_of(checkpoints.latest()) == 10


def test_a_folder_that_cannot_be_made_is_a_mistake_of_the_user(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError, match="cannot make the folder"):
        Checkpoints(tmp_path / "file" / "checkpoints", 1)


WRITER = """
import sys
from pathlib import Path
import numpy as np
from framework.train.checkpoint import Checkpoints
checkpoints = Checkpoints(Path(sys.argv[1]), 2)
for step in range(1, 100000):
    checkpoints.save(step // 2 + 1, {"w": np.full(50_000, step // 2 + 1, np.float32)}, {"step": step // 2 + 1})
    print(step // 2 + 1, flush=True)
"""


@pytest.mark.parametrize("seed", range(4))
def test_a_process_killed_while_it_saves_loses_nothing_it_had_saved(tmp_path: Path, caplog, seed: int):
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    writer.stdout.readline()
    time.sleep(random.Random(seed).uniform(0.005, 0.1))
    writer.kill()
    saved = [int(line) for line in writer.stdout.read().split()]
    writer.wait()
    checkpoints = Checkpoints(tmp_path, 2)
    found = checkpoints.latest()
    assert found is not None
    assert found.step >= max(saved, default=1)
    np.testing.assert_array_equal(found.state["w"], np.full(50_000, found.step, np.float32))
    assert not caplog.records
    save(checkpoints, found.step + 1)
    assert not list(tmp_path.glob(".*")), "half-written folders are cleared away"


def test_a_reader_does_not_disturb_the_process_that_saves(tmp_path: Path):
    half_written = tmp_path / ".writing-step-00000020"
    half_written.mkdir()
    checkpoints = Checkpoints(tmp_path, 1)
    assert checkpoints.latest() is None
    assert half_written.is_dir()
    shutil.rmtree(half_written)
