"""Small sweeps in a folder of their own."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from framework.config.arguments import parse
from framework.launch import start_sweep

SMALL = ["model=perceptron", "dataset=iris", "trainer.epochs=2", "trainer.device=cpu", "optimizer=sgd"]


@pytest.fixture
def sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs a sweep of a small network in the folder `s`; returns the exit status."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> int:
        return start_sweep(parse(["-m", *SMALL, "hydra.sweep.dir=s", "sweep.pictures=false", *words]))

    return run


@pytest.fixture
def go_on(tmp_path: Path) -> Callable[..., int]:
    """Goes on with the sweep in the folder `s`."""
    return lambda *words: start_sweep(parse(["-m", "resume=s", *words]))


@pytest.fixture
def small() -> list[str]:
    """The options of the small network, for a run of it alone."""
    return SMALL


@pytest.fixture(name="table")
def _table() -> Callable[..., list[dict[str, str]]]:
    return read_table


def read_table(path: Path = Path("s/results.csv")) -> list[dict[str, str]]:
    """The rows of a results file, without what depends on the machine's speed."""
    with path.open(newline="") as stream:
        return [{key: cell for key, cell in row.items() if key != "seconds"} for row in csv.DictReader(stream)]
