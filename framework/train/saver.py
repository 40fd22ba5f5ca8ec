"""Saver: the variables of a session in files, and back.

A checkpoint is a folder in the format of the trainer's (`runtime.saved_state`): what either wrote, the other reads.
TensorFlow's own checkpoint files are another format.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from framework.errors import CheckpointError, FailedPreconditionError, NotFoundError
from framework.graph import Graph, Operation, Tensor, TensorSpec, as_dtype, show
from framework.graph.resources import VARIABLES, own_handle, variable_of
from framework.graph.shapes import fits
from framework.registry import did_you_mean
from framework.runtime.saved_state import REPLACED, is_saved, load, store
from framework.runtime.session import Session

_TRAINS = ("Update", "InitializeUpdate")
_SLOTS = "Train/"  # where the optimizers of a graph keep their state
_HOUR = 3600.0


@dataclass(frozen=True)
class Restored:
    """What a checkpoint gave, by the names that it has there.

    taken: what the session has now. missing: what was asked for and is not there. extra: what is there and was not
    asked for. different: what has another shape or type here, with both.
    """

    taken: tuple[str, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    different: Mapping[str, str]

    def __str__(self) -> str:
        parts = {
            "missing": ", ".join(self.missing),
            "different": "; ".join(f"{name} {how}" for name, how in self.different.items()),
            "extra": ", ".join(self.extra),
        }
        listed = "".join(f"\n  {word}: {text}" for word, text in parts.items() if text)
        return f"{len(self.taken)} variable{'s' * (len(self.taken) != 1)} restored{listed}"


class Saver:
    """Saves variables of a session, and restores them.

    var_list: the variables, by whatever stands for them (a tensor, a handle, an operation, a name); or a mapping from
    the names that they have in files. By default all of the session, the state of its optimizers included.
    max_to_keep: how many of the checkpoints that it made stay; None or 0 for all.
    keep_checkpoint_every_n_hours: beside these, one of each so many hours stays for good.
    pad_step_number: whether step 100 is called `-00000100`, so that names sort.
    """

    def __init__(
        self,
        var_list: Iterable[Any] | Mapping[str, Any] | None = None,
        max_to_keep: int | None = 5,
        keep_checkpoint_every_n_hours: float = 10000.0,
        pad_step_number: bool = False,
    ):
        self._variables = var_list if var_list is None or isinstance(var_list, Mapping) else list(var_list)
        self._most, self._hours, self._pad = max_to_keep or 0, keep_checkpoint_every_n_hours, pad_step_number
        self._kept: list[tuple[str, float]] = []
        self._next_for_good = time.time() + self._hours * _HOUR

    @property
    def last_checkpoints(self) -> list[str]:
        """The checkpoints that it made and that are still there, oldest first; those kept for good are left out."""
        return [path for path, _ in self._kept]

    # -- saving ---------------------------------------------------------------------------------------------------

    def save(self, sess: Session, path: str | Path, global_step: Any = None) -> str:
        """Writes a checkpoint and returns its path: `path`, with `-<step>` behind it where a step is given.

        global_step: a number, or a variable that holds it. Raises FailedPreconditionError for variables without a
        value, CheckpointError where it cannot be written; an earlier checkpoint of that path is then as it was.
        """
        names = self._names(sess)
        if not names:
            raise CheckpointError("there is no variable to save")
        empty = [name for name in names.values() if name not in sess.state]
        if empty:
            raise FailedPreconditionError(f"these variables have no value to save: {', '.join(empty)}")
        step = None if global_step is None else _step(sess, global_step)
        suffix = "" if step is None else f"-{step:08d}" if self._pad else f"-{step}"
        written = f"{path}{suffix}"
        arrays = {saved: np.asarray(sess.state[name]) for saved, name in names.items()}
        store(Path(written), step or 0, arrays, {"step": step or 0})
        self._record(written)
        return written

    def _record(self, path: str) -> None:
        """Counts a checkpoint that was made, and removes those that need not stay."""
        self._kept = [item for item in self._kept if item[0] != path] + [(path, time.time())]
        while self._most and len(self._kept) > self._most:
            oldest, made = self._kept.pop(0)
            if made > self._next_for_good:
                self._next_for_good += self._hours * _HOUR
            else:
                shutil.rmtree(oldest, ignore_errors=True)

    # -- restoring ------------------------------------------------------------------------------------------------

    def restore(self, sess: Session, path: str | Path, partial: bool = False) -> Restored:
        """Gives variables the values that they have in a checkpoint, and says what it did.

        partial: take what fits, rather than all or nothing. Raises CheckpointError when the checkpoint is damaged or
        not there, and, unless `partial`, with all that is missing or different at once, nothing being restored.
        """
        arrays = load(Path(path)).state
        names = self._names(sess, arrays)
        missing = tuple(saved for saved in names if saved not in arrays)
        specs = _variables(sess.graph)
        different = {
            saved: how
            for saved, name in names.items()
            if saved in arrays and name in specs and (how := _difference(specs[name], arrays[saved]))
        }
        taken = {saved: name for saved, name in names.items() if saved in arrays and saved not in different}
        extra = tuple(saved for saved in arrays if saved not in names)
        found = Restored(tuple(taken), missing, extra, different)
        if not partial and (missing or different):
            raise CheckpointError(
                f"'{path}' does not fit the graph; nothing was restored, partial=True takes what fits\n"
                + str(Restored((), missing, extra, different)).partition("\n")[2]
            )
        sess.state = {**sess.state, **{name: arrays[saved] for saved, name in taken.items()}}
        return found

    def _names(self, sess: Session, saved: Iterable[str] = ()) -> dict[str, str]:
        """The name in files -> the name in the session, of each variable that is saved or restored.

        saved: the names of a checkpoint, among which are those of the optimizers' state.
        """
        chosen = self._variables
        if isinstance(chosen, Mapping):
            return {name: _name(sess, variable) for name, variable in chosen.items()}
        if chosen is not None:
            return {name: name for name in (_name(sess, variable) for variable in chosen)}
        names = dict.fromkeys(_variables(sess.graph))
        trains = any(node.op in _TRAINS for node in sess.graph)
        slots = [name for name in (*sess.state, *saved) if name.startswith(_SLOTS)] if trains else []
        return {name: name for name in dict.fromkeys([*names, *slots])}


def latest_checkpoint(directory: str | Path) -> str | None:
    """The path of the checkpoint in a folder that was written last, by a Saver or the trainer; None without one."""
    folder = Path(directory)
    if not folder.is_dir():
        return None
    names = {path.name.removesuffix(REPLACED) for path in folder.iterdir() if not path.name.startswith(".")}
    paths = [folder / name for name in names if is_saved(folder / name)]
    return str(max(paths, key=_written)) if paths else None


def checkpoint_exists(path: str | Path) -> bool:
    """Whether there is a checkpoint at `path`, as `Saver.save` returned it."""
    return is_saved(Path(path))


def list_variables(path: str | Path) -> list[tuple[str, list[int]]]:
    """Names and shapes of what a checkpoint holds, or the latest one in a folder, sorted by name.

    Raises CheckpointError when it is damaged or there is none.
    """
    found = path if checkpoint_exists(path) else latest_checkpoint(path) or path
    return [(name, list(array.shape)) for name, array in load(Path(found)).state.items()]


def _written(path: Path) -> tuple[int, str]:
    """When a checkpoint was written."""
    place = path if path.exists() else path.with_name(f"{path.name}{REPLACED}")
    return (place / "manifest.json").stat().st_mtime_ns, path.name


def _variables(graph: Graph) -> dict[str, TensorSpec]:
    """The variables that the nodes of a graph make, by their names in the state."""
    handles = [own_handle(node) for node in graph if node.op in VARIABLES]
    return {handle.variable: handle.spec for handle in handles}


def _difference(spec: TensorSpec, array: np.ndarray) -> str | None:
    saved = TensorSpec(as_dtype(array.dtype), array.shape)
    is_same = saved.dtype is spec.dtype and fits(spec.shape, saved.shape)
    return None if is_same else f"{spec.dtype}{show(spec.shape)} here, {saved.dtype}{show(saved.shape)} there"


def _name(sess: Session, variable: Any) -> str:
    """The name in the state of a variable, given as whatever stands for it. Raises NotFoundError."""
    known = dict.fromkeys([*_variables(sess.graph), *sess.state])
    if isinstance(variable, str):
        if variable not in known:
            raise NotFoundError(f"the session has no variable '{variable}'{did_you_mean(variable, known)}")
        return variable
    element = variable if isinstance(variable, (Tensor, Operation)) else getattr(variable, "handle", None)
    if element is None:
        element = getattr(variable, "_as_graph_element", lambda: None)()
    if isinstance(element, Operation):
        element = element.outputs[0] if element.outputs else None
    if not isinstance(element, Tensor):
        raise TypeError(f"a variable is given as a tensor, an operation or a name; found {variable!r}")
    found = variable_of(sess.graph, element.name)
    if found is None:
        raise NotFoundError(f"'{element.name}' is no variable of the graph")
    return found


def _step(sess: Session, value: Any) -> int:
    """A step that was given as a number, or as a variable that holds it."""
    if isinstance(value, (int, np.integer)):
        return int(value)
    name = _name(sess, value)
    if name not in sess.state:
        raise FailedPreconditionError(f"variable '{name}', which holds the step, has no value yet")
    return int(np.asarray(sess.state[name]))
