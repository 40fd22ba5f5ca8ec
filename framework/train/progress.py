"""What a run shows on the terminal: a bar while it trains, a row an evaluation, a table at the end."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from framework.config.line import PLACE, Line
from framework.train.observer import Moment, Numbers, Observer, Reports

_WIDTH = 9  # of a column of numbers; the widest is 1.234e-05


class Terminal(Observer):
    """A progress bar on a terminal, and above it a table that grows by a row an evaluation; elsewhere the table alone.

    An epoch without an evaluation has a row too, and so have the first steps, where no bar tells that it works.
    """

    def __init__(self, console: Console | None = None):
        self.console = console or Console(highlight=False)
        self._bar: Progress | None = None
        self._task = TaskID(0)
        self._is_first = True
        self._columns: dict[str, list[str]] = {}
        self._means: tuple[int, Numbers] = (0, {})
        self._ended_epoch: Moment | None = None

    def begin(self, moment: Moment) -> None:
        if self.console.is_terminal:
            self._bar = Progress(
                TextColumn("epoch {task.fields[epoch]}/{task.fields[epochs]}"),
                BarColumn(bar_width=None, complete_style="cyan", finished_style="cyan"),
                TextColumn("{task.completed:,}/{task.total:,}"),
                TextColumn("{task.fields[numbers]}", style="bold", markup=False),
                TextColumn("{task.fields[speed]}", style="dim"),
                TimeRemainingColumn(compact=True),
                console=self.console,
                transient=True,
                expand=True,
            )
            fields = {"epoch": moment.epoch, "epochs": moment.epochs, "numbers": "compiling", "speed": ""}
            self._task = self._bar.add_task("", total=moment.total_steps, completed=moment.step, **fields)
            self._bar.start()

    def advanced(self, moment: Moment, last: Numbers) -> None:
        self._row_of_ended_epoch()
        if self._bar is not None:
            numbers = "  ".join(f"{name} {short(number)}" for name, number in last.items())
            speed = f"{_speed(moment)} examples/s"
            self._bar.update(self._task, completed=moment.step, epoch=moment.epoch, numbers=numbers, speed=speed)
        if self._is_first and self._bar is None and moment.step % moment.steps_per_epoch:
            self._row(moment, {f"train/{name}": number for name, number in last.items()})
        self._is_first = False

    def reported(self, moment: Moment, reports: Reports) -> None:
        means = {name: number for name, number in reports.last().items() if name.startswith("train/")}
        self._means = int(reports.steps[-1]), means

    def epoch_ended(self, moment: Moment, means: Numbers) -> None:
        self._means, self._ended_epoch = (moment.step, means), moment

    def evaluated(self, moment: Moment, found: Numbers) -> None:
        self._ended_epoch = None
        self._row(moment, found)

    def end(self, moment: Moment) -> None:
        self._row_of_ended_epoch()
        if self._bar is not None:
            self._bar.stop()

    def _row_of_ended_epoch(self) -> None:
        """Whether an epoch's end is evaluated is known only when the next steps are made, or the run ends."""
        if self._ended_epoch is not None:
            self._row(self._ended_epoch, {})
        self._ended_epoch = None

    def _row(self, moment: Moment, numbers: Numbers) -> None:
        """One row. Where there are means over the epoch or since a report, they say more than the last step alone."""
        step, means = self._means
        shown = {**numbers, **means} if step == moment.step else numbers
        self._widen(moment, shown)
        row = Text(_place(f"{moment.epoch}/{moment.epochs}", f"{moment.step:,}", moment), style="dim")
        for split, names in self._columns.items():
            for name in names:
                number = shown.get(f"{split}/{name}")
                cell = "" if number is None else short(number)
                row.append(f"  {cell:>{max(_WIDTH, len(name))}}", "not dim" if split == "train" else "not dim bold")
        row.append(f"  {_speed(moment):>10}")
        row.rstrip()
        printed(self.console, row)

    def _widen(self, moment: Moment, shown: Numbers) -> None:
        """Makes columns for numbers that have none, those of training first, and prints the header with them."""
        before = sum(map(len, self._columns.values()))
        for full in shown:
            split, _, name = full.partition("/")
            names = self._columns.setdefault(split, [])
            if name not in names:
                names.append(name)
        if sum(map(len, self._columns.values())) == before:
            return
        self._columns = dict(sorted(self._columns.items(), key=lambda column: column[0] != "train"))
        line = "-" if self.console.options.ascii_only else "─"
        groups, header = _place("", "", moment), _place("epoch", "step", moment)
        for split, names in self._columns.items():
            cells = "".join(f"  {name:>{_WIDTH}}" for name in names)
            groups += "  " + f" {split} ".center(len(cells) - 2, line)
            header += cells
        printed(self.console, Text(f"{groups}\n{header}  examples/s", style="dim"))


def printed(console: Console, what: RenderableType = "") -> None:
    """Prints, as long as anyone reads: a run goes on when the pipe behind it is closed."""
    with contextlib.suppress(BrokenPipeError, SystemExit):  # SystemExit is rich's answer, after which it stays quiet
        console.print(what, markup=False, soft_wrap=True)


def show_line(console: Console, line: Line, moment: Moment, numbers: Mapping[str, float]) -> None:
    """A line of one's own with its numbers, and with the place in the run."""
    place = (moment.epoch, moment.epochs, moment.step, moment.total_steps, moment.examples_per_second or math.nan)
    printed(console, line.filled({**numbers, **dict(zip(PLACE, place, strict=True))}))


def _place(epoch: str, step: str, moment: Moment) -> str:
    """The first two columns, as wide as the last row of the run needs them."""
    epochs, steps = len(f"{moment.epochs}/{moment.epochs}"), len(f"{moment.total_steps:,}")
    return f"{epoch:>{max(5, epochs)}}  {step:>{max(4, steps)}}"


def short(number: float) -> str:
    return f"{number:.4f}" if 1e-3 <= abs(number) < 1e4 or number == 0 else f"{number:.3e}"


def _speed(moment: Moment) -> str:
    rate = moment.examples_per_second
    return "" if rate is None else f"{rate:,.0f}"


def show_results(console: Console, results: Mapping[str, float]) -> None:
    """The table at the end of a run: a row a split, a column a number."""
    splits = list(dict.fromkeys(name.partition("/")[0] for name in results))
    names = list(dict.fromkeys(name.partition("/")[2] for name in results))
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 3, 0, 0))
    table.add_column("")
    for name in names:
        table.add_column(Text(name), justify="right")
    for split in splits:
        cells = [short(results[f"{split}/{name}"]) if f"{split}/{name}" in results else "" for name in names]
        table.add_row(split, *cells)
    printed(console)
    printed(console, table)


def show_notes(console: Console, notes: Mapping[str, str]) -> None:
    """Lines about a run that has ended, with a name each."""
    printed(console)
    width = max(map(len, notes), default=0)
    for name, note in notes.items():
        printed(console, f"{name:<{width}}  {note}")
