"""The answer of a sweep as files and as a table: `results.csv`, `best.yaml`, and the best settings on the terminal."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from framework.config.compose import to_yaml
from framework.config.options import in_yaml
from framework.sweep.results import Results, Row, Setting
from framework.train.folder import RunFolder
from framework.train.progress import short

_ROWS = 20  # settings that are shown; all are in results.csv
_WIDEST = 10_000
_SIGNS = {"finished": "", "pruned": "pruned", "failed": "failed", "stopped": "stopped", "running": "stopped"}


def write_results(folder: RunFolder, results: Results) -> None:
    """Writes `results.csv`, the best setting first, and `best.yaml`. Raises RunFolderError."""
    folder.write("results.csv", as_csv(results))
    best = results.best
    if best is not None:
        folder.write("best.yaml", f"{_heading(folder, results, best)}{to_yaml(best.trial.tree)}")


def as_csv(results: Results) -> str:
    """A row a trial, those of the best setting first; what depends on the machine's speed comes last."""
    metrics = sorted({name for row in results.rows for name in row.outcome.metrics if "/" in name})
    summary = ["mean", "deviation", "seeds"] if results.has_seeds else []
    title = results.objective.title
    head = ["rank", "trial", "id", "state", *results.keys, title, *summary]
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([*head, "best step", *metrics, "error", "seconds"])
    for rank, setting in enumerate(results.settings, start=1):
        spread = setting.spread
        over = [spread.mean, spread.deviation, spread.count] if spread else [None] * 3
        for row in setting.rows:
            outcome = row.outcome
            told = [_plain(row.values[key]) for key in results.keys]
            step = outcome.best["step"] if outcome.best else None
            numbers = [outcome.metrics.get(name) for name in metrics]
            place = [rank if spread else None, row.trial.folder, row.trial.id, outcome.state]
            end = [step, *numbers, (outcome.error or "").partition("\n")[0], outcome.seconds]
            writer.writerow([*place, *told, row.value, *(over if summary else []), *end])
    return buffer.getvalue()


def show(console: Console, results: Results, notes: dict[str, str]) -> None:
    """The best settings, those that failed, and some lines."""
    others = [name for name in _others(results) if name != results.objective.name]
    while others and _width(console, _table(results, others)) > console.width:
        others.pop()  # a narrow terminal has no room for them, and results.csv has them all
    console.print()
    console.print(_table(results, others))
    if len(results.settings) > _ROWS:
        console.print(f"and {len(results.settings) - _ROWS} more in results.csv", style="dim")
    console.print()
    width = max(map(len, notes), default=0)
    for name, note in notes.items():
        console.print(f"{name:<{width}}  {note}", soft_wrap=True, markup=False, highlight=False)


def _width(console: Console, table: Table) -> int:
    """Columns of the terminal that a table takes when nothing of it is cut off."""
    lines = console.render_lines(table, console.options.update(width=_WIDEST), pad=False)
    return max(Segment.get_line_length(line) for line in lines)


def _table(results: Results, others: Sequence[str]) -> Table:
    """The best settings. others: metrics that are shown beside the objective."""
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("rank", *results.options):
        table.add_column(
            Text(_last(name, results.options)), justify="right" if name == "rank" else "left", no_wrap=True
        )
    table.add_column(_in_two_lines(results.objective.title), justify="right", no_wrap=True)
    if results.has_seeds:
        table.add_column("±\nover seeds", justify="right", no_wrap=True)
        table.add_column("seeds", justify="right", no_wrap=True)
    for name in others:
        table.add_column(_in_two_lines(name), justify="right", style="dim", no_wrap=True)
    table.add_column("trial", style="dim")
    table.add_column("")
    for rank, setting in enumerate(results.settings[:_ROWS], start=1):
        table.add_row(*_cells(rank, setting, results, others), style="bold" if rank == 1 and setting.spread else "")
    return table


def _cells(rank: int, setting: Setting, results: Results, others: Sequence[str]) -> list[Text]:
    spread = setting.spread
    cells = [str(rank) if spread else "-", *(in_yaml(setting.values[key]) for key in results.options)]
    cells.append(short(spread.mean) if spread else "")
    if results.has_seeds:
        cells.append("" if spread is None or spread.deviation is None else short(spread.deviation))
        cells.append(f"{spread.count if spread else 0}/{len(setting.rows)}")
    best = setting.rows[0]
    cells += [short(best.outcome.metrics[name]) if name in best.outcome.metrics else "" for name in others]
    states = dict.fromkeys(_SIGNS.get(row.outcome.state, row.outcome.state) for row in setting.rows)
    cells += [best.trial.folder, ", ".join(filter(None, states))]
    return [Text(cell) for cell in cells]


def _others(results: Results) -> list[str]:
    """The metrics that are shown beside the objective: those of the test, or else of the validation."""
    names = dict.fromkeys(name for row in results.rows for name in row.outcome.metrics)
    for split in ("test/", "validation/"):
        found = sorted((name for name in names if name.startswith(split)), key=lambda name: name.endswith("/loss"))
        if found:
            return found[:2]
    return []


def _in_two_lines(name: str) -> Text:
    """A metric's name, broken behind its split, so that columns are narrow."""
    split, slash, metric = name.partition("/")
    return Text(f"{split}{slash}\n{metric}" if slash else name)


def _last(name: str, names: Sequence[str]) -> str:
    """The last part of an option's path, where that is enough to tell it from the others."""
    last = name.rpartition(".")[2]
    return last if sum(other.rpartition(".")[2] == last for other in names) == 1 else name


def _heading(folder: RunFolder, results: Results, best: Row) -> str:
    path = folder.path
    return (
        f"# The best of {len(results.rows)} trials: {results.objective.title} {short(best.value or 0.0)}, "
        f"trial {best.trial.folder}.\n#   python train.py --config-path {path} --config-name best\n"
    )


def _plain(value: Any) -> Any:
    return in_yaml(value) if isinstance(value, (dict, list, bool)) or value is None else value
