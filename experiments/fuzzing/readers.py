"""Feeds damaged and hostile files to every reader, and reports what became of them.

    python experiments/fuzzing/readers.py npz 20000 2026            one reader; the last number is the seed
    python experiments/fuzzing/readers.py all 100000 2026 --write   every reader, and the table of README.md

Every input is a valid file, or folder of files, of which bytes, numbers, names or entries were changed at random:
before it was packed or checksummed, or after. Each must be read, or refused by an error that a user can read; anything
else is a failure. With `--write` the report is kept as it grows: given again, the command goes on behind the last
input that was tried, and `--anew` begins at the first one.
"""

from __future__ import annotations

import argparse
import faulthandler
import logging
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from experiments.fuzzing.report import Report, record, recorded
from experiments.fuzzing.targets import READERS, Reader
from framework.errors import FrameworkError

ADDRESS_SPACE = 8 << 30  # bytes that a reader may ask for before it is a crash
PIECE = 5000  # inputs between two reports


def fuzz(reader: Reader, report: Report, count: int, folder: Path) -> None:
    """Tries inputs of a reader, in files below `folder`, until `count` of them have been tried."""
    for number in range(report.tried, count):
        draw = random.Random(f"{reader.name}/{report.seed}/{number}")
        _write(folder, reader.mutated(draw), number)
        report.attempt(f"{reader.name}, seed {report.seed}, input {number}", lambda: _answer(reader, folder))


def _answer(reader: Reader, folder: Path) -> str:
    try:
        reader.read(folder)
    except FrameworkError as error:
        str(error)
        return "refused"
    return "accepted"


def _write(folder: Path, files: dict[str, bytes], number: int) -> None:
    """Makes `folder` hold these files, and nothing else; of another time than those before, which caches go by."""
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        elif entry.name not in files:
            os.unlink(entry.path)
    for name, content in files.items():
        path = folder / name
        if "/" in name:
            path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, ns=(number, number))


def one(name: str, count: int, report: Report, is_kept: bool) -> Report:
    """Tries one reader in this process, whose memory is limited."""
    faulthandler.enable()
    logging.disable(logging.CRITICAL)
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    memory = Path("/dev/shm")  # files that never reach a disk
    reader = READERS[name]()
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        os.chdir(folder)
        inner = Path(folder, "input")
        inner.mkdir()
        _write(inner, reader.seeds[0], 0)
        reader.read(inner)  # a valid one, so that what is imported is not counted as time of the first input
        while report.tried < count:
            fuzz(reader, report, min(count, report.tried + PIECE), inner)
            if is_kept:
                record(f"readers: {name}", report)
                print(f"{name}: {report.tried:,} of {count:,}, {len(report.failures)} failures", flush=True)
        os.chdir("/")
    return report


def _apart(name: str, words: list[str]) -> bool:
    """Tries one reader in another process, which may even be killed by it; whether there was no failure."""
    status = subprocess.run([sys.executable, __file__, name, *words], check=False).returncode
    if status not in (0, 1):
        report = recorded(f"readers: {name}", int(words[1]))
        report.fail(f"{name}: the process died of {status} behind input {report.tried}")
        if "--write" in words:
            record(f"readers: {name}", report)
    return status == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reader", choices=["all", *READERS])
    parser.add_argument("count", type=int, nargs="?", default=1000)
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("--jobs", type=int, default=1, help="how many readers are tried at once")
    parser.add_argument("--write", action="store_true", help="keep the report, and put it into README.md")
    parser.add_argument("--anew", action="store_true", help="try again what has been tried")
    given = parser.parse_args()
    if given.reader == "all":
        words = [str(given.count), str(given.seed), *(f"--{key}" for key in ("write", "anew") if getattr(given, key))]
        with ThreadPoolExecutor(given.jobs) as pool:
            return 0 if all(list(pool.map(lambda name: _apart(name, words), READERS))) else 1
    goes_on = given.write and not given.anew
    report = recorded(f"readers: {given.reader}", given.seed) if goes_on else Report(given.seed)
    found = one(given.reader, given.count, report, given.write)
    print(f"{given.reader}: {found.text()}")
    return 1 if found.failures else 0


if __name__ == "__main__":
    sys.exit(main())
