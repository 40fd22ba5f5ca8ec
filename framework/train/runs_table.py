"""Past runs as a table: as many columns as the terminal has room for, the telling ones first; or side by side."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from framework.listing import columns
from framework.train.runs import PastRun, differences

_METRICS = 3  # columns of metrics, unless more are asked for


@dataclass(frozen=True)
class _Column:
    """A column. importance: those of the least go first where there is no room."""

    name: str
    cells: tuple[str, ...]
    importance: int
    is_number: bool = False

    @property
    def head(self) -> tuple[str, str]:
        """The name in two lines, broken behind its last dot or slash."""
        cut = max(self.name.rfind("."), self.name.rfind("/")) + 1
        return (self.name[:cut], self.name[cut:]) if cut else ("", self.name)

    @property
    def width(self) -> int:
        return max(map(len, (*self.head, *self.cells)))


def render(runs: Sequence[PastRun], more: int, asked: Sequence[str], width: int, now: datetime) -> list[str]:
    """A row a run. more: how many are not shown. asked: keys to be shown; otherwise those that tell the runs apart."""
    if not runs:
        return ["no runs"]
    root = _common_folder(runs)
    places = tuple(os.path.relpath(run.folder, root) for run in runs)
    named = [_of_key(runs, key, 0) for key in asked] or _telling(runs)
    facts = [
        _Column("when", tuple(_age(run, now) for run in runs), 3),
        _Column("time", tuple(_duration(run) for run in runs), 4, is_number=True),
        _Column("steps", tuple(_steps(run) for run in runs), 5, is_number=True),
    ]
    fixed = [_Column("run", places, -1), _Column("state", tuple(run.state for run in runs), -1)]
    every = [*fixed, *facts, *named]
    shown = _that_fit(every, width)
    heads = [[column.head[k] for column in shown] for k in (0, 1)]
    rows = [[column.cells[k] for column in shown] for k in range(len(runs))]
    numbers = [position for position, column in enumerate(shown) if column.is_number]
    lines = [line for line in columns([*heads, *rows], right=numbers) if line]
    hidden = [column.name for column in every if column not in shown]
    notes = [f"{len(runs)} run{'s' * (len(runs) != 1)} below {root}" + (f", {more} more: limit=all" if more else "")]
    if hidden:
        notes += textwrap.wrap(f"not shown: {', '.join(hidden)}; choose with columns=...", width)
    return [*lines, "", *notes]


def compare(runs: Sequence[PastRun], now: datetime) -> list[str]:
    """Runs side by side: what came of them, and the options in which they differ."""
    facts = [
        ("", *(str(run.folder) for run in runs)),
        ("state", *(run.state for run in runs)),
        ("when", *(_age(run, now) for run in runs)),
        ("time", *(_duration(run) for run in runs)),
        ("steps", *(_steps(run) for run in runs)),
    ]
    metrics = dict.fromkeys(name for run in runs for name in run.facts if "/" in name)
    numbers = [(name, *(_cell(run.value(name)) for run in runs)) for name in metrics]
    options = [(key, *(_cell(run.value(key)) for run in runs)) for key in differences(runs)]
    lines = columns([*facts, *numbers, *options])
    count = len(facts) + len(numbers)
    return [*lines[:count], "", *(lines[count:] or ["they do not differ in any option"])]


def _telling(runs: Sequence[PastRun]) -> list[_Column]:
    """The numbers that came of the runs, of the test where there was one, and the options in which they differ."""
    found = dict.fromkeys(name for run in runs for name in run.facts)
    split = "test/" if any(name.startswith("test/") for name in found) else "validation/"
    of_split = [name for name in found if name.startswith(split)]
    metrics = sorted(of_split, key=lambda name: name.endswith("/loss"))[:_METRICS]
    best = [name for name in found if name.startswith("best ")]
    numbers = [_of_key(runs, name, 1 if k == 0 else 6 + k) for k, name in enumerate([*metrics, *best])]
    return [*numbers, *(_of_key(runs, key, 2 if k == 0 else 4 + k) for k, key in enumerate(differences(runs)))]


def _of_key(runs: Sequence[PastRun], key: str, importance: int) -> _Column:
    values = [run.value(key) for run in runs]
    is_number = all(value is None or isinstance(value, (int, float)) for value in values)
    return _Column(key, tuple(_cell(value) for value in values), importance, is_number)


def _that_fit(every: Sequence[_Column], width: int) -> list[_Column]:
    """The columns that there is room for, in their order; the important ones are placed first."""
    room, taken = width, []
    for column in sorted(every, key=lambda column: column.importance):
        needed = column.width + 2 * bool(taken)
        if needed <= room or column.importance < 0:
            room -= needed
            taken.append(column)
    return [column for column in every if column in taken]


def _common_folder(runs: Sequence[PastRun]) -> str:
    return os.path.commonpath([str(run.folder.parent) for run in runs]) or "."


def _age(run: PastRun, now: datetime) -> str:
    if run.started is None:
        return ""
    seconds = (now.astimezone() - run.started.astimezone()).total_seconds()
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit} ago"
    return "just now"


def _duration(run: PastRun) -> str:
    seconds = run.status.seconds if run.status else 0.0
    if seconds < 60:
        return f"{seconds:.1f} s" if run.status else ""
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02} min"


def _steps(run: PastRun) -> str:
    if run.status is None:
        return ""
    done, total = run.status.step, run.status.total_steps
    return f"{done:,}" if done == total else f"{done:,}/{total:,}"


def _cell(value: Any) -> str:
    """A value in a table: numbers in four figures, nothing for nothing."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return text if len(text) <= 30 else f"{text[:29]}…"
