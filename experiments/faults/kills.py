"""Kills a run with SIGKILL at random moments, resumes it each time, and compares its end with that of an unbroken one.

    python experiments/faults/kills.py 300 2026     so many kills, with that seed; writes kills.md beside this file,
                                                    and goes on where it was ended; without kills.json it starts anew
    python experiments/faults/kills.py 20 1 -       the report goes to the terminal alone

A run is killed about five times. Of five kills two come at a random time after the start of its process, two right
before a random one of its operations on files, which is how the few microseconds around a rename are met, and one while
it evaluates or ends, which takes little of a run's time. This process imports the framework once and forks the others
before JAX has a device; each is a process of its own, which makes its own programs.
"""

from __future__ import annotations

import json
import mmap
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import optax  # noqa: F401
from tensorboard.compat.tensorflow_stub.errors import OpError
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import PyRecordReader_New

from framework.config.compose import Source
from framework.config.loader import AUTO
from framework.graph.graphdef.proto import Event
from framework.launch import answer, prepare, start
from framework.train.checkpoint import Checkpoints
from framework.train.engine import Engine
from framework.train.status import Status

KILLS_PER_RUN = 5
KINDS = {
    "time": "at a random time",
    "file": "before a random file operation",
    "place": "while it evaluates or ends",
}
LINGERS = {"evaluating": 0.002, "ending": 0.2}  # seconds in which a kill comes that waits for such a place
LONGEST = 1800  # seconds until a process hangs; it takes a few, and some minutes on a busy machine
RESULTS = Path(__file__).with_suffix(".json")
RUN = [
    "model=mlp", "dataset=iris", "model.layers.fc1.units=12", "model.layers.fc2.units=8", "trainer.batch_size=20",
    "model.layers.drop={type: dropout, rate: 0.3, inputs: [fc2]}", "model.layers.logits.inputs=[drop]",
    "trainer.accumulate=3", "trainer.ema=0.9", "trainer.keep=2", "trainer.epochs=60",
    "trainer.early_stop={monitor: validation/loss, patience: 1000}", "trainer.summaries.histograms=true",
    "trainer.summaries.every=7 steps", "trainer.evaluate_every=13 steps", "trainer.checkpoint_every=9 steps",
]  # fmt: skip
PLACES = {
    "starting": "while it starts: imports are done, but no step is made yet",
    "steps": "within or between steps, reporting and deciding among them",
    "evaluating": "while it evaluates",
    "writing": "while a checkpoint's files are written",
    "renaming": "at the rename that makes a checkpoint visible, or that takes a name away",
    "deleting": "while an old checkpoint is deleted",
    "other files": "at another file: metrics, events, status, configuration",
    "ending": "after the last step: test, picture, status",
}
_SLOT = 64


class Board:
    """Memory that a process and its parent share: where the process is, and how many file operations it has made."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 4 * _SLOT)

    def note(self, slot: int, text: str) -> None:
        self._memory[slot * _SLOT : (slot + 1) * _SLOT] = text.encode().ljust(_SLOT, b"\0")

    def read(self, slot: int) -> str:
        return self._memory[slot * _SLOT : (slot + 1) * _SLOT].rstrip(b"\0").decode()


_LOOP, _WRITER, _FILES, _AT = range(4)


def train(board: Board, folder: Path, words: list[str], last_operation: int | None) -> int:
    """What a forked process does: trains, or goes on, up to right before its file operation `last_operation`."""
    board.note(_LOOP, "starting")
    board.note(_WRITER, "")
    board.note(_AT, "")
    made = 0

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal made
        place = _place(event, arguments, str(folder))
        if place is None:
            return
        made += 1
        board.note(_FILES, str(made))
        if place in ("writing", "renaming", "deleting"):
            board.note(_WRITER, place)
        if made == last_operation:
            board.note(_AT, place)
            os.kill(os.getpid(), signal.SIGKILL)

    _tell(Engine, "advance", board, _LOOP, "steps", "steps")
    _tell(Engine, "evaluate", board, _LOOP, "evaluating", "steps")
    _tell(Checkpoints, "save", board, _WRITER, "writing", "")
    sys.addaudithook(watch)
    return answer(lambda: start(prepare([*words, f"hydra.run.dir={folder}"], Source(resume=AUTO))))


def _tell(owner: type, name: str, board: Board, slot: int, before: str, after: str) -> None:
    """Notes on the board when a method begins and ends."""
    method = getattr(owner, name)

    def told(*arguments: Any, **options: Any) -> Any:
        ends = name == "evaluate" and arguments[2] == "test"
        board.note(slot, "ending" if ends else before)
        try:
            return method(*arguments, **options)
        finally:
            board.note(slot, "ending" if ends else after)

    setattr(owner, name, told)


def _place(event: str, arguments: tuple[Any, ...], folder: str) -> str | None:
    """Where a process is when Python tells of an operation on a file of its run; None for all other events."""
    if event == "open":
        path, mode, _ = arguments
        if not isinstance(path, (str, os.PathLike)) or "r" in (mode or "r"):
            return None
    elif event in ("os.rename", "os.mkdir", "os.remove", "os.rmdir"):
        path = arguments[0]
    else:
        return None
    name = os.fspath(path)
    if event == "os.remove" or event == "os.rmdir":  # relative to a folder that is being removed
        return "deleting" if not os.path.isabs(name) or ".removing-" in name else None
    if not name.startswith(folder):
        return None
    if event == "os.rename":
        return "renaming" if "/checkpoints/" in name else "other files"
    return "writing" if "/checkpoints/" in name else "other files"


@dataclass
class Life:
    """What became of one process. status: its exit status, or None when it was killed. place: where that met it."""

    status: int | None
    place: str
    operations: int
    seconds: float


def live(
    folder: Path,
    words: list[str],
    *,
    seconds: float | None = None,
    operation: int | None = None,
    within: tuple[str, float] | None = None,
) -> Life:
    """Runs one process until it ends, until so many seconds have passed, or up to one of its file operations.

    within: a place of the loop, and how many seconds to wait when it is there, which is looked for after `seconds`.
    """
    board, began = Board(), time.perf_counter()
    board.note(_LOOP, "starting")
    process = os.fork()
    if process == 0:
        _work(lambda: train(board, folder, words, operation), folder.with_suffix(".out"))
    ended = status = 0
    while not ended:
        if time.perf_counter() - began > LONGEST:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            raise SystemExit(f"{folder} hangs: see {folder.with_suffix('.out')}")
        is_due = seconds is not None and time.perf_counter() - began >= seconds
        if is_due and within is not None:
            is_due = board.read(_LOOP) == within[0]
            time.sleep(within[1] if is_due else 0)
        if is_due:
            os.kill(process, signal.SIGKILL)
            ended, status = os.waitpid(process, 0)
        else:
            ended, status = os.waitpid(process, os.WNOHANG)
            time.sleep(0.0001 if within else 0.0005)
    code = os.waitstatus_to_exitcode(status)
    loop, writer, at = board.read(_LOOP), board.read(_WRITER), board.read(_AT)
    place = at or (writer if within is None and loop in ("steps", "evaluating", "ending") and writer else loop)
    took = time.perf_counter() - began
    return Life(None if code == -signal.SIGKILL else code, place, int(board.read(_FILES) or 0), took)


def _work(action: Callable[[], int], output: Path) -> None:
    """Ends this process with what `action` returns; what it prints goes into a file."""
    status = 70
    try:
        with output.open("ab", buffering=0) as stream:
            os.dup2(stream.fileno(), 1)
            os.dup2(stream.fileno(), 2)
        status = action()
    except BaseException as error:
        print(repr(error), file=sys.stderr, flush=True)
    finally:
        os._exit(status)


# -- what is compared ---------------------------------------------------------------------------------------------


def differences(folder: Path, unbroken: Path) -> Iterator[str]:
    """What is not as in the unbroken run: parameters, slots, progress, metrics, events, and what lies in the folder."""
    found, expected = (Checkpoints(path / "checkpoints", 2).latest() for path in (folder, unbroken))
    if found is None or expected is None:
        yield "there is no checkpoint"
        return
    if found.state.keys() != expected.state.keys():
        yield "other variables"
    for name, array in expected.state.items():
        if name in found.state and found.state[name].tobytes() != array.tobytes():
            yield f"'{name}' differs"
    if (found.step, found.progress) != (expected.step, expected.progress):
        yield "the progress differs"
    if (folder / "metrics.csv").read_bytes() != (unbroken / "metrics.csv").read_bytes():
        yield "metrics.csv differs"
    statuses = [Status.read(path) for path in (folder, unbroken)]
    if statuses[0].state != "finished" or statuses[0].metrics != statuses[1].metrics:
        yield "status.json differs"
    for split in ("train", "validation", "test", "."):
        if events(folder / split) != events(unbroken / split):
            yield f"the events of '{split}' differ"
    names = [{path.name for path in (folder_ / "checkpoints").iterdir()} for folder_ in (folder, unbroken)]
    if names[0] != names[1]:
        yield f"checkpoints/ holds {sorted(names[0])}, not {sorted(names[1])}"


def events(folder: Path) -> list[tuple[int, str, bytes]]:
    """What TensorBoard shows of a folder: step, tag and value of every number and histogram, in that order.

    When a session starts at a step, what was written for that step and later ones is forgotten. In which order the tags
    of some steps are written depends on where the steps were cut, and nobody sees it.
    """
    found: list[tuple[int, str, bytes]] = []
    for path in sorted(folder.glob("events.out.*")):
        for event in _records(path):
            if event.HasField("session_log"):
                found = [entry for entry in found if entry[0] < event.step]
            values = (value for value in event.summary.value if not value.HasField("metadata"))
            found += [(event.step, value.tag, value.SerializeToString()) for value in values]
    return sorted(found)


def _records(path: Path) -> Iterator[Any]:
    """The whole events of a file; the last one of a process that was killed may be cut off."""
    reader = PyRecordReader_New(str(path))
    while True:
        try:
            reader.GetNext()
        except OpError:
            return
        yield Event.FromString(reader.record())


# -- the study ----------------------------------------------------------------------------------------------------


@dataclass
class Findings:
    """What the study found, in so many seconds. failures: run and what was not as it should be. places: where kills met
    it, by kind."""

    kills: int = 0
    runs: int = 0
    equal_after: int = 0
    set_aside: int = 0
    lost: int = 0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)
    places: dict[str, Counter[str]] = field(default_factory=lambda: {kind: Counter() for kind in KINDS})


def study(kills: int, seed: int, root: Path, found: Findings, tell: Callable[[], None]) -> None:
    """Kills runs until there are `kills` in all, and compares the end of each; `tell` is called after each run."""
    unbroken: dict[str, tuple[Path, Life]] = {}
    for execution in ("step", "loop"):
        folder = root / f"unbroken-{execution}"
        whole = live(folder, [*RUN, f"trainer.execution={execution}"])
        if whole.status != 0:
            raise SystemExit(folder.with_suffix(".out").read_text())
        # Its programs were compiled; the others take them from the cache, as a second one does, which tells how long.
        again = live(root / f"again-{execution}", [*RUN, f"trainer.execution={execution}"])
        if again.status != 0 or list(differences(root / f"again-{execution}", folder)):
            raise SystemExit(f"two unbroken runs differ: {list(differences(root / f'again-{execution}', folder))}")
        unbroken[execution] = folder, again
    while found.kills < kills:
        began, execution = time.perf_counter(), ("step", "loop")[found.runs % 2]
        chance = random.Random(f"{seed}/{found.runs}")
        _kill_one(root / f"run-{found.runs:04d}", execution, *unbroken[execution], chance, kills, found)
        found.seconds += time.perf_counter() - began
        print(f"{found.kills} kills, {found.runs} runs, {len(found.failures)} failures", file=sys.stderr, flush=True)
        tell()


def _kill_one(
    folder: Path, execution: str, unbroken: Path, whole: Life, chance: random.Random, limit: int, found: Findings
) -> None:
    """One run, killed about KILLS_PER_RUN times, and then left to its end."""
    words, mine, newest = [*RUN, f"trainer.execution={execution}"], 0, -1
    failures: list[str] = []
    while True:
        kind = chance.choice(("time", "time", "file", "file", "place"))
        share = chance.random() * 2 / KILLS_PER_RUN  # of a whole life, so that about so many kills meet one run
        if mine >= 2 * KILLS_PER_RUN or found.kills >= limit:
            life = live(folder, words)
        elif kind == "time":
            life = live(folder, words, seconds=share * whole.seconds + chance.random() * 0.3 * whole.seconds)
        elif kind == "file":
            life = live(folder, words, operation=1 + int(share * whole.operations))
        else:
            place = chance.choice(tuple(LINGERS))
            life = live(folder, words, seconds=share * whole.seconds, within=(place, chance.random() * LINGERS[place]))
        if life.status is not None:
            break
        mine, found.kills = mine + 1, found.kills + 1
        found.places[kind][life.place] += 1
        step = _newest(folder)
        if step < newest:
            failures.append(f"step {newest} was saved, and after a kill {step} is the newest")
            found.lost += 1
        newest = max(newest, step)
        if _is_finished(folder):  # killed on its way out, which leaves nothing to go on with
            break
    failures += [f"exit status {life.status}"] if life.status else []
    failures += list(differences(folder, unbroken)) if not life.status else []
    found.set_aside += len(list(folder.glob("checkpoints/damaged-*")))
    found.runs += 1
    if failures:
        found.failures.append(f"{folder.name}: {'; '.join(failures)}")
    else:
        found.equal_after += mine
        for path in sorted(folder.rglob("*"), reverse=True):  # what is as it should be takes no room
            path.rmdir() if path.is_dir() else path.unlink()


def _is_finished(folder: Path) -> bool:
    """Whether a run says of itself that it came to its end."""
    return (folder / "status.json").is_file() and Status.read(folder).state == "finished"


def _newest(folder: Path) -> int:
    """The newest whole checkpoint of a run that was killed; -1 where there is none."""
    if not (folder / "checkpoints").is_dir():
        return -1
    saved = Checkpoints(folder / "checkpoints", 2).latest()
    return -1 if saved is None else saved.step


def report(found: Findings, seed: int) -> str:
    """The findings as Markdown."""
    rows = "\n".join(
        f"| {text} | {' | '.join(str(found.places[kind][place]) for kind in KINDS)} |" for place, text in PLACES.items()
    )
    failures = "".join(f"- {line}\n" for line in found.failures) or "none\n"
    command = f"python experiments/faults/kills.py {found.kills} {seed}"
    return f"""# Killed and resumed

`{command}`: {found.kills} kills of {found.runs} runs in {found.seconds / 60:.0f} minutes.

**{found.equal_after} of {found.kills}** kills were in runs that ended like an unbroken one: every parameter and slot
bit for bit, the progress, `metrics.csv` byte for byte, the status, and every number and histogram of TensorBoard
without gap or duplicate. Checkpoints that had to be set aside as damaged: {found.set_aside}. Runs in which a kill lost
a checkpoint that had been whole: {found.lost}. A run makes 360 steps, saves every 9 (and the best besides), evaluates
every 13 and reports every 7; half of the runs go step by step, half in stretches.

| where SIGKILL met it | {" | ".join(KINDS.values())} |
|---|---|---|---|
{rows}

Failures: {failures}"""


def recorded(seed: int) -> Findings:
    """What an earlier run of the study found with a seed; nothing where there was none."""
    saved = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    if saved.pop("seed", None) != seed:
        return Findings()
    places = {kind: Counter(counts) for kind, counts in saved.pop("places").items()}
    return Findings(**saved, places=places)


def record(found: Findings, seed: int) -> None:
    """Keeps what was found, and writes the report."""
    RESULTS.write_text(json.dumps({"seed": seed, **vars(found)}, indent=1) + "\n", encoding="utf-8")
    RESULTS.with_suffix(".md").write_text(report(found, seed), encoding="utf-8")


def main() -> int:
    kills, seed = (int(word) for word in sys.argv[1:3])
    is_kept = sys.argv[3:] != ["-"]
    found = recorded(seed) if is_kept else Findings()
    with tempfile.TemporaryDirectory(prefix="kills-") as root:
        study(kills, seed, Path(root).resolve(), found, (lambda: record(found, seed)) if is_kept else lambda: None)
    print(f"\n{report(found, seed)}")
    return 1 if found.failures or found.equal_after != found.kills else 0


if __name__ == "__main__":
    sys.exit(main())
