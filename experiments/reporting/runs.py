"""The runs of a study: each by `train.py` in a folder of its own, and those that are finished are not made again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from framework.config.loader import ROOT
from framework.train.status import Status
from framework.train.table import read


def train(runs: Mapping[Path, Sequence[str]]) -> None:
    """Trains what is not finished: folder -> overrides. What was begun goes on from its last checkpoint."""
    for number, (folder, overrides) in enumerate(runs.items(), 1):
        begun = (folder / "status.json").exists()
        if begun and Status.read(folder).state == "finished":
            continue
        print(f"run {number} of {len(runs)}: {' '.join(overrides)}", flush=True)
        how = [f"resume={folder}"] if begun else [*overrides, f"hydra.run.dir={folder}"]
        subprocess.run([sys.executable, str(ROOT / "train.py"), *how], check=True)


def epochs(folder: Path, column: str) -> list[float]:
    """The mean of a number of `metrics.csv` over each epoch, where there is one."""
    by_epoch: dict[int, list[float]] = {}
    for row in read(folder / "metrics.csv"):
        if row[column]:
            by_epoch.setdefault(int(row["epoch"]), []).append(float(row[column]))
    return [sum(numbers) / len(numbers) for _, numbers in sorted(by_epoch.items())]
