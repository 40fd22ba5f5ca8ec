"""What a run shows on the terminal: a bar while it trains, a line an evaluation, a table at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from framework.train.observer import Moment, Numbers, Observer


class Terminal(Observer):
    """A progress bar on a terminal; elsewhere plain lines: the first steps, then one an evaluation."""

    def __init__(self, console: Console | None = None):
        self.console = console or Console(highlight=False)
        self._means: dict[str, float] = {}
        self._bar: Progress | None = None
        self._task: Any = None
        self._is_first = True

    def begin(self, moment: Moment) -> None:
        if self.console.is_terminal:
            self._bar = Progress(
                TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}"),
                BarColumn(bar_width=24, complete_style="cyan", finished_style="cyan"),
                TextColumn("{task.completed:.0f}/{task.total:.0f}"),
                TextColumn("[bold]{task.fields[numbers]}"),
                TextColumn("[dim]{task.fields[speed]}"),
                TimeRemainingColumn(compact=True),
                console=self.console,
                transient=True,
            )
            fields = {"epoch": moment.epoch, "epochs": moment.epochs, "numbers": "compiling", "speed": ""}
            self._task = self._bar.add_task("", total=moment.total_steps, completed=moment.step, **fields)
            self._bar.start()

    def advanced(self, moment: Moment, last: Numbers) -> None:
        if self._bar is not None:
            fields = {"epoch": moment.epoch, "numbers": _numbers(last), "speed": _speed(moment)}
            self._bar.update(self._task, completed=moment.step, **fields)
        elif self._is_first:
            self._line(moment, last, "first steps")
        self._is_first = False

    def reported(self, moment: Moment, means: Numbers) -> None:
        self._means = {name: number for name, number in means.items() if name.startswith("train/")}

    def evaluated(self, moment: Moment, found: Numbers) -> None:
        validation = {name.partition("/")[2]: number for name, number in found.items()}
        trained = {name.partition("/")[2]: number for name, number in self._means.items()}
        self._line(moment, trained, f"validation {_numbers(validation)}")

    def end(self, moment: Moment) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _line(self, moment: Moment, numbers: Numbers, closing: str) -> None:
        steps, epochs = len(str(moment.total_steps)), len(str(moment.epochs))
        self.console.print(
            f"epoch {moment.epoch:>{epochs}}/{moment.epochs}  step {moment.step:>{steps}}  "
            f"train {_numbers(numbers)}  {closing}  {_speed(moment)}".rstrip(),
            soft_wrap=True,
        )


def _numbers(numbers: Mapping[str, float]) -> str:
    return "  ".join(f"{name} {_short(number)}" for name, number in numbers.items())


def _short(number: float) -> str:
    return f"{number:.4f}" if 1e-3 <= abs(number) < 1e4 or number == 0 else f"{number:.3e}"


def _speed(moment: Moment) -> str:
    rate = moment.examples_per_second
    return "" if rate is None else f"{rate:,.0f} examples/s"


def show_results(console: Console, results: Mapping[str, float], notes: Mapping[str, str]) -> None:
    """The table at the end of a run: a row a split, a column a number, and some lines below it."""
    splits = list(dict.fromkeys(name.partition("/")[0] for name in results))
    names = list(dict.fromkeys(name.partition("/")[2] for name in results))
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 3, 0, 0))
    table.add_column("")
    for name in names:
        table.add_column(name, justify="right")
    for split in splits:
        cells = [_short(results[f"{split}/{name}"]) if f"{split}/{name}" in results else "" for name in names]
        table.add_row(split, *cells)
    console.print()
    console.print(table)
    console.print()
    width = max(map(len, notes), default=0)
    for name, note in notes.items():
        console.print(f"{name:<{width}}  {note}", soft_wrap=True)
