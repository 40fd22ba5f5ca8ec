"""Checkpoints: all that a run needs to go on, in a folder that is whole or not there.

    checkpoints/step-00000100/state.safetensors   the variables and the optimizer's slots, by name
                              progress.json       step, sums since the last report, best value, patience
                              manifest.json       format, whether it was the best so far, size and SHA-256 of the two

That it was the best stands inside the checkpoint, not in a file beside it: the two can never disagree.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
from safetensors import SafetensorError, deserialize
from safetensors.numpy import save

from framework.errors import CheckpointError
from framework.train.files import flush_folder, write_durably

FORMAT = 1
_NAME = re.compile(r"step-(\d+)(\.replaced)?\Z")
_WRITING, _REMOVING = ".writing-", ".removing-"
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, SafetensorError)
_DTYPES = {
    "F64": np.float64, "F32": np.float32, "F16": np.float16, "BF16": ml_dtypes.bfloat16, "C64": np.complex64,
    "I64": np.int64, "I32": np.int32, "I16": np.int16, "I8": np.int8,
    "U64": np.uint64, "U32": np.uint32, "U16": np.uint16, "U8": np.uint8, "BOOL": np.bool_,
}  # fmt: skip
_log = logging.getLogger("framework")


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint as it was read: the step, the variables by name, and the loop's progress as plain data."""

    step: int
    state: dict[str, np.ndarray]
    progress: dict[str, Any]


class Checkpoints:
    """The checkpoints of one run. Any process may read them; the one that has locked the run folder may save.

    keep: how many of the newest stay; the best one stays besides. Raises CheckpointError when the folder cannot be
    made.
    """

    def __init__(self, folder: Path, keep: int):
        self.folder, self.keep = folder, keep
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CheckpointError(f"cannot make the folder '{folder}': {error.strerror}") from None

    def save(
        self, step: int, state: Mapping[str, np.ndarray], progress: Mapping[str, Any], *, best: bool = False
    ) -> Path:
        """Saves a step and returns its folder; `best` marks it as the best so far.

        A step that was saved before is replaced. Raises CheckpointError, older checkpoints untouched.
        """
        final = self.folder / f"step-{step:08d}"
        temporary = self.folder / f"{_WRITING}{final.name}"
        contents = {
            "state.safetensors": save({name: np.asarray(array, order="C") for name, array in state.items()}),
            "progress.json": json.dumps(progress, indent=1).encode(),
        }
        try:
            self._remove_leftovers()
            temporary.mkdir()
            for name, content in contents.items():
                write_durably(temporary / name, content)
            manifest = _manifest(step, contents, is_best=best or _is_best(final))
            write_durably(temporary / "manifest.json", json.dumps(manifest, indent=1))
            flush_folder(temporary)
            if final.exists():  # no folder can replace another in one step; until it is done, the old one is read
                final.rename(final.with_name(f"{final.name}.replaced"))
            temporary.rename(final)
            flush_folder(self.folder)
        except OSError as error:
            shutil.rmtree(temporary, ignore_errors=True)
            raise CheckpointError(
                f"cannot save step {step} in '{self.folder}': {error.strerror or error}; "
                "free the disk or mend the folder, then go on with resume=<run folder>"
            ) from None
        self._remove_old(final)
        self._remove_leftovers()
        return final

    def latest(self) -> Checkpoint | None:
        """The newest checkpoint that is whole; damaged ones are set aside with a warning. None when there is none."""
        return next((found for path in self._paths() if (found := self._read(path)) is not None), None)

    def best(self) -> Checkpoint | None:
        """The last checkpoint that was the best and is whole; None when there is none."""
        marked = (path for path in self._paths() if _is_best(path))
        return next((found for path in marked if (found := self._read(path)) is not None), None)

    def steps(self) -> list[int]:
        """The steps that are saved, oldest first."""
        return sorted({_step(path) for path in self._paths()})

    def _paths(self) -> list[Path]:
        """The folders of the checkpoints, newest first; a replaced one stands behind what replaced it."""
        return sorted(
            (path for path in self.folder.iterdir() if _NAME.match(path.name)),
            key=lambda path: (-_step(path), path.name),
        )

    def _read(self, path: Path) -> Checkpoint | None:
        """The checkpoint in a folder, or None when it is damaged."""
        try:
            contents = _verified(path)
            return Checkpoint(
                _step(path), _arrays(contents["state.safetensors"]), json.loads(contents["progress.json"])
            )
        except _UNREADABLE as error:
            if path.exists():  # else the process that trains has just removed it
                _set_aside(path, error)
            return None

    def _remove_old(self, saved: Path) -> None:
        """Keeps the newest, the one just saved (known to be whole), and the best.

        The others lose their names at once and their files later, so that no reader meets half of one.
        """
        best = next((path for path in self._paths() if _is_best(path)), saved)
        keep = {*self.steps()[-self.keep :], _step(saved), _step(best)}
        for path in self._paths():
            if _step(path) not in keep:
                with contextlib.suppress(OSError):  # it is met again at the next save
                    path.rename(path.with_name(f"{_REMOVING}{path.name}"))

    def _remove_leftovers(self) -> None:
        """Removes what has been replaced or is not kept, and what a killed process left half-written."""
        replaced = [path for path in self.folder.glob("step-*.replaced") if path.with_suffix("").exists()]
        for path in [*self.folder.glob(f"{_WRITING}*"), *self.folder.glob(f"{_REMOVING}*"), *replaced]:
            shutil.rmtree(path, ignore_errors=True)


def _arrays(content: bytes) -> dict[str, np.ndarray]:
    """The arrays of a safetensors file, by name; its own NumPy reader knows no bfloat16."""
    found = {
        name: np.frombuffer(tensor["data"], _DTYPES[tensor["dtype"]]).reshape(tensor["shape"])
        for name, tensor in deserialize(content)
    }
    return dict(sorted(found.items()))


def _step(path: Path) -> int:
    return int(path.stem.removeprefix("step-"))


def _set_aside(path: Path, error: Exception) -> None:
    """Renames a damaged checkpoint, so that it is not met again and can still be looked at."""
    aside = path.with_name(f"damaged-{path.name}")
    try:
        shutil.rmtree(aside, ignore_errors=True)
        path.rename(aside)
        _log.warning("checkpoint %s is damaged (%s); it was set aside as %s", path.name, error, aside.name)
    except OSError as reason:
        _log.warning("checkpoint %s is damaged (%s); it could not be renamed (%s)", path.name, error, reason.strerror)


def _is_best(path: Path) -> bool:
    try:
        return json.loads((path / "manifest.json").read_bytes())["best"] is True
    except _UNREADABLE:
        return False


def _manifest(step: int, contents: Mapping[str, bytes], *, is_best: bool) -> dict[str, Any]:
    files = {name: {"bytes": len(c), "sha256": hashlib.sha256(c).hexdigest()} for name, c in contents.items()}
    return {"format": FORMAT, "step": step, "best": is_best, "files": files}


def _verified(path: Path) -> dict[str, bytes]:
    """The files of a checkpoint. Raises ValueError, KeyError, TypeError or OSError when its manifest says otherwise."""
    manifest = json.loads((path / "manifest.json").read_bytes())
    if manifest["format"] != FORMAT:
        raise ValueError(f"its format is {manifest['format']}, this version reads {FORMAT}")
    contents = {name: (path / name).read_bytes() for name in ("state.safetensors", "progress.json")}
    expected = _manifest(_step(path), contents, is_best=manifest["best"] is True)
    for name, found in expected["files"].items():
        if manifest["files"][name] != found:
            raise ValueError(f"{name} of {found['bytes']} bytes is not what its manifest says")
    if manifest != expected:
        raise ValueError("its manifest was changed")
    return contents
