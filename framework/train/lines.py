"""What a run shows on the terminal where lines of one's own take the place of the table."""

from __future__ import annotations

from rich.console import Console

from framework.config.line import Lines
from framework.train.observer import Moment, Numbers, Observer, Reports
from framework.train.progress import show_line


class LinePrinter(Observer):
    """Prints a line at the end of every epoch, with what is known of it when it has been evaluated."""

    def __init__(self, console: Console, lines: Lines):
        self.console, self.lines = console, lines
        self.known: dict[str, float] = {}
        self._ended: Moment | None = None

    def advanced(self, moment: Moment, last: Numbers) -> None:
        self._print_epoch()

    def reported(self, moment: Moment, reports: Reports) -> None:
        self.known.update(reports.last())

    def epoch_ended(self, moment: Moment, means: Numbers) -> None:
        self.known.update(means)
        self._ended = moment

    def evaluated(self, moment: Moment, found: Numbers) -> None:
        self.known.update(found)

    def end(self, moment: Moment) -> None:
        self._print_epoch()

    def _print_epoch(self) -> None:
        """Whether an epoch's end is evaluated is known only when the next steps are made, or the run ends."""
        if self._ended is not None and self.lines.epoch is not None:
            show_line(self.console, self.lines.epoch, self._ended, self.known)
        self._ended = None
