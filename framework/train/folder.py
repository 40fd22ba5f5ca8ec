"""The run folder: one process at a time, and files that are whole or not there."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from framework.errors import RunFolderError
from framework.files import make_folder, write_atomically

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_LOCKED_BYTE = 1 << 30  # Windows locks bytes, and keeps others from reading them: one far behind the process id


class RunFolder:
    """A folder that holds everything of one run. Raises RunFolderError when it cannot be made or written.

    option: by which the user chooses it, for messages.
    """

    def __init__(self, path: Path, option: str = "hydra.run.dir"):
        self.path, self.option = path, option
        try:
            make_folder(path)
        except OSError as error:
            raise RunFolderError(
                f"cannot make the folder '{path}': {error.strerror}; choose another with {option}=..."
            ) from None

    @contextmanager
    def locked(self, *, resume: bool = False) -> Iterator[RunFolder]:
        """Keeps the folder for this process. Raises RunFolderError when another has it, or when its run is finished."""
        require_within(self.path)
        stream = self._open_lock()
        try:
            if not _try_lock(stream):
                stream.seek(0)
                raise RunFolderError(
                    f"'{self.path}' is in use by process {stream.read() or 'unknown'}; "
                    "wait for it to end, or choose another folder"
                )
            if not resume and (self.path / "status.json").exists():
                raise RunFolderError(
                    f"'{self.path}' holds a run already; go on with resume={self.path}, or choose another folder"
                )
            stream.truncate(0)
            stream.write(str(os.getpid()))
            stream.flush()
            yield self
        finally:
            stream.close()

    def _open_lock(self) -> IO[str]:
        try:
            return (self.path / ".lock").open("a+", encoding="utf-8")
        except OSError as error:
            raise RunFolderError(
                f"cannot write into '{self.path}': {error.strerror}; choose another folder with {self.option}=..."
            ) from None

    def write(self, name: str, content: str | bytes) -> None:
        """Writes one file whole. Raises RunFolderError."""
        try:
            write_atomically(self.path / name, content)
        except OSError as error:
            raise RunFolderError(f"cannot write '{self.path / name}': {error.strerror}") from None


def require_within(path: Path) -> None:
    """Raises RunFolderError where a link leads out of a run folder, through which another file would be written."""
    root = path.resolve()
    for folder, names, files in os.walk(path):
        for name in (*names, *files):
            entry = Path(folder, name)
            if entry.is_symlink() and not entry.resolve().is_relative_to(root):
                raise RunFolderError(
                    f"'{entry}' is a link that leads out of the run folder, to '{entry.resolve()}'; "
                    "put there what it should hold, or keep the whole folder elsewhere"
                )


def is_locked(path: Path) -> bool:
    """Whether a process has a run folder now."""
    try:
        with (path / ".lock").open("r+", encoding="utf-8") as stream:
            return not _try_lock(stream)
    except OSError:
        return False


def _try_lock(stream: IO[str]) -> bool:
    try:
        if sys.platform == "win32":
            os.lseek(stream.fileno(), _LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
