"""Past runs as a table, in the width of a terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from framework.train.runs import PastRun
from framework.train.runs_table import compare, render
from framework.train.status import Status

NOW = datetime(2026, 1, 31, 15, 0, tzinfo=UTC)


def run(name: str, accuracy: float, rate: float, *, seconds: float = 90.0, hours: int = 3) -> PastRun:
    status = Status(
        state="finished",
        step=1040,
        total_steps=1040,
        seconds=seconds,
        started=f"2026-01-31T{15 - hours}:00:00+00:00",
        metrics={"test/loss": 0.25, "test/accuracy": accuracy, "validation/loss": 0.5},
        best={"monitor": "validation/loss", "value": 0.48, "step": 900},
        choices={"model": "cnn"},
    )
    found = PastRun(Path("outputs", "day", name), status)
    found.options = {"optimizer.learning_rate": rate, "seed": 0}
    return found


RUNS = [run("first", 0.9712345, 0.1), run("second", 0.8, 0.001, seconds=3.2, hours=2), PastRun(Path("outputs/x"), None)]


def test_wide_it_shows_everything_that_tells():
    lines = render(RUNS, 0, (), 200, NOW)
    assert lines[0].split() == ["test/", "test/", "best", "validation/", "optimizer."]
    rows = [" ".join(line.split()) for line in lines]
    assert rows[1] == "run state when time steps accuracy loss loss learning_rate"
    assert rows[2] == "day/first finished 3 h ago 2 min 1,040 0.9712 0.25 0.48 0.1"
    assert rows[3] == "day/second finished 2 h ago 3.2 s 1,040 0.8 0.25 0.48 0.001"
    assert lines[4].split() == ["x", "damaged"]
    assert lines[-1] == "3 runs below outputs"


@pytest.mark.parametrize("width", [40, 60, 80])
def test_it_fits_and_says_what_is_left_out(width):
    lines = render(RUNS, 7, (), width, NOW)
    assert all(len(line) <= width for line in lines)
    assert "accuracy" in lines[1]  # what came of the runs goes last
    assert "3 runs below outputs, 7 more: limit=all" in lines
    assert any(line.startswith("not shown: ") for line in lines)


def test_columns_that_were_asked_for_are_the_ones_shown():
    lines = render(RUNS, 0, ("seed", "validation/loss"), 200, NOW)
    assert lines[1].split()[-2:] == ["seed", "loss"]
    assert lines[2].split()[-2:] == ["0", "0.5"]
    assert "accuracy" not in lines[1]


def test_no_run_is_said_so():
    assert render([], 0, (), 80, NOW) == ["no runs"]


def test_side_by_side():
    rows = {line.split("  ")[0]: line.split() for line in compare(RUNS[:2], NOW) if line}
    assert rows["test/accuracy"] == ["test/accuracy", "0.9712", "0.8"]
    assert rows["optimizer.learning_rate"] == ["optimizer.learning_rate", "0.1", "0.001"]
    assert rows["steps"] == ["steps", "1,040", "1,040"]
    assert "seed" not in rows
    assert compare([RUNS[0], RUNS[0]], NOW)[-1] == "they do not differ in any option"


def test_times_are_rounded_to_what_matters():
    long = run("long", 0.5, 0.1, seconds=3 * 3600 + 300, hours=0)
    assert "3 h 05 min" in render([long], 0, (), 200, NOW)[2]
    assert "just now" in render([long], 0, (), 200, NOW)[2]
