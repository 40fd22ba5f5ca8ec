"""Lines of one's own in place of the table."""

from __future__ import annotations

import io

import numpy as np
from rich.console import Console

from framework.config.line import Line, Lines
from framework.train.lines import LinePrinter
from framework.train.observer import Moment
from framework.train.position import Progress
from framework.train.records import Records


def printed(lines: Lines, evaluated_at: tuple[int, ...]) -> list[str]:
    """Two epochs of two steps, stopped behind a fifth step."""
    stream = io.StringIO()
    printer = LinePrinter(Console(file=stream, width=20, highlight=False), lines)
    printer.begin(Moment(0, 6, 2))
    for step in range(1, 6):
        moment = Moment(step, 6, 2, 100.0)
        printer.advanced(moment, {"loss": 9.0})
        if step % 2 == 0:
            printer.epoch_ended(moment, {"train/loss": step / 3})
        if step in evaluated_at:
            printer.evaluated(moment, {"validation/loss": float(step)})
    printer.end(Moment(5, 6, 2))
    return stream.getvalue().splitlines()


def test_a_line_an_epoch_with_what_was_evaluated_last():
    lines = Lines(epoch=Line("Epoch: {epoch:04d} cost= {train/loss:.9f} [bold] {validation/loss}"))
    assert printed(lines, (4,)) == [
        "Epoch: 0001 cost= 0.666666667 [bold] nan",
        "Epoch: 0002 cost= 1.333333333 [bold] 4",
    ]
    assert printed(Lines(), (4,)) == []


def test_the_mean_over_an_epoch_does_not_depend_on_reports_or_on_stops():
    losses = np.random.default_rng(0).random(10).astype(np.float32)
    whole, parts = Progress(), Progress()
    whole.add(Records({"loss": losses}), np.array([10]))
    parts.add(Records({"loss": losses[:3]}), np.array([1, 2, 3]))
    resumed = Progress()
    resumed.restore(parts.to_json())
    resumed.add(Records({"loss": losses[3:]}), np.array([], np.int64))
    expected = float(np.cumsum(losses.astype(np.float64))[-1]) / 10
    assert whole.take_epoch(10) == resumed.take_epoch(10) == {"train/loss": expected}
    assert whole.take_epoch(10) == {}


def test_a_checkpoint_of_the_first_version_has_no_sums_of_an_epoch():
    progress = Progress()
    saved = progress.to_json()
    del saved["epoch"]
    progress.restore(saved)
    assert progress.epoch == {}
