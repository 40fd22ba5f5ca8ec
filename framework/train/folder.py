"""The run folder: one process at a time, files that are whole or not there, and a status anyone can read."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from framework.errors import RunFolderError
from framework.train.files import write_atomically

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

State = Literal["running", "finished", "stopped", "failed"]


class RunFolder:
    """A folder that holds everything of one run. Raises RunFolderError when it cannot be made or written."""

    def __init__(self, path: Path):
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunFolderError(
                f"cannot make the run folder '{path}': {error.strerror}; choose another with hydra.run.dir=..."
            ) from None

    @contextmanager
    def locked(self, *, resume: bool = False) -> Iterator[RunFolder]:
        """Keeps the folder for this process. Raises RunFolderError when another has it, or when its run is finished."""
        stream = self._open_lock()
        try:
            if not _try_lock(stream):
                owner = self.path.joinpath(".lock").read_text().strip() or "unknown"
                raise RunFolderError(f"'{self.path}' is in use by process {owner}; wait for it, or choose another folder")
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

    def _open_lock(self) -> Any:
        try:
            return (self.path / ".lock").open("a+", encoding="utf-8")
        except OSError as error:
            raise RunFolderError(
                f"cannot write into '{self.path}': {error.strerror}; choose another folder with hydra.run.dir=..."
            ) from None

    def write(self, name: str, content: str | bytes) -> None:
        """Writes one file whole. Raises RunFolderError."""
        try:
            write_atomically(self.path / name, content)
        except OSError as error:
            raise RunFolderError(f"cannot write '{self.path / name}': {error.strerror}") from None


def _try_lock(stream: Any) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@dataclass
class Status:
    """What `status.json` says of a run.

    metrics: the last value of each number by name, such as `test/accuracy`. execution: how the steps were run; it
    stays when the run goes on. best: the monitored number, its best value and step.
    """

    state: State = "running"
    step: int = 0
    total_steps: int = 0
    steps_per_epoch: int = 0
    metrics: dict[str, float] = field(default_factory=dict)
    best: dict[str, Any] | None = None
    execution: str = ""
    device: str = ""
    fingerprint: str = ""
    started: str = ""
    ended: str | None = None
    seconds: float = 0.0
    error: str | None = None
    commit: str | None = None
    versions: dict[str, str] = field(default_factory=dict)

    def write(self, folder: RunFolder) -> None:
        """Writes it into the folder."""
        folder.write("status.json", json.dumps(asdict(self), indent=1))

    @classmethod
    def read(cls, path: Path) -> Status:
        """The status of the run in a folder. Raises RunFolderError when there is none."""
        try:
            saved: Mapping[str, Any] = json.loads((path / "status.json").read_text(encoding="utf-8"))
            return cls(**{name: saved[name] for name in cls.__dataclass_fields__ if name in saved})
        except (OSError, ValueError, TypeError) as error:
            raise RunFolderError(f"'{path}' is no run folder: its status.json cannot be read ({error})") from None


def now() -> str:
    """The time of day, with its zone."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def versions() -> dict[str, str]:
    """The versions that decide a result."""
    found = {"python": platform.python_version()}
    for package in ("graphwright", "jax", "jaxlib", "optax", "numpy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def commit(root: Path) -> str | None:
    """The commit that is checked out in `root`, read from git's files; None where there is none."""
    try:
        head = (root / ".git" / "HEAD").read_text().strip()
        if not head.startswith("ref: "):
            return head
        reference = root / ".git" / head.removeprefix("ref: ")
        return reference.read_text().strip()
    except OSError:
        return None
