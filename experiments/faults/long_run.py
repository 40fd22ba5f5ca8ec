"""Trains a tiny network for 200,000 steps and watches what its process holds: memory, file handles, threads.

    python experiments/faults/long_run.py            writes long_run.md beside this file
    python experiments/faults/long_run.py 20000 -    fewer steps; the report goes to the terminal alone

Step by step, so that all of Python takes part in each; with reports, evaluations, checkpoints and event files.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from pathlib import Path

from framework.config.compose import Source
from framework.launch import prepare, start
from framework.train.engine import Engine

PARTS = 20
RUN = [
    "model=perceptron", "dataset=digits", "optimizer=sgd", "schedule=constant", "trainer.epochs=null",
    "trainer.batch_size=2", "trainer.summaries.every=100 steps", "trainer.evaluate_every=500 steps",
    "trainer.checkpoint_every=1000 steps", "trainer.execution=step",
]  # fmt: skip
Row = tuple[int, float, int, int, int]


def look(step: int, folder: Path) -> Row:
    """Step, resident memory in MB, open files, threads, and bytes of the run folder."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    memory = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    return step, memory, len(os.listdir("/proc/self/fd")), threading.active_count(), size


def study(steps: int, folder: Path) -> list[Row]:
    """What the process holds at 20 moments of a run."""
    rows: list[Row] = []
    advance = Engine.advance

    def watched(self: Engine, *arguments: object, **options: object) -> object:
        state, records = advance(self, *arguments, **options)  # type: ignore[arg-type]
        step = int(arguments[1]) + len(records)  # type: ignore[call-overload]
        if step >= (len(rows) + 1) * steps // PARTS:
            rows.append(look(step, folder))
        return state, records

    Engine.advance = watched  # type: ignore[assignment,method-assign]
    status = start(prepare([*RUN, f"trainer.steps={steps}", f"hydra.run.dir={folder}"], Source()))
    if status:
        raise SystemExit(status)
    return rows


def report(rows: list[Row], command: str) -> str:
    """The rows as Markdown."""
    table = "\n".join(
        f"| {step:,} | {m:.1f} | {files} | {threads} | {size / 1e6:.2f} |" for step, m, files, threads, size in rows
    )
    half = rows[len(rows) // 2 :]
    growth = max(row[1] for row in half) - half[0][1]
    return f"""# A long run

`{command}`: {rows[-1][0]:,} steps one by one, reported every 100, evaluated every 500, saved every 1,000. In the second
half the resident memory grew by at most {growth:.1f} MB over its value in the middle; file handles and threads did not
change: {sorted({row[2] for row in half})} and {sorted({row[3] for row in half})} (one thread more while a checkpoint is
written).

| step | resident MB | open files | threads | run folder MB |
|---|---|---|---|---|
{table}
"""


def main() -> int:
    words = sys.argv[1:]
    steps = int(words[0]) if words else 200_000
    with tempfile.TemporaryDirectory(prefix="long-run-") as root:
        rows = study(steps, Path(root) / "run")
    text = report(rows, f"python experiments/faults/long_run.py{f' {steps}' if words else ''}")
    print(text)
    if words[1:] != ["-"]:
        Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
