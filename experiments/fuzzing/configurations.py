"""Feeds mutated configurations to what `train.py` does with one, and reports what became of them.

    python experiments/fuzzing/configurations.py 10000 2026 --steps 400

The numbers are the mutants to try, the seed, and how many different programs run a step. Every mutant is a valid
configuration (each file of conf/ and experiments/) in which keys and values were deleted, renamed, retyped or
exchanged: in the files' text, in the composed tree, or on the command line. Each must be planned, and run a step, or be
answered by exit status 2 and a screen on which every mistake has a place. Anything else is a failure.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import io
import os
import random
import re
import resource
import shutil
import signal
import string
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from framework.config.arguments import parse  # noqa: E402
from framework.config.compose import compose, to_yaml  # noqa: E402
from framework.errors import DataError  # noqa: E402
from framework.launch import REFUSED, Trial, answer, prepare  # noqa: E402
from framework.plan import plan  # noqa: E402

HANGS_AFTER = 20  # seconds of work, or ten times as many of waiting
_PLACED = re.compile(r"(command line|\S.*?:\d+:\d+)(  .*)?\Z")
_COUNT = re.compile(r"\d+ mistakes?; nothing was run\Z")
_SMALL = ("trainer.batch_size=8", "trainer.epochs=1", "dataset.limit=32")
_TEXT = (*_SMALL, "dataset.window=8", "loss=language", "metrics=none", "dataset=text")
_PARTNERS = {
    "char_transformer": _TEXT,
    "lstm": _TEXT,
    "regressor": ("dataset=diabetes", "loss=mean_squared_error", "metrics=regression", *_SMALL),
    "unet": ("loss=reconstruction", "metrics=none", *_SMALL),
}
_TINY = ("model=mlp", "model.layers.fc1.units=4", "model.layers.fc2.units=4", *_SMALL)
_ODD = (
    None, True, False, 0, 1, -1, 2, 3, 7, 64, 10**6, 2**31, 2**63, 10**30, 0.0, 0.5, -0.5, 1.0, 1e-9, 1e308,
    float("nan"), float("inf"), "", " ", "all", "auto", "true", "1", "1e-3", "null", "???", "${seed}", "${nothing}",
    "${trainer}", "${.}", "${oc.env:HOME}", "1 epoch", "0 steps", "9" * 5000, "é", "a b", "a\nb", "a/b", "../../x", ".",
    "*", "**/*[", "[", "{", "~", "$", "mean(logits)", "logits:7", "9**9**9", [], [[]], [None], [1, 2], ["input"], {},
    {"type": "dense"}, {"type": "dense", "units": 3}, {"a": {"b": {"c": []}}}, {"_target_": "os.system"},
)  # fmt: skip

_STARTS = ("\t", "- ", "# ", "? ", "!!python/name:os.system ")
_SIGNS = ("", "", *":,{}[]'\"$%é0\0", "&a ", "*a", "!!int ", "<<: ")


class _HangError(BaseException):
    """Raised in a mutant that takes too long."""


@dataclass
class Report:
    """What became of the mutants. failures: what is no answer, with what makes the mutant again."""

    tried: int = 0
    planned: int = 0
    refused: int = 0
    stepped: int = 0
    lacking: int = 0
    shared: int = 0
    mistakes: int = 0
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0
    slowest_name: str = ""
    kinds: Counter[str] = field(default_factory=Counter)

    def text(self) -> str:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in sorted(self.kinds.items()))
        return "\n".join(
            [
                f"tried     {self.tried:,} ({kinds})",
                f"planned   {self.planned:,}: {self.stepped:,} ran a step, {self.shared:,} have one of these programs, "
                f"{self.lacking:,} lack their data",
                f"refused   {self.refused:,}, with {self.mistakes:,} mistakes",
                f"failures  {len(self.failures)}",
                *(f"  {failure}" for failure in self.failures),
                f"slowest   {self.slowest:.2f} s ({self.slowest_name})",
                f"memory    {peak:,.0f} MB at most",
            ]
        )


def seeds(folder: Path) -> list[tuple[str, ...]]:
    """The valid configurations, as overrides: every file of conf/ and experiments/ is in one. folder: for own data."""
    found: list[tuple[str, ...]] = []
    for model in _stems("conf/model"):
        found.append((f"model={model}", *_PARTNERS.get(model, _SMALL)))
    found += [(*_TINY, f"optimizer={name}", "schedule=constant") for name in _stems("conf/optimizer")]
    found += [(*_TINY, f"schedule={name}") for name in _stems("conf/schedule")]
    for name in _stems("conf/dataset"):
        own = _own_data(name, folder)
        more = (
            ("loss=mean_squared_error", "metrics=regression", "model.layers.logits.units=1")
            if name == "diabetes"
            else ()
        )
        if name != "text":
            found.append((*_TINY, f"dataset={name}", *own, *more))
    found += [(*_TINY, "loss=focal_cross_entropy"), (*_TINY, "metrics=detailed"), (*_TINY, "metrics=top_5")]
    for loss in ("huber", "mean_absolute_error", "mean_squared_error"):
        found.append(("model=regressor", "dataset=diabetes", f"loss={loss}", "metrics=regression_detailed", *_SMALL))
    found += [(f"experiments={name}", "trainer.epochs=1") for name in _stems("experiments")]
    return found


def _stems(folder: str) -> list[str]:
    return sorted(path.stem for path in (ROOT / folder).glob("*.yaml"))


def _own_data(name: str, folder: Path) -> tuple[str, ...]:
    """Options of data sets that read files, which are written first."""
    import numpy as np
    from PIL import Image

    table = folder / "table.csv"
    table.write_text("a,b,y\n" + "".join(f"{k},{'uvw'[k % 3]},{'no' if k % 2 else 'yes'}\n" for k in range(60)))
    if name == "csv":
        return (f"dataset.path={table}", "dataset.target=y")
    if name == "parquet":
        from pyarrow import csv, parquet

        parquet.write_table(csv.read_csv(table), table.with_suffix(".parquet"))
        return (f"dataset.path={table.with_suffix('.parquet')}", "dataset.target=y")
    if name == "npz":
        np.savez(folder / "arrays.npz", image=np.ones((60, 4, 4, 1), np.float32), label=np.arange(60) % 3)
        return (f"dataset.path={folder}/arrays.npz",)
    if name == "image_folder":
        for k in range(20):
            path = folder / "images" / "ab"[k % 2] / f"{k}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (4, 4), (k, 0, 0)).save(path)
        return (f"dataset.path={folder}/images",)
    return ()


# -- mutations --------------------------------------------------------------------------------------------------------


def _spots(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every path in a tree, from the top down."""
    for key, item in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield (*path, key)
        yield from _spots(item, (*path, key))


def _at(tree: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        tree = tree[key]
    return tree


def _typo(draw: random.Random, word: str) -> str:
    """A word with one letter left out, doubled, exchanged or changed."""
    k = draw.randrange(len(word) or 1)
    letter = draw.choice(string.ascii_lowercase + "_ /.:-")
    return draw.choice(
        (
            word[:k] + word[k + 1 :],
            word[:k] + word[k : k + 1] + word[k:],
            word[:k] + letter + word[k + 1 :],
            word.upper(),
        )
    )


def _value(draw: random.Random, tree: Any, old: Any) -> Any:
    """Another value: odd, of elsewhere in the tree, of another type, or like the old one."""
    kind = draw.randrange(6)
    if kind == 0:
        return copy.deepcopy(_at(tree, draw.choice(list(_spots(tree)))))
    if kind > 2 and isinstance(old, (int, float)):
        return draw.choice((1, 2, 3, old, 2 * old, old + 1, old / 2, not old, 0.5, 1e-3))
    if kind == 1 and isinstance(old, str):
        return _typo(draw, old)
    if kind == 1 and isinstance(old, (int, float)):
        return draw.choice((-old, old + 1, old * 1000, float(old), str(old), [old], {"value": old}))
    if kind == 2:
        return draw.choice((str(old), [old], {"type": old}, {str(old): old}))
    return copy.deepcopy(draw.choice(_ODD))


def of_tree(draw: random.Random, tree: dict[str, Any]) -> dict[str, Any]:
    """Keys and values deleted, renamed, retyped, doubled or exchanged."""
    tree = copy.deepcopy(tree)
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        paths = list(_spots(tree))
        if not paths:
            break
        path = draw.choice(paths)
        holder, key = _at(tree, path[:-1]), path[-1]
        kind = draw.randrange(6)
        if kind == 0:
            del holder[key]
        elif kind == 1 and isinstance(holder, dict):
            name = _typo(draw, str(key)) if draw.random() < 0.7 else draw.choice((draw.choice(paths)[-1], *_ODD[:14]))
            items = [(name if k == key else k, item) for k, item in holder.items()]  # in its old place
            holder.clear()
            holder.update(items)
        elif kind == 2:
            other = draw.choice(paths)
            first, second = copy.deepcopy(holder[key]), copy.deepcopy(_at(tree, other))
            _at(tree, other[:-1])[other[-1]] = first
            with contextlib.suppress(KeyError, IndexError, TypeError):  # one held the other
                _at(tree, path[:-1])[key] = second
        elif kind == 3 and isinstance(holder, dict):
            holder[_typo(draw, str(key))] = copy.deepcopy(holder[key])
        else:
            holder[key] = _value(draw, tree, holder[key])
    return tree


def of_text(draw: random.Random, text: str) -> str:
    """Letters and lines of a file left out, doubled, exchanged or moved."""
    for _ in range(draw.choice((1, 1, 2, 4))):
        lines = text.split("\n")
        kind, row = draw.randrange(7), draw.randrange(len(lines))
        if kind == 0:
            del lines[row]
        elif kind == 1:
            lines.insert(row, draw.choice(lines))
        elif kind == 2:
            other = draw.randrange(len(lines))
            lines[row], lines[other] = lines[other], lines[row]
        elif kind == 3:
            lines[row] = (
                draw.choice((" " * draw.randrange(5), "\t", "- ", "# ", "? ", "!!python/name:os.system ")) + lines[row]
            )
        else:
            k = draw.randrange(len(lines[row]) + 1)
            sign = draw.choice(_SIGNS)
            lines[row] = lines[row][:k] + sign + lines[row][k + draw.randrange(2) :]
        text = "\n".join(lines)
    return text


def of_words(draw: random.Random, words: tuple[str, ...], tree: dict[str, Any]) -> tuple[str, ...]:
    """Overrides left out, misspelt and added, at places that there are and at others."""
    found = list(words)
    for _ in range(draw.choice((1, 1, 2, 3))):
        kind = draw.randrange(8)
        path = [str(key) for key in draw.choice(list(_spots(tree)))]
        if kind == 0:
            del found[draw.randrange(len(found))]
        elif kind == 1:
            k = draw.randrange(len(found))
            found[k] = _typo(draw, found[k])
        elif kind == 2:
            found.append(f"~{'.'.join(path)}")
        else:
            if kind == 3:
                path[-1] = _typo(draw, path[-1])
            if kind == 4:
                path.append(draw.choice(("type", "x", "0", "inputs", "name")))
            value = _value(draw, tree, _at(tree, draw.choice(list(_spots(tree)))))
            found.append(f"{'.'.join(path)}={_typed(draw, value)}")
    return tuple(word for word in found if "\0" not in word)  # which no command line can hold


def _typed(draw: random.Random, value: Any) -> str:
    """A value as it might be typed."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{_typed(draw, item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_typed(draw, item) for item in value) + "]"
    if isinstance(value, str) and draw.random() < 0.3:
        return f'"{value}"'
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


# -- running ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mutant:
    """What is typed, beside the files that were written. name: what makes it again."""

    name: str
    kind: str
    words: tuple[str, ...]


class Fuzzer:
    """Makes mutants and tries them. folder: where their files are written. steps: how many programs run a step."""

    def __init__(self, folder: Path, seed: int, steps: int):
        self.folder, self.seed, self.steps = folder, seed, steps
        (folder / "data").mkdir(parents=True)
        self.seeds = seeds(folder / "data")
        self.trees = {words: compose(words).tree for words in self.seeds}
        self.conf = folder / "conf"
        shutil.copytree(ROOT / "conf", self.conf)
        self.texts = {path: path.read_text(encoding="utf-8") for path in sorted(self.conf.rglob("*.yaml"))}
        self.report = Report()
        self._ran: set[str] = set()
        self._stepper: Callable[[Trial], None] = _run_a_step

    @contextlib.contextmanager
    def mutant(self, number: int) -> Iterator[Mutant]:
        """The mutant of a number, while its files are there."""
        name = f"seed {self.seed}, mutant {number}"
        draw = random.Random(f"{self.seed}/{number}")
        words = draw.choice(self.seeds)
        kind = draw.choice(("tree", "tree", "text", "command line"))
        if kind == "tree":
            file = self.folder / "tree" / "config.yaml"
            file.parent.mkdir(exist_ok=True)
            file.write_text(to_yaml(of_tree(draw, self.trees[words])), encoding="utf-8")
            yield Mutant(name, kind, ("--config-path", str(file.parent)))
        elif kind == "command line":
            yield Mutant(name, kind, of_words(draw, words, self.trees[words]))
        else:
            chosen = {tuple(word.split("=")) for word in words}
            used = [path for path in self.texts if (path.parent.name, path.stem) in chosen or path.parent == self.conf]
            path = draw.choice(used)
            path.write_text(of_text(draw, self.texts[path]), encoding="utf-8")
            yield Mutant(name, kind, ("--config-path", str(self.conf), *words))
            path.write_text(self.texts[path], encoding="utf-8")

    def run(self, first: int, count: int) -> Report:
        """Tries the mutants `first` to `first + count`."""
        for number in range(first, first + count):
            with self.mutant(number) as mutant:
                self._try(mutant)
        return self.report

    def _try(self, mutant: Mutant) -> None:
        report, screen, trials = self.report, io.StringIO(), []
        report.tried += 1
        report.kinds[mutant.kind] += 1

        def go() -> int:
            arguments = parse(mutant.words)
            trial = prepare(arguments.overrides, arguments.source)
            plan(trial.experiment, trial.built)
            trials.append(trial)
            return 0

        began = time.perf_counter()
        wrong = None
        _allow(HANGS_AFTER)
        try:
            with contextlib.redirect_stderr(screen), contextlib.redirect_stdout(io.StringIO()):
                status = answer(go)
                if trials:
                    self._step(trials[0])
            wrong = self._judge(status, screen.getvalue())
        except _HangError:
            wrong = f"hangs in {_where()}"
        except Exception as error:
            wrong = f"{type(error).__name__}: {str(error)[:200]!r} in {_where()}"
        finally:
            _allow(0)
        if wrong is not None:
            report.failures.append(f"{mutant.name} ({mutant.kind}): {wrong}")
            print(report.failures[-1], file=sys.stderr, flush=True)
        spent = time.perf_counter() - began
        if spent > report.slowest:
            report.slowest, report.slowest_name = spent, mutant.name

    def _judge(self, status: int, screen: str) -> str | None:
        """Counts an answer; returns what is wrong with it."""
        if status == 0:
            self.report.planned += 1
            return None
        if status != REFUSED:
            return f"exit status {status}: {screen[:300]!r}"
        self.report.refused += 1
        lines = screen.splitlines()
        headings = [line for line in lines[:-1] if line and not line.startswith(" ")]
        self.report.mistakes += int(lines[-1].split()[0]) if lines and _COUNT.match(lines[-1]) else 0
        if not lines or not _COUNT.match(lines[-1]):
            return f"no screen of mistakes: {screen[:300]!r}"
        unplaced = [line for line in headings if not _PLACED.match(line)]
        return f"a mistake without a place: {screen[:400]!r}" if unplaced or not headings else None

    def _step(self, trial: Trial) -> None:
        """Runs a step of a program that has not run one, as long as there are steps left."""
        if trial.built.fingerprint in self._ran:
            self.report.shared += 1
        elif self.report.stepped < self.steps and _is_small(trial):
            _allow(10 * HANGS_AFTER)  # which compiling may take
            self._ran.add(trial.built.fingerprint)
            try:
                self._stepper(trial)
                self.report.stepped += 1
            except DataError:  # its data are not on this machine
                self.report.lacking += 1


def _is_small(trial: Trial) -> bool:
    """Whether a step can be compiled and run in a moment."""
    planned = plan(trial.experiment, trial.built)
    memory = planned.memory.peak if planned.memory is not None else 0
    return planned.nodes < 1200 and (planned.step_flops or 0) < 1e9 and memory < 1e9


def _run_a_step(trial: Trial) -> None:
    from framework.train.engine import Engine

    engine = Engine(trial.experiment, trial.experiment.dataset.load())
    engine.advance(engine.initialize(), 0, 1, lambda: False)


def _allow(seconds: int) -> None:
    """Raises _HangError in what takes longer than so many seconds of work; 0 for as long as it likes."""
    for kind, clock, limit in (
        (signal.SIGPROF, signal.ITIMER_PROF, seconds),
        (signal.SIGALRM, signal.ITIMER_REAL, 10 * seconds),
    ):
        signal.signal(kind, _hang)
        signal.setitimer(clock, limit)


def _hang(number: int, frame: Any) -> None:
    raise _HangError


def _where() -> str:
    """The last places of our own that an error came through."""
    frames = [f for f in traceback.extract_tb(sys.exc_info()[2]) if f"{os.sep}framework{os.sep}" in f.filename]
    return " < ".join(f"{Path(f.filename).relative_to(ROOT)}:{f.lineno}" for f in reversed(frames[-4:])) or "a library"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, nargs="?", default=1000)
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("--steps", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        fuzzer = Fuzzer(Path(folder, "fuzz"), arguments.seed, arguments.steps)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        try:
            fuzzer.run(arguments.first, arguments.count)
        finally:  # stopped early, it says how far it came
            print(fuzzer.report.text(), flush=True)
    return 1 if fuzzer.report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
