"""Saved states: a folder of arrays by name that is whole or not there.

    model-100/state.safetensors   the arrays, by name
              progress.json       what else is to be known, as plain data
              manifest.json       format, step, whether it is the best of its run, size and SHA-256 of the two

Checkpoints of the trainer, those of a Saver and what SaveV2 writes are all such folders.
"""

from __future__ import annotations

import hashlib
import json
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
from framework.files import flush_folder, read_json, read_whole, write_durably

FORMAT = 1
WRITING = ".writing-"
REPLACED = ".replaced"
UNREADABLE = (OSError, ValueError, KeyError, TypeError, OverflowError, MemoryError, SafetensorError)
_LARGEST_JSON = 1 << 20  # bytes of a manifest
_DTYPES = {
    "F64": np.float64, "F32": np.float32, "F16": np.float16, "BF16": ml_dtypes.bfloat16, "C64": np.complex64,
    "I64": np.int64, "I32": np.int32, "I16": np.int16, "I8": np.int8,
    "U64": np.uint64, "U32": np.uint32, "U16": np.uint16, "U8": np.uint8, "BOOL": np.bool_,
}  # fmt: skip
_STORED = {np.dtype(dtype) for dtype in _DTYPES.values()}
_FILES = ("state.safetensors", "progress.json")


@dataclass(frozen=True)
class SavedState:
    """A saved state as it was read: the step, the arrays by name, and what else was saved, as plain data."""

    step: int
    state: dict[str, np.ndarray]
    progress: dict[str, Any]


def write_state(
    folder: Path, step: int, state: Mapping[str, np.ndarray], progress: Mapping[str, Any], *, best: bool = False
) -> None:
    """Writes a saved state into `folder`, in place of one that is there.

    Raises OSError, the folder as it was before; CheckpointError for arrays of a type that cannot be saved.
    """
    temporary = folder.with_name(f"{WRITING}{folder.name}")
    arrays = {name: np.asarray(array, order="C") for name, array in state.items()}
    for name, array in arrays.items():
        if array.dtype not in _STORED:
            raise CheckpointError(f"'{name}' is {array.dtype}, which cannot be saved; numbers but complex128 can")
    contents = {_FILES[0]: save(arrays), _FILES[1]: json.dumps(progress, indent=1).encode()}
    try:
        if temporary.exists():  # left by a process that was killed
            shutil.rmtree(temporary)
        temporary.mkdir()
        for name, content in contents.items():
            write_durably(temporary / name, content)
        manifest = _manifest(step, contents, is_best=best or is_best(folder))
        write_durably(temporary / "manifest.json", _as_text(manifest))
        flush_folder(temporary)
        if folder.exists():  # no folder can replace another in one step; until it is done, the old one is read
            folder.rename(folder.with_name(f"{folder.name}{REPLACED}"))
        temporary.rename(folder)
        flush_folder(folder.parent)
    except OSError:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def read_state(folder: Path) -> SavedState:
    """The saved state in a folder. Raises one of UNREADABLE when it is damaged, or none."""
    text = read_whole(folder / "manifest.json", _LARGEST_JSON)
    manifest = read_json(text)
    if manifest["format"] != FORMAT:
        raise ValueError(f"its format is {manifest['format']}, this version reads {FORMAT}")
    contents = {name: read_whole(folder / name, manifest["files"][name]["bytes"]) for name in _FILES}
    expected = _manifest(int(manifest["step"]), contents, is_best=manifest["best"] is True)
    for name, found in expected["files"].items():
        if manifest["files"][name] != found:
            raise ValueError(f"{name} of {found['bytes']} bytes is not what its manifest says")
    if text != _as_text(expected):
        raise ValueError("its manifest was changed")
    return SavedState(manifest["step"], arrays_of(contents[_FILES[0]]), read_json(contents[_FILES[1]]))


def store(folder: Path, step: int, state: Mapping[str, np.ndarray], progress: Mapping[str, Any]) -> None:
    """Saves a state in a folder of its own, in place of the one that was saved there. Raises CheckpointError."""
    replaced = folder.with_name(f"{folder.name}{REPLACED}")
    if folder.exists() and not is_saved(folder):
        raise CheckpointError(f"'{folder}' is there already and was not saved by this; give another name")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if replaced.exists() and folder.exists():
            shutil.rmtree(replaced)
        write_state(folder, step, state, progress)
        shutil.rmtree(replaced, ignore_errors=True)
    except OSError as error:
        raise CheckpointError(f"cannot save in '{folder}': {error.strerror or error}") from None


def load(folder: Path) -> SavedState:
    """The state that was saved in a folder. Raises CheckpointError, saying what is damaged or missing."""
    if not is_saved(folder):
        raise CheckpointError(f"nothing was saved in '{folder}'")
    replaced = folder.with_name(f"{folder.name}{REPLACED}")
    try:
        return read_state(folder if folder.exists() else replaced)
    except UNREADABLE as error:
        raise CheckpointError(f"what was saved in '{folder}' is damaged: {error}") from None


def is_saved(folder: Path) -> bool:
    """Whether a state was saved in a folder; it may be damaged since."""
    # Between two renames of a process that was killed, the state before has another name.
    return any((place / "manifest.json").is_file() for place in (folder, folder.with_name(f"{folder.name}{REPLACED}")))


def is_best(folder: Path) -> bool:
    """Whether a saved state says of itself that it was the best of its run."""
    try:
        return read_json(read_whole(folder / "manifest.json", _LARGEST_JSON))["best"] is True
    except UNREADABLE:
        return False


def arrays_of(content: bytes) -> dict[str, np.ndarray]:
    """The arrays of a safetensors file, by name; its own NumPy reader knows no bfloat16."""
    found = {
        name: np.frombuffer(tensor["data"], _DTYPES[tensor["dtype"]]).reshape(tensor["shape"])
        for name, tensor in deserialize(content)
    }
    return dict(sorted(found.items()))


def _as_text(manifest: Mapping[str, Any]) -> bytes:
    return json.dumps(manifest, indent=1).encode()


def _manifest(step: int, contents: Mapping[str, bytes], *, is_best: bool) -> dict[str, Any]:
    files = {name: {"bytes": len(c), "sha256": hashlib.sha256(c).hexdigest()} for name, c in contents.items()}
    return {"format": FORMAT, "step": step, "best": is_best, "files": files}
