"""Feeds mutated configurations to what `train.py` does with one, and reports what became of them.

    python experiments/fuzzing/configurations.py 300 1                           so many mutants of a seed
    python experiments/fuzzing/configurations.py 10000 2026 --steps 200 --write   and the table of README.md

Every mutant is a valid configuration (each file of conf/ and experiments/) in which keys and values were deleted,
renamed, retyped or exchanged: in the files' text, in the composed tree, or on the command line. Each must be planned,
or be answered by exit status 2 and a screen on which every mistake has a place; of the planned ones so many different
programs as `--steps` says run a step. Anything else is a failure. With `--write` the report is kept as it grows: given
again, the command goes on behind the last mutant that was tried, and `--anew` begins at the first one.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import random
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from experiments.fuzzing.configuration_mutants import of_text, of_tree, of_words, seeds
from experiments.fuzzing.report import (
    HANGS_AFTER,
    ROOT,
    Report,
    Unanswered,
    bounded,
    record,
    recorded,
)
from framework.config.arguments import parse
from framework.config.compose import Source, compose, to_yaml
from framework.config.loader import Loader
from framework.errors import DataError
from framework.launch import REFUSED, Trial, answer, checked, prepare
from framework.plan import plan

PIECE = 250  # mutants between two reports
_PLACED = re.compile(r"(command line|\S.*?:\d+:\d+)(  .*)?\Z")
_COUNT = re.compile(r"\d+ mistakes?; nothing was run\Z")


@dataclass(frozen=True)
class Mutant:
    """What is typed, beside the files that were written. name: what makes it again."""

    name: str
    kind: str
    words: tuple[str, ...]


class Fuzzer:
    """Makes mutants and tries them. folder: where their files are written. steps: how many programs run a step."""

    def __init__(self, folder: Path, report: Report, steps: int):
        self.folder, self.report, self.steps = folder, report, steps
        (folder / "data").mkdir(parents=True)
        self.seeds = seeds(folder / "data")
        self.tree = cache(lambda words: compose(words, loader=self.loader).tree)
        self.loader = Loader(Source())  # of conf/, whose files nothing changes: most mutants choose the same
        self.conf = folder / "conf"
        shutil.copytree(ROOT / "conf", self.conf)
        self.texts = {path: path.read_text(encoding="utf-8") for path in sorted(self.conf.rglob("*.yaml"))}
        self._ran: set[str] = set()
        self._stepper: Callable[[Trial], None] = _run_a_step

    @contextlib.contextmanager
    def mutant(self, number: int) -> Iterator[Mutant]:
        """The mutant of a number, while its files are there."""
        name = f"seed {self.report.seed}, mutant {number}"
        draw = random.Random(f"{self.report.seed}/{number}")
        words = draw.choice(self.seeds)
        kind = draw.choice(("tree", "tree", "text", "command line"))
        if kind == "tree":
            file = self.folder / "tree" / "config.yaml"
            file.parent.mkdir(exist_ok=True)
            file.write_text(to_yaml(of_tree(draw, self.tree(words))), encoding="utf-8")
            yield Mutant(name, kind, ("--config-path", str(file.parent)))
        elif kind == "command line":
            yield Mutant(name, kind, of_words(draw, words, self.tree(words)))
        else:
            chosen = {tuple(word.split("=")) for word in words}
            used = [path for path in self.texts if (path.parent.name, path.stem) in chosen or path.parent == self.conf]
            path = draw.choice(used)
            path.write_text(of_text(draw, self.texts[path]), encoding="utf-8")
            yield Mutant(name, kind, ("--config-path", str(self.conf), *words))
            path.write_text(self.texts[path], encoding="utf-8")

    def run(self, count: int) -> None:
        """Tries mutants until `count` of them have been tried."""
        for number in range(self.report.tried, count):
            with self.mutant(number) as mutant:
                self.report.attempt(f"{mutant.name} ({mutant.kind})", lambda: self._answer(mutant))

    def _answer(self, mutant: Mutant) -> str:
        """What became of a mutant. Raises Unanswered."""
        screen, trials = io.StringIO(), []

        def go() -> int:
            arguments = parse(mutant.words)
            if arguments.source == self.loader.source:
                trial = checked(compose(arguments.overrides, loader=self.loader))
            else:
                trial = prepare(arguments.overrides, arguments.source)
            plan(trial.experiment, trial.built)
            trials.append(trial)
            return 0

        with contextlib.redirect_stderr(screen):
            status = answer(go)
        if status == 0:
            self._step(trials[0])
            return "accepted"
        self._judge(status, screen.getvalue())
        return "refused"

    def _judge(self, status: int, screen: str) -> None:
        """Counts the mistakes on a screen. Raises Unanswered where it is none."""
        if status != REFUSED:
            raise Unanswered(f"exit status {status}: {screen[:300]!r}")
        lines = screen.splitlines()
        headings = [line for line in lines[:-1] if line and not line.startswith(" ")]
        if not lines or not _COUNT.match(lines[-1]):
            raise Unanswered(f"no screen of mistakes: {screen[:300]!r}")
        if not headings or not all(_PLACED.match(line) for line in headings):
            raise Unanswered(f"a mistake without a place: {screen[:400]!r}")
        self.report.counts["mistakes shown"] += int(lines[-1].split()[0])

    def _step(self, trial: Trial) -> None:
        """Runs a step of a program that has not run one, as long as there are steps left."""
        if (
            self.report.counts["ran a step"] < self.steps
            and trial.built.fingerprint not in self._ran
            and _is_small(trial)
        ):
            self._ran.add(trial.built.fingerprint)
            with contextlib.suppress(DataError), bounded(10 * HANGS_AFTER):  # its data may not be on this machine
                self._stepper(trial)
                self.report.counts["ran a step"] += 1


def _is_small(trial: Trial) -> bool:
    """Whether a step can be compiled and run in a moment."""
    planned = plan(trial.experiment, trial.built)
    memory = planned.memory.peak if planned.memory is not None else 0
    return planned.nodes < 1200 and (planned.step_flops or 0) < 1e9 and memory < 1e9


def _run_a_step(trial: Trial) -> None:
    import jax

    from framework.train.engine import Engine

    jax.config.update("jax_disable_most_optimizations", True)  # one step is run, however slowly
    engine = Engine(trial.experiment, trial.experiment.dataset.load())
    engine.advance(engine.initialize(), 0, 1, lambda: False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, nargs="?", default=1000)
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--write", action="store_true", help="keep the report, and put it into README.md")
    parser.add_argument("--anew", action="store_true", help="try again what has been tried")
    given = parser.parse_args()
    report = recorded("configurations", given.seed) if given.write and not given.anew else Report(given.seed)
    with tempfile.TemporaryDirectory() as folder:
        fuzzer = Fuzzer(Path(folder, "fuzz"), report, given.steps)
        while report.tried < given.count:
            fuzzer.run(min(given.count, report.tried + PIECE))
            print(f"{report.tried:,} of {given.count:,}, {len(report.failures)} failures", flush=True)
            if given.write:
                record("configurations", report)
    print(report.text())
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
