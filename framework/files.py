"""Writing files so that a reader sees the old content or the new, whenever the process or the machine stops."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def write_atomically(path: Path, content: bytes | str) -> None:
    """Replaces a file: a temporary sibling is written, flushed to the disk and renamed. Raises OSError."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write_durably(temporary, content)
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    flush_folder(path.parent)


def write_durably(path: Path, content: bytes | str) -> None:
    """Writes a file and waits until it is on the disk. Raises OSError."""
    with path.open("wb") as stream:
        stream.write(content.encode() if isinstance(content, str) else content)
        stream.flush()
        os.fsync(stream.fileno())


def make_folder(path: Path) -> None:
    """Makes a folder with those above it, and waits until their names are on the disk. Raises OSError."""
    if path.is_dir():
        return
    if not path.parent.exists():
        make_folder(path.parent)
    path.mkdir(exist_ok=True)
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Waits until the names in a folder are on the disk, where the system can do so."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network file systems refuse
            os.fsync(handle)
    finally:
        os.close(handle)
