"""Going on with a run: which one it is, and what of its configuration may have changed since.

harmless   the loop alone: how long, how often, what is kept and reported
warned     the steps to come are computed otherwise: rates, decays, loss weights, the schedule
refused    the variables would not fit, or the examples would be others: layers, data, batch, seed
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from framework.config.check import check
from framework.config.compose import Composed, Source, compose
from framework.config.experiment import Experiment
from framework.config.origins import PlacedError
from framework.difference import Change, Keys, changes
from framework.errors import CheckpointError, ConfigError, Mistake
from framework.fields import Kind
from framework.graph import TensorSpec
from framework.optimizers import SCHEDULES
from framework.train.checkpoint import Checkpoint
from framework.train.folder import is_locked
from framework.train.runs import Question, answer

# Options that decide which examples a step sees, whatever kind they are.
_ORDER = {("seed",), ("trainer", "shuffle"), ("trainer", "batch_size"), ("trainer", "drop_last")}
# Options of the program that no step reads a different number for.
_BESIDE = {
    ("trainer", "device"),
    ("trainer", "evaluation_batch"),
    ("trainer", "on_nan"),
    ("trainer", "summaries", "histograms"),
}
_LENGTH = {("trainer", "epochs"), ("trainer", "steps")}


@dataclass(frozen=True)
class Continuation:
    """What is not as it was when a run began, by what follows from it."""

    harmless: tuple[Change, ...] = ()
    warned: tuple[Change, ...] = ()
    refused: tuple[Change, ...] = ()

    @property
    def is_of_program(self) -> bool:
        """Whether another program runs the same steps."""
        return any(change.kind is Kind.STRUCTURAL for change in self.warned)

    def lines(self) -> Iterator[str]:
        """What is said when the run goes on: a line for each group that is not empty."""
        if self.harmless:
            yield f"changed: {_listed(self.harmless)}"
        if self.warned:
            yield f"changed: {_listed(self.warned)}; from here on the steps are others than the run began with"


def compare(folder: Path, composed: Composed, experiment: Experiment) -> Continuation:
    """What `composed`, which describes `experiment`, changes of the run in `folder`.

    Raises ConfigError when the configuration of the run cannot be read any more.
    """
    begun = compose([], Source(resume=folder)).tree
    before = check(begun)
    found: dict[str, list[Change]] = {"harmless": [], "warned": [], "refused": []}
    for change in changes((begun, composed.tree), (before, experiment)):
        found[_verdict(change, experiment)].append(change)
    return Continuation(**{name: tuple(group) for name, group in found.items()})


def accept(folder: Path, composed: Composed, experiment: Experiment) -> Continuation:
    """The same, once nothing of it is refused. Raises ConfigError with every option that the run cannot go on with."""
    found = compare(folder, composed, experiment)
    if found.refused:
        raise PlacedError((_mistake(change, folder), composed.origins) for change in found.refused)
    return found


def require_variables(read: Mapping[str, TensorSpec], saved: Checkpoint) -> None:
    """Raises CheckpointError when a checkpoint does not hold what the training program reads."""
    wrong = []
    for name, spec in read.items():
        array = saved.state.get(name)
        if array is None:
            wrong.append(f"'{name}' is missing")
        elif array.shape != spec.shape or array.dtype != spec.dtype.numpy:
            wrong.append(f"'{name}' is {array.dtype} {list(array.shape)}, not {spec}")
    if wrong:
        raise CheckpointError(
            f"the checkpoint of step {saved.step} does not fit the network that this version builds: "
            f"{'; '.join(wrong[:5])}{'; ...' if len(wrong) > 5 else ''}; start a new run"
        )


def newest_unfinished(composed: Composed, experiment: Experiment) -> Path | None:
    """The run that `resume=auto` goes on with: the newest that ended early and has this configuration.

    It is looked for in the run folder that is given, or else below `outputs`. Runs whose steps would be others than
    they began with are passed over, and those that a process is training now. None when there is no such run.
    """
    root = Path(composed.run_dir or "outputs")
    for run in answer(Question((root,), limit=None)):
        if run.status is None or run.status.state == "finished" or is_locked(run.folder):
            continue
        try:
            # Modules that only the other run names are not imported to look at it.
            if compose([], Source(resume=run.folder)).tree.get("plugins", []) != composed.tree.get("plugins", []):
                continue
            found = compare(run.folder, composed, experiment)
        except ConfigError:  # another version's, or damaged: it is none of this configuration
            continue
        if not found.warned and not found.refused:
            return run.folder
    return None


def _verdict(change: Change, experiment: Experiment) -> str:
    if change.path in _ORDER or change.path[0] == "dataset":
        return "refused"
    if change.path in _BESIDE or change.path[0] == "schedule" or change.kind is Kind.VALUE:
        return "warned"
    if change.path in _LENGTH:  # a schedule may be as long as the run
        return "harmless" if SCHEDULES.name_of(experiment.schedule) == "constant" else "warned"
    return "refused" if change.kind is Kind.STRUCTURAL else "harmless"


def _mistake(change: Change, folder: Path) -> Mistake:
    name = ".".join(change.path)
    what = f"{name} was {_shown(change.left)} when '{folder}' began, found {_shown(change.right)}: {_why(change.path)}"
    return Mistake(
        change.path, what, "take it back, or start a new run; warm_start takes over what this one has learned"
    )


def _why(path: Keys) -> str:
    if path in _ORDER or path[0] == "dataset":
        return "the examples of the steps to come would be others"
    return "what was saved would not fit" if path[0] in ("model", "optimizer") else "the program would be another"


def _listed(found: Sequence[Change]) -> str:
    return ", ".join(f"{'.'.join(c.path)} {_shown(c.left)} -> {_shown(c.right)}" for c in found)


def _shown(text: str | None) -> str:
    return "not there" if text is None else text
