"""What became of the inputs of a fuzzer: tried within bounds of time, counted, and kept from one run to the next."""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import os
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from experiments.reporting.readme import table

ROOT = Path(__file__).resolve().parents[2]
RESULTS = Path(__file__).with_name("results.json")
HANGS_AFTER = 20  # seconds of work, or ten times as many of waiting
_HEADER = ("seed", "inputs", "accepted", "refused", "failures", "slowest", "memory at most", "besides")


class Unanswered(Exception):  # noqa: N818  not an error of the program that is tried
    """An input was neither accepted nor refused as it should be."""


class _Hang(BaseException):
    """Raised in what takes too long."""


@dataclass
class Report:
    """tried: inputs of a seed, from its first on. counts: what became of them. failures: what makes one again, and what
    was wrong. slowest: seconds of the processor. memory: of the process at most, in megabytes."""

    seed: int
    tried: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0
    slowest_name: str = ""
    memory: float = 0.0

    def attempt(self, name: str, action: Callable[[], str]) -> None:
        """Tries an input; `action` says what became of it, and whatever it raises is a failure."""
        self.tried += 1
        began = time.process_time()
        try:
            with bounded(HANGS_AFTER):
                self.counts[action()] += 1
        except _Hang:
            self.fail(f"{name}: hangs in {_where()}")
        except Unanswered as answer:
            self.fail(f"{name}: {answer}")
        except (Exception, SystemExit) as error:
            self.fail(f"{name}: {type(error).__name__}: {str(error)[:200]!r} in {_where()}")
        spent = time.process_time() - began
        if spent > self.slowest:
            self.slowest, self.slowest_name = spent, name
        self.memory = max(self.memory, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)

    def fail(self, what: str) -> None:
        self.failures.append(what)
        print(what, file=sys.__stderr__, flush=True)

    def row(self) -> list[str]:
        """A row of the table."""
        counts = (f"{count:,}" for count in (self.tried, self.counts["accepted"], self.counts["refused"]))
        besides = ", ".join(
            f"{count:,} {name}" for name, count in sorted(self.counts.items()) if name not in ("accepted", "refused")
        )
        bounds = (f"{self.slowest:.2f} s", f"{self.memory:,.0f} MB")
        return [str(self.seed), *counts, str(len(self.failures)), *bounds, besides]

    def text(self) -> str:
        """What is printed."""
        counts = ", ".join(f"{name} {count:,}" for name, count in sorted(self.counts.items()))
        slowest = f"slowest {self.slowest:.2f} s ({self.slowest_name}), {self.memory:,.0f} MB at most"
        return "\n".join([f"tried {self.tried:,}: {counts}, failures {len(self.failures)}; {slowest}", *self.failures])


def recorded(name: str, seed: int) -> Report:
    """What is known of the inputs of a seed; nothing of those of another."""
    found = _read().get(name)
    known = Report(seed) if found is None else Report(**{**found, "counts": Counter(found["counts"])})
    return known if known.seed == seed else Report(seed)


def record(name: str, report: Report) -> None:
    """Keeps a report in `results.json`, beside those of others, and writes the tables of README.md anew."""
    with _alone(RESULTS.parent):
        results = {**_read(), name: vars(report)}
        _replace(RESULTS, json.dumps(dict(sorted(results.items())), indent=1) + "\n")
        readme = RESULTS.with_name("README.md")
        _replace(readme, _with_tables(readme.read_text(encoding="utf-8"), results))


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Waits until no other process is here."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _read() -> dict[str, dict[str, Any]]:
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def _with_tables(text: str, results: dict[str, dict[str, Any]]) -> str:
    """A text with the rows of every kind of result between its marks: `<!-- readers -->` to `<!-- /readers -->`."""
    kinds = dict.fromkeys(name.partition(": ")[0] for name in sorted(results))
    for kind in kinds:
        rows = [
            [name.partition(": ")[2] or name, *Report(**{**found, "counts": Counter(found["counts"])}).row()]
            for name, found in sorted(results.items())
            if name.partition(": ")[0] == kind
        ]
        before, begin, rest = text.partition(f"<!-- {kind} -->")
        _, end, after = rest.partition(f"<!-- /{kind} -->")
        if not begin or not end:
            raise ValueError(f"README.md has no place for '{kind}'")
        text = "\n".join([f"{before}{begin}", "", *table(("", *_HEADER), rows), "", f"{end}{after}"])
    return text


@contextlib.contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Ends what takes longer than so many seconds of work, and keeps what it prints from the terminal.

    Inside another, it takes the place of the bounds of that one.
    """
    _allow(seconds)
    try:
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        _allow(0)


def _allow(seconds: float) -> None:
    for kind, clock, limit in (
        (signal.SIGPROF, signal.ITIMER_PROF, seconds),
        (signal.SIGALRM, signal.ITIMER_REAL, 10 * seconds),
    ):
        signal.signal(kind, _hang)
        signal.setitimer(clock, limit)


def _hang(number: int, frame: Any) -> None:
    raise _Hang


def _where() -> str:
    """The last places of our own that an error came through."""
    frames = [f for f in traceback.extract_tb(sys.exc_info()[2]) if f"{os.sep}framework{os.sep}" in f.filename]
    return " < ".join(f"{Path(f.filename).relative_to(ROOT)}:{f.lineno}" for f in reversed(frames[-4:])) or "a library"
