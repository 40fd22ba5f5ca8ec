"""The compile cache: what one process compiled, another takes; and whatever is wrong with it costs time alone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from framework.config.loader import ROOT
from framework.runtime.compile_cache import LIMIT, Compilations, _keep_within

# A program of the engine, and how it came to be. The value is exact, so whatever goes wrong it must be the same.
PROGRAM = """
import logging, sys
logging.basicConfig(format="%(message)s", stream=sys.stdout)
import framework.tf as tf
from framework.runtime.compile_cache import compilations, enable
x = tf.placeholder(tf.float32, [3], name="x")
y = tf.reduce_sum(tf.square(x)) * 2.0
with tf.Session() as session:
    print("value", session.run(y, {x: [1.0, 2.0, 3.0]}))
found = compilations()
print("counts", found.compiled, found.taken, found.saved > 0)
print("folder", enable())
"""


def program(cache: Path, before: str = "", after: str = "", **environment: str) -> list[str]:
    """The lines that the program prints in a process of its own, the first of which is the value."""
    given = {**os.environ, "GRAPHWRIGHT_CACHE": str(cache), "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run(
        [sys.executable, "-c", before + PROGRAM + after], env=given, capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    assert "value 28.0" in lines
    assert done.stderr == ""
    return lines


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A cache that one process has filled, and what that process said."""
    cache = tmp_path_factory.mktemp("cache")
    return cache, program(cache)


def entries(cache: Path) -> list[Path]:
    return sorted(cache.glob("programs/*/*-cache"))


def test_what_was_compiled_is_taken_and_what_another_machine_left_is_cleared(filled: tuple[Path, list[str]]) -> None:
    cache, first = filled
    assert "counts 1 0 False" in first
    (folder,) = (cache / "programs").iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    forgotten = cache / "programs" / "of-another-machine"
    forgotten.mkdir()
    os.utime(forgotten, (1.0, 1.0))
    assert "counts 0 1 True" in program(cache)
    assert not forgotten.exists()


def test_what_was_used_least_lately_makes_room(tmp_path: Path) -> None:
    for number in range(30):
        path = tmp_path / f"{number}-cache"
        path.write_bytes(bytes(100))
        os.utime(path, (1000.0 + number, 500.0))
    os.utime(tmp_path / "3-cache", (2000.0, 500.0))  # it was read again
    _keep_within(tmp_path, 3000)
    assert len(list(tmp_path.iterdir())) == 30
    _keep_within(tmp_path, 1000)
    assert {path.name for path in tmp_path.iterdir()} == {f"{number}-cache" for number in (3, *range(22, 30))}


def test_a_process_that_compiles_looks_after_the_size(tmp_path: Path) -> None:
    before = "import framework.runtime.compile_cache as cache; cache.LIMIT = 0\n"
    wait = "import threading; [t.join() for t in threading.enumerate() if t.name == 'compile cache']\n"
    lines = program(tmp_path, before, wait)
    assert "counts 1 0 False" in lines
    assert entries(tmp_path) == []


# As on a full disk: no file can grow beyond a few bytes.
SMALL_FILES = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))"


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such limit")
def test_a_full_disk_is_said_once_and_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    lines = program(tmp_path, SMALL_FILES)
    assert sum("cannot be written: OSError" in line for line in lines) == 1
    assert entries(tmp_path) == []


@pytest.mark.parametrize("age", [3600.0, 1.0])
def test_a_damaged_entry_is_said_once_and_made_anew(filled: tuple[Path, list[str]], age: float) -> None:
    cache, _ = filled
    for path in entries(cache):
        path.write_bytes(path.read_bytes()[:-20] + b"x" * 20)
        os.utime(path, (time.time() - age,) * 2)
    lines = program(cache)
    # A young one may be another process's that is just writing it, or was killed then.
    assert sum("had a damaged entry, which is made anew" in line for line in lines) == (age > 60.0)
    assert "counts 1 0 False" in lines
    assert "counts 0 1 True" in program(cache)


def test_a_cache_that_cannot_be_used_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    lines = program(tmp_path / "file")
    assert sum("compiled programs cannot be kept in" in line for line in lines) == 1
    assert "counts 1 0 False" in lines
    assert "folder None" in lines


@pytest.mark.skipif(os.name != "posix", reason="other systems have other permissions")
def test_a_folder_that_others_may_write_is_not_used(filled: tuple[Path, list[str]]) -> None:
    cache, _ = filled
    (folder,) = (cache / "programs").iterdir()
    folder.chmod(0o777)
    try:
        lines = program(cache)
    finally:
        folder.chmod(0o700)
    assert any("others may write into it" in line for line in lines)
    assert "counts 1 0 False" in lines


def test_a_cache_of_ones_own_is_left_alone(tmp_path: Path) -> None:
    own = tmp_path / "own"
    lines = program(tmp_path / "ours", JAX_COMPILATION_CACHE_DIR=str(own))
    assert "folder None" in lines
    assert not (tmp_path / "ours").exists()


def test_the_counts_are_told_as_a_difference() -> None:
    before, after = Compilations(1, 0, 0.5, 0.0), Compilations(2, 3, 0.75, 4.25)
    assert str(after - before) == "1 compiled, 3 from the cache, which took 4.2 s to compile; 0.2 s for all"
    assert (after - before).to_json() == {"compiled": 1, "taken": 3, "seconds": 0.25, "saved": 4.25}
    assert LIMIT == 2**30
