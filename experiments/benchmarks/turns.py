"""Who takes turns: processes that wait while another trains, so that a machine whose speed drifts slows each of them.

First every variant of a peer has two turns, of which the first compiles; then the best of each peer go on alone.
A peer that is a command has a new process each turn, and all of it counts.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WORKER = Path(__file__).with_name("worker.py")
REST = 0.3  # seconds between turns, in which the threads of the one before stop looking for work
LEAST = 5  # rounds, unless fewer are asked for
NEAR = 1.1  # a variant within this of its peer's best goes on, too


class PeerError(Exception):
    """The process of a peer has ended, or cannot begin."""


class Worker:
    """The process of a peer on a workload, which `begin` waits for, so that several can start together."""

    def __init__(self, peer: str, workload: str):
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, str(WORKER), peer, workload],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self.variants: list[str] = []
        self.batch = 0

    def begin(self) -> None:
        """Waits until it has its data, and knows its variants. Raises PeerError when it ends before."""
        ready = self._answer()
        self.variants, self.batch = ready["variants"], ready["batch"]

    def turn(self, variant: str, steps: int) -> dict[str, Any]:
        """Trains some steps: {"seconds": ..., "whole": with what was prepared} or {"failed": why}."""
        try:
            print(json.dumps([variant, steps]), file=self._process.stdin, flush=True)
            return self._answer()
        except (PeerError, BrokenPipeError) as error:
            return {"failed": str(error)}

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(BrokenPipeError):
            self._process.communicate()  # it ends when nothing more is to be read
        self._log.close()

    def _answer(self) -> dict[str, Any]:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            status = self._process.wait()
            self._log.seek(0)
            last = (self._log.read().strip().splitlines() or ["nothing"])[-1]
            raise PeerError(f"it ended with exit status {status}: {last}")
        return json.loads(line)


def run_command(arguments: Sequence[str]) -> dict[str, Any]:
    """A turn that is a command, from its start to its end, in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        done = subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - began
    if done.returncode:
        return {"failed": done.stderr[-500:]}
    return {"seconds": seconds, "whole": seconds}


@dataclass
class Contestant:
    """A variant of a peer.

    amount: what a turn counts. stays: whether it goes on where others of its peer are faster. seconds: of its turns,
    without the first. first: seconds of that, which compiles.
    """

    peer: str
    variant: str
    amount: int
    turn: Callable[[], dict[str, Any]]
    stays: bool = False
    first: float = 0.0
    seconds: list[float] = field(default_factory=list)
    failed: str | None = None

    def take_turn(self) -> None:
        if self.failed is not None:
            return
        time.sleep(REST)
        answer = self.turn()
        self.failed = answer.get("failed")
        if self.failed is None and not self.first:
            self.first = answer["whole"]
        elif self.failed is None:
            self.seconds.append(answer["seconds"])

    def result(self) -> dict[str, Any]:
        """As plain data: `rates` a second, of each turn in order, and `speed`, their median."""
        rates = [self.amount / seconds for seconds in self.seconds]
        found: dict[str, Any] = {"variant": self.variant, "first": round(self.first, 2)}
        if self.failed is not None or not rates:
            return {**found, "failed": self.failed or "it had no turn"}
        return {**found, "speed": statistics.median(rates), "rates": [float(f"{rate:.6g}") for rate in rates]}


def race(contestants: list[Contestant], rounds: int, until: float, say: Callable[[str], None]) -> None:
    """Lets all take turns: a first one that compiles, one that chooses, and `rounds` of those that are left.

    until: when no further round is begun, by `time.monotonic`; there are LEAST of them all the same.
    """
    for contestant in contestants:
        say(f"{contestant.peer}: {contestant.variant} compiles")
        contestant.take_turn()
    remaining = _chosen(contestants)
    for number in range(rounds):
        if number >= LEAST and time.monotonic() > until:
            say(f"the time is over after {number} rounds")
            break
        for position in range(len(remaining)):
            remaining[(number + position) % len(remaining)].take_turn()


def _chosen(contestants: Sequence[Contestant]) -> list[Contestant]:
    """Those that can run; of several variants of a peer, after one turn more, those that were near its best or stay."""
    variants = Counter(contestant.peer for contestant in contestants)
    best: dict[str, float] = {}
    for contestant in contestants:
        if variants[contestant.peer] > 1:
            contestant.take_turn()
        if contestant.seconds:
            best[contestant.peer] = min(best.get(contestant.peer, contestant.seconds[0]), contestant.seconds[0])
    running = [contestant for contestant in contestants if contestant.failed is None]
    chosen = [c for c in running if c.stays or not c.seconds or c.seconds[0] <= NEAR * best[c.peer]]
    for contestant in chosen:
        contestant.seconds.clear()
    return chosen
