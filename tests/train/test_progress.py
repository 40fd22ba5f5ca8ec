"""What a run prints, where there is a terminal and where there is none."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import numpy as np
import pytest
from rich.console import Console

from framework.train.observer import Moment, Reports
from framework.train.progress import Terminal, show_notes, show_results


def play(
    console: Console, *, evaluated_at: tuple[int, ...] = (2, 4), steps: int = 4, speed: float | None = 1234.5
) -> None:
    """Two steps an epoch; a report at each step."""
    terminal = Terminal(console)
    terminal.begin(Moment(0, 4, 2))
    for step in range(1, steps + 1):
        moment = Moment(step, 4, 2, speed)
        terminal.advanced(moment, {"loss": 1 / step, "f1[macro]": 0.5})
        means = {"train/loss": 20.0, "train/f1[macro]": 0.5, "learning_rate": 0.1}
        terminal.reported(moment, Reports(np.array([step]), {name: np.array([n]) for name, n in means.items()}))
        if step % 2 == 0:
            terminal.epoch_ended(moment, {"train/loss": 10.0 + step, "train/f1[macro]": 0.25})
        if step in evaluated_at:
            terminal.evaluated(moment, {"validation/loss": 2e-5, "validation/f1[macro]": 1.0})
    terminal.end(Moment(steps, 4, 2))


def plain(**arguments) -> list[str]:
    stream = io.StringIO()
    play(Console(file=stream, highlight=False, width=40), **arguments)
    return stream.getvalue().splitlines()


def test_plain_rows_for_the_first_steps_and_each_evaluation():
    assert plain() == [
        "             ────── train ───────",
        "epoch  step       loss  f1[macro]  examples/s",
        "  1/2     1     1.0000     0.5000       1,234",
        "             ────── train ───────  ──── validation ────",
        "epoch  step       loss  f1[macro]       loss  f1[macro]  examples/s",
        "  1/2     2    12.0000     0.2500  2.000e-05     1.0000       1,234",
        "  2/2     4    14.0000     0.2500  2.000e-05     1.0000       1,234",
    ]


def test_an_epoch_without_evaluation_has_a_row_of_its_own():
    assert plain(evaluated_at=(4,))[3].split() == ["1/2", "2", "12.0000", "0.2500", "1,234"]
    without = [line.split()[:2] for line in plain(evaluated_at=())[2:]]
    assert without == [["1/2", "1"], ["1/2", "2"], ["2/2", "4"]]


def test_a_run_that_stops_within_an_epoch_ends_quietly():
    assert plain(steps=3)[-1].split()[:2] == ["1/2", "2"]
    assert plain(steps=0) == []


def test_lines_are_drawn_with_signs_that_the_output_has():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    play(Console(file=stream, highlight=False, width=40))
    stream.seek(0)
    assert stream.readline() == "             ------ train -------\n"


UNREAD = """
import os
from rich.console import Console
from framework.train.observer import Moment
from framework.train.progress import Terminal, show_notes, show_results
console = Console(highlight=False)
terminal = Terminal(console)
terminal.begin(Moment(0, 4, 2))
for step in range(1, 5):
    terminal.advanced(Moment(step, 4, 2), {"loss": 1.0})
terminal.end(Moment(4, 4, 2))
show_results(console, {"test/loss": 1.0})
show_notes(console, {"run": "outputs/x"})
os.write(2, b"went on")
"""


def test_a_run_goes_on_when_nobody_reads_any_more():
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([sys.executable, "-c", UNREAD], stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "went on")


def test_an_unknown_speed_is_left_out():
    assert plain(speed=None)[2] == "  1/2     1     1.0000     0.5000"


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0.0, "0.0000"), (-1.5, "-1.5000"), (1e-3, "0.0010"), (12345.0, "1.234e+04"), (float("nan"), "nan")],
)
def test_numbers_are_short(number: float, shown: str):
    stream = io.StringIO()
    show_results(Console(file=stream), {"test/loss": number})
    assert stream.getvalue().split() == ["loss", "test", shown]


def test_a_terminal_has_a_bar_and_no_row_for_the_first_steps():
    stream = io.StringIO()
    play(Console(file=stream, force_terminal=True, width=100, highlight=False, color_system=None))
    text = stream.getvalue()
    assert "epoch 1/2" in text
    assert "  1/2     1" not in text
    assert "  2/2     4    14.0000" in text
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1, "the cursor that the bar hides comes back"


def test_the_results_are_a_row_a_split():
    stream = io.StringIO()
    results = {"train/loss": 0.5, "train/accuracy": 0.75, "validation/loss": 0.625, "test/accuracy": 0.875}
    console = Console(file=stream, width=60)
    show_results(console, results)
    show_notes(console, {"run": "outputs/x", "best": "[loss] 0.5"})
    assert [line.split() for line in stream.getvalue().splitlines() if line] == [
        ["loss", "accuracy"],
        ["train", "0.5000", "0.7500"],
        ["validation", "0.6250"],
        ["test", "0.8750"],
        ["run", "outputs/x"],
        ["best", "[loss]", "0.5"],
    ]
