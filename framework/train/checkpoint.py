"""Checkpoints: all that a run needs to go on, in a folder that is whole or not there.

    checkpoints/step-00000100/state.safetensors   the variables and the optimizer's slots, by name
                              progress.json       step, sums since the last report, best value, patience
                              manifest.json       format, and the size and SHA-256 of the two
    checkpoints/best.json                         which step is the best
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from framework.errors import CheckpointError
from framework.train.files import flush_folder, write_atomically, write_durably

FORMAT = 1
_STEP = re.compile(r"step-(\d+)\Z")
_FILES = ("state.safetensors", "progress.json")
_log = logging.getLogger("framework")


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint as it was read: the step, the variables by name, and the loop's progress as plain data."""

    step: int
    state: dict[str, np.ndarray]
    progress: dict[str, Any]


class Checkpoints:
    """The checkpoints of one run.

    keep: how many of the newest stay; the best one stays besides. Raises CheckpointError when the folder cannot be
    made.
    """

    def __init__(self, folder: Path, keep: int):
        self.folder, self.keep = folder, keep
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for leftover in folder.glob(".writing-*"):  # of a process that was killed while it saved
                shutil.rmtree(leftover, ignore_errors=True)
        except OSError as error:
            raise CheckpointError(f"cannot make the folder '{folder}': {error.strerror}") from None

    def save(
        self, step: int, state: Mapping[str, np.ndarray], progress: Mapping[str, Any], *, best: bool = False
    ) -> Path:
        """Saves a step and returns its folder. Raises CheckpointError, older checkpoints untouched."""
        final = self._path(step)
        temporary = self.folder / f".writing-{final.name}-{os.getpid()}"
        contents = {
            "state.safetensors": save({name: np.ascontiguousarray(array) for name, array in state.items()}),
            "progress.json": json.dumps(progress, indent=1).encode(),
        }
        try:
            temporary.mkdir()
            for name, content in contents.items():
                write_durably(temporary / name, content)
            write_durably(temporary / "manifest.json", json.dumps(_manifest(step, contents), indent=1))
            flush_folder(temporary)
            if final.exists():
                shutil.rmtree(final)
            temporary.rename(final)
            flush_folder(self.folder)
            if best:
                write_atomically(self.folder / "best.json", json.dumps({"step": step}))
        except OSError as error:
            shutil.rmtree(temporary, ignore_errors=True)
            raise CheckpointError(
                f"cannot save step {step} in '{self.folder}': {error.strerror or error}; "
                "free the disk or mend the folder, then go on with resume=<run folder>"
            ) from None
        self._remove_old()
        return final

    def latest(self) -> Checkpoint | None:
        """The newest checkpoint that is whole; damaged ones are set aside with a warning. None when there is none."""
        for step in reversed(self.steps()):
            found = self._read(step)
            if found is not None:
                return found
        return None

    def best(self) -> Checkpoint | None:
        """The best checkpoint, or None when none is marked or it is damaged."""
        step = self._best_step()
        return None if step is None or not self._path(step).is_dir() else self._read(step)

    def steps(self) -> list[int]:
        """The steps that are saved, oldest first."""
        matches = (_STEP.match(path.name) for path in self.folder.iterdir() if path.is_dir())
        return sorted(int(match[1]) for match in matches if match)

    def _path(self, step: int) -> Path:
        return self.folder / f"step-{step:08d}"

    def _best_step(self) -> int | None:
        try:
            return int(json.loads((self.folder / "best.json").read_text())["step"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _read(self, step: int) -> Checkpoint | None:
        path = self._path(step)
        try:
            contents = _verified(path)
            return Checkpoint(step, load(contents["state.safetensors"]), json.loads(contents["progress.json"]))
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
            aside = path.with_name(f"damaged-{path.name}")
            shutil.rmtree(aside, ignore_errors=True)
            path.rename(aside)
            _log.warning("checkpoint %s is damaged (%s); it was set aside as %s", path.name, error, aside.name)
            return None

    def _remove_old(self) -> None:
        keep = {*self.steps()[-self.keep :], self._best_step()}
        for step in self.steps():
            if step not in keep:
                shutil.rmtree(self._path(step), ignore_errors=True)


def _manifest(step: int, contents: Mapping[str, bytes]) -> dict[str, Any]:
    files = {name: {"bytes": len(c), "sha256": hashlib.sha256(c).hexdigest()} for name, c in contents.items()}
    return {"format": FORMAT, "step": step, "files": files}


def _verified(path: Path) -> dict[str, bytes]:
    """The files of a checkpoint. Raises ValueError or OSError when they are not what the manifest says."""
    manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    if manifest["format"] != FORMAT:
        raise ValueError(f"its format is {manifest['format']}, this version reads {FORMAT}")
    if int(manifest["step"]) != int(path.name.removeprefix("step-")):
        raise ValueError("its manifest is of another step")
    contents = {}
    for name in _FILES:
        said = manifest["files"][name]
        if (path / name).stat().st_size != said["bytes"]:
            raise ValueError(f"{name} has another size than its manifest says")
        contents[name] = (path / name).read_bytes()
        if hashlib.sha256(contents[name]).hexdigest() != said["sha256"]:
            raise ValueError(f"{name} has another checksum than its manifest says")
    return contents
