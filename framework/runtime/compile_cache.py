"""The compile cache: programs that were compiled once are taken from the disk by every later process.

JAX keeps the executables (https://docs.jax.dev/en/latest/persistent_compilation_cache.html); here is decided where, how
many, and who may read them. `$GRAPHWRIGHT_CACHE/programs/<machine>/`, or the system's folder for caches, is kept at
about LIMIT bytes, those that were used last; what another machine, or another version of what compiles, has made lies
in a folder of its own. A cache that cannot be used costs time alone: it is said once, and programs are compiled.

JAX's own limit is not used: it looks at every entry whenever one is added, which takes a second where there are ten
thousand. Here a process looks once it has compiled something, beside what it does.

Whoever has set a cache of JAX, or turned it off, keeps that (`JAX_COMPILATION_CACHE_DIR`,
`JAX_ENABLE_COMPILATION_CACHE=0`).
"""

from __future__ import annotations

import contextlib
import glob
import hashlib
import logging
import os
import platform
import re
import shutil
import threading
import time
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import jax
import jaxlib.version

from framework.data.download import cache_folder
from framework.files import make_private_folder
from framework.processor import processor

__all__ = ["LIMIT", "Compilations", "compilations", "enable", "name_of"]

LIMIT = 1 << 30  # bytes
_KEPT = 0.9  # of LIMIT, where there was more
_LOOK_EVERY = 1000  # compilations of a process
_UNUSED_SECONDS = 60 * 86400.0  # after which what another machine has made is removed
_WRITING_SECONDS = 60.0  # in which another process may still be writing an entry
_ENTRY, _SECONDS = "-cache", "-seconds"  # the first is JAX's name
_PROGRAM = re.compile(r"jit\(((step|loop)_[0-9a-f]{16})\)")
_TROUBLE = re.compile("Error (reading|writing) persistent compilation cache entry for '([^']*)': (.*)", re.DOTALL)
_COMPILED = "/jax/core/compile/backend_compile_duration"
_TAKEN = "/jax/compilation_cache/cache_hits"
_log = logging.getLogger("framework")


@dataclass(frozen=True)
class Compilations:
    """How programs came to be executables in this process. What JAX compiles for single operations is not counted.

    compiled, taken: how many were compiled here, and how many were in the cache. seconds: what those took to compile,
    and these to be read. saved: what the programs that were in the cache took when they were compiled.
    """

    compiled: int = 0
    taken: int = 0
    seconds: float = 0.0
    saved: float = 0.0

    def __sub__(self, earlier: Compilations) -> Compilations:
        """What happened since `earlier`."""
        return Compilations(
            self.compiled - earlier.compiled,
            self.taken - earlier.taken,
            self.seconds - earlier.seconds,
            self.saved - earlier.saved,
        )

    def __str__(self) -> str:
        saved = f", which took {self.saved:.1f} s to compile" if self.taken else ""
        return f"{self.compiled} compiled, {self.taken} from the cache{saved}; {self.seconds:.1f} s for all"

    def to_json(self) -> dict[str, float]:
        """The same as plain data, seconds to the millisecond."""
        return {name: round(number, 3) for name, number in asdict(self).items()}


def compilations() -> Compilations:
    """The counts up to now; the difference of two is what happened in between."""
    with _lock:
        return _counts


def name_of(kind: Literal["step", "loop"], *identity: Any) -> str:
    """The name under which a program is compiled: equal, in every process, for what is equal."""
    return f"{kind}_{hashlib.sha256(repr(identity).encode()).hexdigest()[:16]}"


def enable() -> Path | None:
    """Turns the cache on, once a process; returns its folder, or None where there is none.

    Called before the first program is made. Says in one line why, where there is a folder that cannot be used.
    """
    global _folder, _is_decided
    with _lock:
        if _is_decided:
            return _folder
        _is_decided = True
        jax.monitoring.register_event_listener(_on_event)
        jax.monitoring.register_event_duration_secs_listener(_on_duration)
        if jax.config.values["jax_compilation_cache_dir"] or not jax.config.values["jax_enable_compilation_cache"]:
            return None
        try:
            folder = cache_folder() / "programs" / _machine()
            _prepare(folder)
        except OSError as error:
            _log.warning(
                "compiled programs cannot be kept in '%s' (%s); set GRAPHWRIGHT_CACHE to another folder",
                error.filename or cache_folder(),
                error.strerror or error,
            )
            return None
        _folder = folder
        jax.config.update("jax_compilation_cache_dir", str(folder))
        jax.config.update("jax_compilation_cache_max_size", -1)
        # Small ones too: to read a program takes a tenth of what it takes to compile the smallest.
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
        _listen_to_warnings()
        return folder


def _machine() -> str:
    """A name for all that an executable was made for, of which JAX's own key leaves out the processor.

    Programs are cut for the number of cores, and hold instructions of one processor.
    """
    identity = (jax.__version__, jaxlib.version.__version__, platform.machine(), _cores(), processor())
    return hashlib.sha256(repr(identity).encode()).hexdigest()[:12]


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _prepare(folder: Path) -> None:
    """Makes the folder, and clears what machines that are gone have left. Raises OSError."""
    make_private_folder(folder)
    os.utime(folder)
    for other in folder.parent.iterdir():
        with contextlib.suppress(OSError):
            if other != folder and time.time() - other.stat().st_mtime > _UNUSED_SECONDS:
                shutil.rmtree(other, ignore_errors=True)


def _keep_within(folder: Path, limit: int) -> None:
    """Removes the entries that were used least lately, where there are more than `limit` bytes.

    When one was used its time of access tells, which most systems note once a day.
    """
    found = []
    for entry in os.scandir(folder):
        with contextlib.suppress(OSError):  # another process removes some as well
            about = entry.stat()
            found.append((max(about.st_atime, about.st_mtime), about.st_size, entry.path))
    excess = sum(size for _, size, _ in found) - limit
    if excess <= 0:
        return
    excess += int((1 - _KEPT) * limit)
    for _, size, path in sorted(found):
        if excess <= 0:
            break
        with contextlib.suppress(OSError):
            os.unlink(path)
        excess -= size


# -- what JAX tells -------------------------------------------------------------------------------------------------


def _on_event(event: str, **_: Any) -> None:
    if event == _TAKEN:
        _this_thread.is_taken = True


def _on_duration(event: str, duration_secs: float, **about: Any) -> None:
    """Counts an executable that has come to be, of a program that has a name of ours."""
    global _counts
    if event != _COMPILED:
        return
    is_taken, _this_thread.is_taken = getattr(_this_thread, "is_taken", False), False
    if not is_taken:
        _look()
    match = _PROGRAM.fullmatch(str(about.get("fun_name", "")))
    if match is None:
        return
    name = match[1]
    saved = _recall(name) if is_taken else 0.0
    with _lock:
        was = _counts
        _counts = Compilations(
            was.compiled + (not is_taken), was.taken + is_taken, was.seconds + duration_secs, was.saved + saved
        )
    if not is_taken:
        _remember(name, duration_secs)


def _look() -> None:
    """Sees to it that the cache does not grow, after the first compilation and then from time to time."""
    global _compiled
    with _lock:
        is_due, _compiled = _compiled % _LOOK_EVERY == 0, _compiled + 1
    if is_due and _folder is not None:
        threading.Thread(target=_keep_within, args=(_folder, LIMIT), daemon=True, name="compile cache").start()


def _remember(name: str, seconds: float) -> None:
    """Writes down what a program took to compile; JAX knows whole seconds only."""
    if _folder is not None:
        with contextlib.suppress(OSError):
            (_folder / f"{name}{_SECONDS}").write_text(f"{seconds:.3f}")


def _recall(name: str) -> float:
    try:
        return float((_folder / f"{name}{_SECONDS}").read_text()) if _folder is not None else 0.0
    except (OSError, ValueError):
        return 0.0


def _listen_to_warnings() -> None:
    """Says once, in our words, what JAX warns of at every program; an entry that is damaged is made anew."""
    shown, said = warnings.showwarning, set()

    def show(message: Any, category: type[Warning], *place: Any, **more: Any) -> None:
        trouble = _TROUBLE.match(str(message))
        if trouble is None or _folder is None:
            shown(message, category, *place, **more)
            return
        doing, program, reason = trouble.groups()
        was_being_written = _remove(_folder, program)
        if (doing == "reading" and was_being_written) or doing in said:
            return
        said.add(doing)
        found = "had a damaged entry, which is made anew" if doing == "reading" else "cannot be written"
        _log.warning("the cache of compiled programs in '%s' %s: %s", _folder, found, reason)

    warnings.filterwarnings("always", message="Error (reading|writing) persistent compilation cache")
    warnings.showwarning = show


def _remove(folder: Path, program: str) -> bool:
    """Removes the entries of a program, whole or not; returns whether one may just have been written by a process."""
    is_recent = False
    for path in folder.glob(f"{glob.escape(program)}-*{_ENTRY}"):
        with contextlib.suppress(OSError):
            is_recent = is_recent or time.time() - path.stat().st_mtime < _WRITING_SECONDS
            path.unlink()
    return is_recent


_lock = threading.Lock()
_this_thread = threading.local()
_is_decided = False
_folder: Path | None = None
_counts = Compilations()
_compiled = 0  # programs of any kind
