"""Feeds damaged and hostile files to every reader, and reports what became of them.

    python experiments/fuzzing/readers.py all 100000 2026 --write   every reader, and the table of README.md
    python experiments/fuzzing/readers.py npz 20000 2026            one of them; the last number is the seed

Every input is a valid file, or folder of files, of which bytes, numbers, names or entries were changed at random:
before it was packed or checksummed, or after. Each must be read, or refused by an error that a user can read; anything
else is a crash.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import io
import json
import logging
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from reader_targets import READERS, Reader  # noqa: E402

from framework.errors import FrameworkError  # noqa: E402

HANGS_AFTER = 20  # seconds of work, or ten times as many of waiting
ADDRESS_SPACE = 8 << 30  # bytes that a reader may ask for before it is a crash
_BEGIN, _END = "<!-- readers -->", "<!-- /readers -->"


class _HangError(BaseException):
    """Raised in an input that takes too long."""


@dataclass
class Report:
    """tried: inputs; the rest says what became of them. memory: of the process at most, in megabytes."""

    reader: str
    tried: int = 0
    accepted: int = 0
    refused: int = 0
    crashes: list[str] = field(default_factory=list)
    slowest: float = 0.0
    slowest_name: str = ""
    memory: float = 0.0

    def row(self) -> str:
        """A row of the table."""
        return (
            f"| {self.reader} | {self.tried:,} | {self.accepted:,} | {self.refused:,} | {len(self.crashes):,} | "
            f"{self.slowest:.2f} s | {self.memory:,.0f} MB |"
        )


def fuzz(reader: Reader, count: int, seed: int, folder: Path, first: int = 0) -> Report:
    """Tries the inputs `first` to `first + count` of a reader, in files below `folder`."""
    report = Report(reader.name)
    for kind in (signal.SIGALRM, signal.SIGPROF):
        signal.signal(kind, _hang)
    for number in range(first, first + count):
        name = f"{reader.name}, seed {seed}, input {number}"
        draw = random.Random(f"{reader.name}/{seed}/{number}")
        _write(folder, reader.mutated(draw))
        report.tried += 1
        began = time.perf_counter()
        try:
            signal.setitimer(signal.ITIMER_PROF, HANGS_AFTER)
            signal.alarm(10 * HANGS_AFTER)
            with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
                reader.read(folder)
            report.accepted += 1
        except FrameworkError as error:
            str(error)
            report.refused += 1
        except _HangError:
            report.crashes.append(f"{name}: hangs in {_where()}")
        except Exception as error:
            report.crashes.append(f"{name}: {type(error).__name__}: {str(error)[:150]!r} in {_where()}")
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.alarm(0)
        spent = time.perf_counter() - began
        if spent > report.slowest:
            report.slowest, report.slowest_name = spent, name
    report.memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return report


def _write(folder: Path, files: dict[str, bytes]) -> None:
    """Makes `folder` hold these files, and nothing else."""
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


def _hang(number: int, frame: Any) -> None:
    raise _HangError


def _where() -> str:
    """The last places of our own that an error came through."""
    frames = [f for f in traceback.extract_tb(sys.exc_info()[2]) if f"{os.sep}framework{os.sep}" in f.filename]
    return " < ".join(f"{Path(f.filename).relative_to(ROOT)}:{f.lineno}" for f in reversed(frames[-3:])) or "a library"


# -- all of them, each in a process of its own ------------------------------------------------------------------------


def _one(name: str, count: int, seed: int, first: int) -> Report:
    """Tries one reader in this process, whose memory is limited."""
    faulthandler.enable()
    logging.disable(logging.CRITICAL)
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    memory = Path("/dev/shm")  # files that never reach a disk
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        before = Path.cwd()
        os.chdir(folder)
        try:
            inner = Path(folder, "input")
            inner.mkdir()
            return fuzz(READERS[name](), count, seed, inner, first)
        finally:
            os.chdir(before)


def _apart(name: str, count: int, seed: int) -> Report:
    """Tries one reader in another process, which may even be killed by it."""
    command = [sys.executable, __file__, name, str(count), str(seed), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        found = Report(**json.loads(done.stdout.strip().splitlines()[-1]))
    except (ValueError, IndexError, TypeError):
        found = Report(name, count, crashes=[f"{name}: the process died of {done.returncode}: {done.stderr[-2000:]}"])
    print(found.row(), *found.crashes[:20], sep="\n", flush=True)
    return found


def table(reports: list[Report], seed: int) -> str:
    """The table of README.md."""
    head = (
        "| reader | inputs | accepted | refused | crashes | slowest | memory at most |\n|---|---|---|---|---|---|---|"
    )
    command = f"`python experiments/fuzzing/readers.py all {reports[0].tried} {seed} --write`"
    return "\n".join([f"{command} wrote this:\n", head, *(report.row() for report in reports)])


def write(text: str, readme: Path) -> None:
    """Puts the table where README.md has its place for it."""
    before, _, rest = readme.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    readme.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{after}", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reader", choices=["all", *READERS])
    parser.add_argument("count", type=int, nargs="?", default=1000)
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--jobs", type=int, default=2, help="how many readers are tried at once")
    parser.add_argument("--write", action="store_true", help="put the table into README.md")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    arguments = parser.parse_args()
    if arguments.reader != "all":
        report = _one(arguments.reader, arguments.count, arguments.seed, arguments.first)
        print(json.dumps(vars(report)) if arguments.json else "\n".join([report.row(), *report.crashes[:40]]))
        return 1 if report.crashes else 0
    with ThreadPoolExecutor(arguments.jobs) as pool:
        reports = list(pool.map(lambda name: _apart(name, arguments.count, arguments.seed), READERS))
    if arguments.write:
        write(table(reports, arguments.seed), Path(__file__).with_name("README.md"))
    return 1 if any(report.crashes for report in reports) else 0


if __name__ == "__main__":
    sys.exit(main())
