"""A sweep that is killed by SIGKILL half-way goes on, and its answer is that of one that was never broken."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from framework.config.loader import ROOT
from framework.sweep.ledger import Ledger
from framework.train.past_run import Run

WORDS = ["optimizer.learning_rate=0.1,0.2,0.4", "seed=1,2", "trainer.epochs=30"]


def test_a_sweep_that_was_killed_ends_as_an_unbroken_one(sweep, small, table, tmp_path):
    command = [sys.executable, str(ROOT / "train.py"), "-m"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "GRAPHWRIGHT_CACHE": str(tmp_path / "cache")}
    environment.pop("JAX_ENABLE_COMPILATION_CACHE", None)
    words = [*small, *WORDS, "sweep.pictures=false", "hydra.sweep.dir=killed"]
    with subprocess.Popen([*command, *words], stdout=subprocess.DEVNULL, env=environment) as killed:
        while len(finished()) < 2 and killed.poll() is None:
            time.sleep(0.005)
        killed.kill()
    before = finished()
    assert 2 <= len(before) < 6
    assert not Path("killed/results.csv").exists()
    untouched = files(before)
    going = [*command, "resume=killed"]
    done = subprocess.run(going, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert files(before) == untouched
    # What the first process has compiled is in the cache.
    summary = re.search(
        r"^programs +0 compiled, (\d+) from the cache, which took (\S+) s to compile", done.stdout, re.M
    )
    assert summary is not None
    assert int(summary[1]) > 0
    assert float(summary[2]) > 0
    assert sweep(*WORDS) == 0
    assert table(Path("killed/results.csv")) == table()
    for name in "012345":
        assert Path("killed", name, "metrics.csv").read_bytes() == Path("s", name, "metrics.csv").read_bytes()
        assert Run(Path("killed", name)).checkpoint.step == Run(Path("s", name)).checkpoint.step > 0


def finished() -> list[str]:
    """The folders of the trials that have finished."""
    if not Path("killed/ledger.jsonl").exists():
        return []
    ledger = Ledger.read(Path("killed"))
    return [ledger.frozen[id]["folder"] for id, outcome in ledger.outcomes.items() if outcome.state == "finished"]


def files(folders: list[str]) -> dict[Path, tuple[int, bytes]]:
    """When every file below the trials' folders was written, and what it holds."""
    paths = [path for name in folders for path in Path("killed", name).rglob("*") if path.is_file()]
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in paths}
