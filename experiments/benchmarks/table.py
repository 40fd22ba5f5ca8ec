"""How long a large table takes: a CSV file of 1,000,000 rows and 30 columns, read, encoded and split.

    python experiments/benchmarks/table.py [rows]

Twenty columns of numbers, some missing, and nine of categories, some missing; the last column is the class. The file
is written to a temporary folder first, which is not measured.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
NUMBERS, CATEGORIES, MISSING = 20, 9, 0.02
ROUNDS = 3


def write(path: Path, rows: int) -> None:
    """Writes the table with pyarrow, so that it takes seconds."""
    import pyarrow as pa
    from pyarrow import csv

    rng = np.random.default_rng(0)
    columns: dict[str, pa.Array] = {}
    for k in range(NUMBERS):
        numbers = np.round(rng.normal(k, 1 + k, rows), 4)
        columns[f"number_{k}"] = pa.array(numbers, mask=rng.random(rows) < MISSING * (k % 2))
    for k in range(CATEGORIES):
        words = np.array([f"word_{k}_{n}" for n in range(3 + 5 * k)])
        columns[f"category_{k}"] = pa.array(rng.choice(words, rows), mask=rng.random(rows) < MISSING * (k % 2))
    columns["class"] = pa.array(np.where(rng.random(rows) < 0.5, "yes", "no"))
    csv.write_csv(pa.table(columns), path)


def measure(path: str) -> None:
    """Loads the table in this process, and prints how long that took and the most memory that was held."""
    sys.path.insert(0, str(ROOT))
    from framework.data import DATASETS

    began = time.perf_counter()
    dataset = DATASETS["csv"](path=path, target="class", normalize="standardize")
    data = dataset.load()
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    shape = data.splits["train"]["features"].shape
    width = dataset.spec().dimensions["num_features"]
    print(f"{seconds:.2f} s, {peak / 2**30:.2f} GiB at most; train {list(shape)}, {width} numbers a row in the model")


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        write(path, rows)
        print(f"{rows:,} rows, {NUMBERS + CATEGORIES + 1} columns, {path.stat().st_size / 2**20:,.0f} MiB")
        for _ in range(ROUNDS):
            subprocess.run([sys.executable, __file__, "--measure", str(path)], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2])
    else:
        main()
