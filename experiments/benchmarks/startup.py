"""How long `python train.py` takes to its first line of numbers, and in all, with its programs in the compile cache.

    python experiments/benchmarks/startup.py

One run fills the cache; medians of the runs behind it. Wall clock, from the start of the process.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 9
_ROW = re.compile(r" +\d+/\d+ +\d+ ")  # epoch and step: the first one is printed behind the first step


def seconds(folder: str) -> tuple[float, float]:
    """Of one run in a folder: to its first row, and to its end."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    began, first = time.perf_counter(), None
    command = [sys.executable, str(ROOT / "train.py"), "trainer.epochs=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=folder) as process:
        for line in process.stdout or ():
            if first is None and _ROW.match(line):
                first = time.perf_counter() - began
    if process.returncode or first is None:
        raise SystemExit(f"{' '.join(command)} ended with status {process.returncode}")
    return first, time.perf_counter() - began


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        rounds = [seconds(folder) for _ in range(1 + ROUNDS)][1:]
    for what, found in zip(("first step", "one epoch, whole"), zip(*rounds, strict=True), strict=True):
        print(f"{what}: {statistics.median(found):.2f} s ({min(found):.2f} to {max(found):.2f})")


if __name__ == "__main__":
    main()
