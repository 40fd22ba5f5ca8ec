"""What a sweep shows while it runs: one table on a terminal, elsewhere a line a trial."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from framework.sweep.objective import Objective
from framework.sweep.trial import Outcome, Trial
from framework.train.observer import Moment, Numbers, Observer
from framework.train.progress import printed, short

_SHOWN = 10  # trials that have ended, of which the table shows the last


class LiveTable:
    """Follows the trials of a sweep.

    total: how many there are, `done` of which had ended before.
    """

    def __init__(self, console: Console, objective: Objective, total: int, done: int = 0):
        self.console, self.objective, self.total, self.done = console, objective, total, done
        self._running: dict[str, tuple[Trial, float]] = {}
        self._ended: deque[tuple[Trial, Outcome]] = deque(maxlen=_SHOWN)
        self._best: tuple[Trial, float] | None = None
        self._began, self._before = time.monotonic(), done
        self._failures = 0
        self._live: Live | None = None

    def __enter__(self) -> LiveTable:
        if self.console.is_terminal:
            self._live = Live(get_renderable=self._rendered, console=self.console, transient=True, refresh_per_second=4)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def say(self, line: str) -> None:
        """A line above the table."""
        printed(self.console, line)

    def started(self, trial: Trial) -> Observer:
        """A trial begins. Returns what follows its steps."""
        self._running[trial.id] = (trial, 0.0)
        return _Follower(self, trial)

    def moved(self, trial: Trial, share: float) -> None:
        """A trial has done a share of its steps, from 0 to 1."""
        self._running[trial.id] = (trial, share)

    def ended(self, trial: Trial, outcome: Outcome, known: Mapping[str, Any] | None = None) -> None:
        """A trial has ended. known: of one that ended before, in another sitting, nothing is shown."""
        self._running.pop(trial.id, None)
        value = self.objective.value(outcome) if outcome.state in ("finished", "pruned") else None
        if value is not None and self.objective.is_better(value, self._best[1] if self._best else None):
            self._best = trial, value
        self._failures += outcome.state == "failed"
        if known is not None:
            return
        self.done += outcome.state in ("finished", "pruned", "failed")
        self._ended.append((trial, outcome))
        if self._live is None:
            printed(self.console, self._line(trial, outcome, value))

    def _line(self, trial: Trial, outcome: Outcome, value: float | None) -> str:
        """One line of what came of a trial."""
        said = f"{self.objective.title} {short(value)}" if value is not None else outcome.state
        if outcome.state == "failed":
            said = f"failed: {(outcome.error or '').partition(chr(10))[0]}"
        elif outcome.state == "pruned":
            said += "  pruned"
        count = f"{self.done:>{len(str(self.total))}}/{self.total}"
        return f"{count}  {trial.told or trial.folder}  {said}  ({outcome.seconds:.2f} s)"

    def _rendered(self) -> RenderableType:
        table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
        for name in ("trial", "what differs"):
            table.add_column(name)
        table.add_column(self.objective.title, justify="right")
        table.add_column("", style="dim")
        for trial, outcome in list(self._ended):
            value = self.objective.value(outcome)
            is_best = self._best is not None and self._best[0] is trial
            state = "best so far" if is_best else "" if outcome.state == "finished" else outcome.state
            style = "bold" if is_best else "red" if outcome.state == "failed" else ""
            cells = [trial.folder, trial.told, "" if value is None else short(value), state]
            table.add_row(*map(Text, cells), style=style)
        for trial, share in list(self._running.values()):
            bar = ProgressBar(total=1.0, completed=share, width=16)
            table.add_row(Text(trial.folder), Text(trial.told), bar, "running")
        return Group(table, Text(self._summary(), style="cyan"))

    def _summary(self) -> str:
        parts = [f"{self.done}/{self.total} trials"]
        if self._best is not None:
            parts.append(f"best {short(self._best[1])} by trial {self._best[0].folder}")
        if self._failures:
            parts.append(f"{self._failures} failed")
        ran = self.done - self._before + sum(share for _, share in self._running.values())
        if ran > 0:
            left = (time.monotonic() - self._began) / ran * (self.total - self._before - ran)
            parts.append(f"{_duration(max(left, 0.0))} left")
        return "   ".join(parts)


class _Follower(Observer):
    """Follows one trial."""

    def __init__(self, table: LiveTable, trial: Trial):
        self._table, self._trial = table, trial

    def advanced(self, moment: Moment, last: Numbers) -> None:
        self._table.moved(self._trial, moment.step / max(moment.total_steps, 1))


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02} min"
