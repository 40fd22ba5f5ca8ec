"""From what was measured to the table of README.md and the picture beside it; no number is written by hand."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from experiments.benchmarks.chart import draw
from experiments.benchmarks.peers import PEERS
from experiments.benchmarks.workloads import OURS, PLAIN, WORKLOADS, Goal, Whole
from experiments.reporting.readme import table, write_measured

FOLDER = Path(__file__).resolve().parent
RESULTS, README, CHART = FOLDER / "results.json", FOLDER / "README.md", FOLDER / "chart.png"
Results = dict[str, dict[str, Any]]


class Entry(NamedTuple):
    """A variant that was measured. rates: a second, of its turns; speed: their median."""

    peer: str
    variant: str
    speed: float
    rates: list[float]

    @property
    def called(self) -> str:
        return PEERS[self.peer].title + (f", {self.variant}" if self.variant and self.peer not in (OURS, PLAIN) else "")


def load() -> Results:
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else {}


def save(results: Results) -> None:
    ordered = {name: results[name] for name in WORKLOADS if name in results}
    RESULTS.write_text(json.dumps(ordered, indent=1) + "\n")


def write(results: Results) -> str:
    """Writes the table into README.md and draws the picture; returns the table."""
    draw({WORKLOADS[name].title: bars(name, found) for name, found in results.items()}, CHART)
    picture = "![speed of each program on each workload: longer is faster](chart.png)"
    lines = [*goals(results), "", picture, "", *variants(results), "", *circumstances(results)]
    write_measured(README, lines)
    return "\n".join(goals(results))


def entries(found: Mapping[str, Any]) -> list[Entry]:
    """All variants that ran, in the order of the peers."""
    return [
        Entry(peer, each["variant"], each["speed"], each["rates"])
        for peer, variants_of in found["peers"].items()
        for each in variants_of
        if "speed" in each
    ]


def best(candidates: Iterable[Entry]) -> Entry | None:
    """The one whose median is greatest, of those that had more than one turn."""
    return max((entry for entry in candidates if len(entry.rates) > 1), key=lambda entry: entry.speed, default=None)


def ratio(ours: Entry, other: Entry) -> tuple[float, float, float]:
    """The median, the least and the greatest of the rounds' own ratios."""
    ratios = [a / b for a, b in zip(ours.rates, other.rates, strict=False)]
    return statistics.median(ratios), min(ratios), max(ratios)


def compared(found: Mapping[str, Any], goal: Goal) -> tuple[Entry, Entry] | None:
    """Graphwright, and the best of the programs that a goal names."""
    all_of = entries(found)
    ours = best(entry for entry in all_of if entry.peer == goal.ours)
    other = best(e for e in all_of if e.peer in goal.over or f"{e.peer}: {e.variant}" in goal.over)
    return None if ours is None or other is None else (ours, other)


def goals(results: Results) -> list[str]:
    """A line for each goal."""
    rows = []
    for name, found in results.items():
        for number, goal in enumerate(WORKLOADS[name].goals):
            pair = compared(found, goal)
            if pair is None:
                continue
            ours, other = pair
            middle, least, greatest = ratio(ours, other)
            title = WORKLOADS[name].title if not number else "the same"
            title += ", without native kernels" if goal.ours == PLAIN else ""
            spread = f"**{middle:.2f}** ({least:.2f} to {greatest:.2f})"
            with_what = goal.called if other.called == goal.called else f"{goal.called}: {other.called}"
            rows.append([title, speed(name, ours), with_what, speed(name, other), spread, f"{goal.ratio:.1f}"])
    return table(["workload", "Graphwright", "compared with", "its speed", "ratio (rounds)", "goal"], rows)


def variants(results: Results) -> list[str]:
    """A line for each variant of each peer, whether it ran or not."""
    rows = []
    for name, found in results.items():
        for peer, each in ((peer, each) for peer, all_of in found["peers"].items() for each in all_of):
            called = ", ".join(part for part in (PEERS[peer].title, each["variant"]) if part)
            if "speed" in each:
                entry = Entry(peer, each["variant"], each["speed"], each["rates"])
                rows.append([name, called, speed(name, entry), str(len(entry.rates)), f"{each['first']:.1f} s"])
            else:
                rows.append([name, called, "failed", "0", each["failed"].splitlines()[0][:100].replace("|", "/")])
    header = ["workload", "program", "speed", "turns", "first turn, which compiles"]
    about = "Every variant that was tried; those with one turn were not near the best of their peer:"
    return [about, "", *table(header, rows)]


def circumstances(results: Results) -> list[str]:
    """On what machine, when and with which versions; workloads that share them in one line."""
    shared: dict[str, list[str]] = {}
    for name, found in results.items():
        versions = ", ".join(f"{package} {version}" for package, version in sorted(found["versions"].items()))
        shared.setdefault(f"{found['machine']}; {found['date']}", []).append(f"{name}: {versions}")
    lines = []
    for machine, workloads in shared.items():
        known = {workload.partition(": ")[2] for workload in workloads}
        longest = max(known, key=len)
        covered = all(set(each.split(", ")) <= set(longest.split(", ")) for each in known)
        lines.append(f"Measured on {machine}. " + (f"{longest}." if covered else "; ".join(workloads) + "."))
    return lines


def bars(name: str, found: Mapping[str, Any]) -> dict[str, tuple[float, str, bool]]:
    """Program -> length, what is written beside it, and whether it is ours; the best of each peer."""
    chosen = [best(e for e in entries(found) if e.peer == peer) for peer in found["peers"]]
    return {e.called: (e.speed, speed(name, e), e.peer in (OURS, PLAIN)) for e in chosen if e is not None}


def speed(name: str, entry: Entry) -> str:
    """How fast, as one reads it."""
    if isinstance(WORKLOADS[name], Whole):
        return f"{1 / entry.speed:.1f} s"
    return f"{entry.speed:,.0f} examples/s"
