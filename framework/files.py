"""Files that are whole: written so that a reader sees the old content or the new; read with bounds."""

from __future__ import annotations

import contextlib
import json
import os
import stat
from pathlib import Path
from typing import Any


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


def append_line(path: Path, line: str) -> None:
    """Adds a line to a file, which it makes if need be. Raises OSError.

    What a process that was killed left of its last line becomes a line of its own.
    """
    with path.open("a+b") as stream:
        end = stream.seek(0, os.SEEK_END)
        if end:
            stream.seek(end - 1)
        is_whole = end == 0 or stream.read(1) == b"\n"
        stream.write(f"{'' if is_whole else chr(10)}{line}\n".encode())


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


def make_private_folder(path: Path) -> None:
    """Makes a folder, and those above it, whose files are run: nobody else may write into it. Raises OSError."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if hasattr(os, "getuid"):
        found = path.stat()
        if found.st_uid != os.getuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise PermissionError(0, "others may write into it", str(path))
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise PermissionError(0, "it cannot be written", str(path))


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


def read_whole(path: Path, at_most: int) -> bytes:
    """The bytes of a file.

    Raises OSError; ValueError for what is no plain file (a pipe would wait for ever, a device never end), and for more
    than `at_most` bytes.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(handle, "rb") as stream:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            raise ValueError(f"{path.name} is no plain file")
        if facts.st_size > at_most:
            raise ValueError(f"{path.name} has {facts.st_size:,} bytes, where at most {at_most:,} are read")
        return stream.read()


def read_json(content: bytes) -> Any:
    """The plain data that a text in JSON describes. Raises ValueError for what is none, or has levels without end."""
    try:
        return json.loads(content)
    except RecursionError:
        raise ValueError("it has too many levels") from None
