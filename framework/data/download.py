"""Published files are loaded into a cache: whole and checked or not at all, and by one process at a time."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from framework.data.files import expand
from framework.errors import DataError

CACHE = "GRAPHWRIGHT_CACHE"
_PIECE = 1 << 16  # bytes that are read at a time
_PATIENCE = 30  # seconds without a byte after which a server is given up


@dataclass(frozen=True)
class Remote:
    """A published file: its name here, its size in bytes, its SHA-256, and the addresses where it can be had."""

    name: str
    size: int
    sha256: str
    urls: tuple[str, ...]


class _RefusedError(Exception):
    """An address that does not give the file; the text says why."""


def cache_folder() -> Path:
    """`$GRAPHWRIGHT_CACHE`, or else this system's folder for caches, such as `~/.cache/graphwright`."""
    from platformdirs import user_cache_path

    given = os.environ.get(CACHE)
    return expand(given) if given else user_cache_path("graphwright", appauthor=False)


def fetch(remote: Remote, folder: Path) -> Path:
    """The file in `folder`, where it is loaded if it is not there yet, from the first address that gives it.

    Raises DataError, with each address and what was wrong with it; nothing half-loaded is left.
    """
    path = folder / remote.name
    if path.exists():
        return path
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder, remote):
            if not path.exists():  # unless another process has just loaded it
                _load(remote, path)
    except (OSError, NotImplementedError) as error:  # the latter where the file system knows no locks
        reason = getattr(error, "strerror", None) or error
        hint = f"name another folder: export {CACHE}=...; or {_by_hand(remote, path)}"
        raise DataError(f"cannot write {path}: {reason}", hint) from None
    return path


def checksum(path: Path) -> str:
    """The SHA-256 of a file. Raises DataError when it cannot be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from None


@contextmanager
def _locked(folder: Path, remote: Remote) -> Iterator[None]:
    """Keeps a folder for this process; waits for another that has it."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print(f"another process loads into {folder}; waiting for {remote.name}", file=sys.stderr)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _load(remote: Remote, path: Path) -> None:
    temporary = path.with_name(f".{path.name}.part")
    refusals: list[str] = []
    try:
        free = shutil.disk_usage(path.parent).free
        if free < remote.size:
            message = f"cannot load {remote.name}: {path.parent} has room for {free:,} bytes of its {remote.size:,}"
            raise DataError(message, f"make room, or name another folder: export {CACHE}=...")
        for url in remote.urls:
            try:
                _receive(url, remote, temporary)
            except _RefusedError as refusal:
                refusals.append(f"{url}: {refusal}")
            else:
                temporary.replace(path)
                return
    except KeyboardInterrupt:
        print(f"stopped; of {remote.name} nothing is kept", file=sys.stderr)
        raise
    finally:
        temporary.unlink(missing_ok=True)
    raise DataError("\n  ".join([f"cannot load {remote.name}", *refusals]), _by_hand(remote, path))


def _receive(url: str, remote: Remote, path: Path) -> None:
    """Writes what an address sends. Raises _RefusedError unless it is the file, and OSError when it cannot write."""
    digest, received = hashlib.sha256(), 0
    with path.open("wb") as file, _shown(url, remote) as advance:
        for piece in _pieces(url):
            received += len(piece)
            if received > remote.size:
                raise _RefusedError(f"it sends more than the {remote.size:,} bytes of this file")
            digest.update(piece)
            file.write(piece)
            advance(len(piece))
        file.flush()
        os.fsync(file.fileno())
    if received < remote.size:
        raise _RefusedError(f"it ended after {received:,} of {remote.size:,} bytes")
    if digest.hexdigest() != remote.sha256:
        raise _RefusedError(f"it sends another file, whose SHA-256 is not {remote.sha256}")


def _pieces(url: str) -> Iterator[bytes]:
    """What an address sends. Raises _RefusedError when it cannot be reached, or breaks off."""
    import http.client
    import urllib.error
    import urllib.request  # with all of TLS, which nobody needs whose files are there

    request = urllib.request.Request(url, headers={"User-Agent": "graphwright"})
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:
            while piece := answer.read(_PIECE):
                yield piece
    except urllib.error.HTTPError as error:
        raise _RefusedError(f"the server answers {error.code} {error.reason}") from None
    except urllib.error.URLError as error:
        raise _RefusedError(f"it cannot be reached: {error.reason}") from None
    except TimeoutError:
        raise _RefusedError(f"nothing came for {_PATIENCE} seconds") from None
    except (OSError, http.client.HTTPException) as error:
        raise _RefusedError(f"the connection broke: {error}") from None


@contextmanager
def _shown(url: str, remote: Remote) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, elsewhere a line, on standard error; takes how many bytes have come since."""
    if not sys.stderr.isatty():
        print(f"loading {url} ({remote.size:,} bytes)", file=sys.stderr)
        yield lambda count: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (TextColumn("loading {task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(remote.name, total=remote.size)
        yield lambda count: progress.advance(task, count)


def _by_hand(remote: Remote, path: Path) -> str:
    return f"load it by hand, from {remote.urls[0]}, and put it at {path}"
