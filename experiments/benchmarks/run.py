"""Training speed here and with the peers that are installed, taking turns, in one run.

    python experiments/benchmarks/run.py                     all workloads, about 40 minutes on two slow idle cores
    python experiments/benchmarks/run.py cnn lstm rounds=15  some of them; the others keep what was measured before
    python experiments/benchmarks/run.py report              the table and the picture again, from results.json

What was measured goes into results.json after each workload, and from there into the table of README.md and chart.png,
so a run that was stopped goes on with the names that it had not come to. MNIST comes from $GRAPHWRIGHT_DATA, or is
loaded once.
"""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from datetime import date
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from experiments.benchmarks.peers import PEERS
from experiments.benchmarks.report import load, save, write
from experiments.benchmarks.turns import Contestant, PeerError, Worker, race, run_command
from experiments.benchmarks.workloads import WORKLOADS, Whole, Workload
from experiments.reporting.machine import describe

MINUTES = 2.0  # a workload, unless the fewest rounds take longer


def say(text: str) -> None:
    print(f"  {text}", flush=True)


def installed(peer: str) -> bool:
    return all(find_spec(package) is not None for package in PEERS[peer].packages)


def measure(workload: Workload | Whole, rounds: int | None) -> dict[str, Any]:
    """One workload, as results.json holds it."""
    until = time.monotonic() + 60 * MINUTES
    with ExitStack() as open_workers:
        versions, contestants = contest(workload, open_workers)
        race(contestants, rounds or workload.rounds, until, say)
    peers: dict[str, list[dict[str, Any]]] = {}
    for contestant in contestants:
        peers.setdefault(contestant.peer, []).append(contestant.result())
    return {"date": date.today().isoformat(), "machine": describe(), "versions": versions, "peers": peers}


def contest(workload: Workload | Whole, open_workers: ExitStack) -> tuple[dict[str, str], list[Contestant]]:
    """Versions by package, and who takes turns; a peer that is not installed, or does not start, is told of."""
    wanted = workload.peers if isinstance(workload, Workload) else tuple(workload.commands)
    present = [peer for peer in wanted if installed(peer)]
    for peer in set(wanted) - set(present):
        say(f"{PEERS[peer].title} is not installed (pip install -e '.[peers]')")
    versions = {package: version(package) for peer in present for package in PEERS[peer].packages}
    if isinstance(workload, Whole):
        return versions, [Contestant(peer, "", 1, partial(run_command, workload.commands[peer])) for peer in present]
    contestants = []
    named = {program for goal in workload.goals for program in goal.over}
    workers = {peer: open_workers.enter_context(Worker(peer, workload.name)) for peer in present}
    for peer, worker in workers.items():
        try:
            worker.begin()
        except PeerError as error:
            say(f"{PEERS[peer].title}: {error}")
        for variant in worker.variants:
            turn = partial(worker.turn, variant, workload.steps)
            stays = f"{peer}: {variant}" in named
            contestants.append(Contestant(peer, variant, workload.steps * worker.batch, turn, stays))
    return versions, contestants


def main(arguments: list[str]) -> None:
    options = dict(argument.split("=", 1) for argument in arguments if "=" in argument)
    names = [argument for argument in arguments if "=" not in argument]
    unknown = [name for name in names if name not in WORKLOADS and name != "report"]
    if unknown or set(options) - {"rounds"} or not options.get("rounds", "1").isdigit():
        sys.exit(f"{__doc__}\nworkloads: {', '.join(WORKLOADS)}")
    results, rounds = load(), int(options["rounds"]) if options else None
    for name in [] if "report" in names else names or WORKLOADS:
        print(f"{name}: {WORKLOADS[name].title}", flush=True)
        results[name] = measure(WORKLOADS[name], rounds)
        save(results)
    print(write(results))


if __name__ == "__main__":
    main(sys.argv[1:])
