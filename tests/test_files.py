"""A file that is replaced is the old one or the new one."""

from __future__ import annotations

import os
import random
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from framework import files
from framework.files import write_atomically

WRITER = """
import sys
from pathlib import Path
from framework.files import write_atomically
for number in range(100000):
    write_atomically(Path(sys.argv[1]), f"{number % 10}" * 200_000)
    print(number, flush=True)
"""


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_writer_leaves_a_whole_file(tmp_path: Path, seed: int):
    path = tmp_path / "file"
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    writer.stdout.readline()
    time.sleep(random.Random(seed).uniform(0.002, 0.05))
    writer.kill()
    written = [0, *map(int, writer.stdout.read().split())]
    writer.wait()
    content = path.read_text()
    assert len(content) == 200_000
    assert set(content) <= {str(number % 10) for number in (written[-1], written[-1] + 1)}
    assert len(set(content)) == 1


def test_a_file_system_that_cannot_flush_a_folder_is_no_mistake(tmp_path: Path, monkeypatch):
    flush, refused = os.fsync, []

    def refuse_folders(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            refused.append(handle)
            raise OSError(22, "Invalid argument")
        flush(handle)

    monkeypatch.setattr(files.os, "fsync", refuse_folders)
    write_atomically(tmp_path / "file", "new")
    assert (tmp_path / "file").read_text() == "new"
    assert len(refused) == 1
