"""The table at the end, as a terminal shows it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from framework.sweep.ledger import Ledger
from framework.sweep.objective import Objective
from framework.sweep.report import show
from framework.sweep.results import Results


@pytest.mark.parametrize(("width", "accuracy", "loss"), [(120, True, True), (85, True, False), (75, False, False)])
def test_a_narrow_terminal_has_whole_columns_and_fewer_of_them(width: int, accuracy: bool, loss: bool, sweep):
    assert sweep("optimizer.learning_rate=0.1,1e38", "schedule=constant", "seed=1,2") == 1
    ledger = Ledger.read(Path("s"))
    trials = ledger.trials()
    console = Console(file=io.StringIO(), width=width)
    show(console, Results.of(trials, ledger.outcomes, Objective.of(trials[0].experiment)), {})
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    head = next(line for line in shown.splitlines() if line.startswith("rank")).split()
    assert "…" not in shown
    assert ("accuracy" in head, head.count("loss") == 2) == (accuracy, loss)
    assert {"learning_rate", "seeds", "trial"} <= set(head)


def test_overrides_are_told_by_the_last_part_of_their_paths(sweep):
    assert sweep("optimizer.learning_rate=0.1,0.2", "seed=1,2") == 0
    assert [trial.told for trial in Ledger.read(Path("s")).trials()][-1] == "learning_rate=0.2 seed=2"
