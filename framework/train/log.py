"""What the framework says in a run: warnings on the terminal, and all of it in `log.txt`."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from framework.errors import RunFolderError

Records = list[logging.LogRecord]
_log = logging.getLogger("framework")


@contextmanager
def remembered() -> Iterator[Records]:
    """What is said before there is a run folder, for its log."""
    memory = _Memory()
    with _heard_by(memory):
        yield memory.records


@contextmanager
def logged(path: Path, earlier: Iterable[logging.LogRecord] = ()) -> Iterator[None]:
    """What is said goes to a file, after what was said earlier. Raises RunFolderError."""
    try:
        file = _LogFile(path, encoding="utf-8")
    except OSError as error:
        raise RunFolderError(f"cannot write '{path}': {error.strerror}") from None
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    for record in list(earlier):
        file.handle(record)
    try:
        with _heard_by(file):
            yield
    finally:
        with suppress(OSError):
            file.close()


@contextmanager
def _heard_by(handler: logging.Handler) -> Iterator[None]:
    """A handler is told of all, and the terminal of warnings: Python tells it only as long as there is no handler."""
    handlers = [handler, *([logging.lastResort] if logging.lastResort not in _log.handlers else [])]
    _log.setLevel(logging.INFO)
    for one in filter(None, handlers):
        _log.addHandler(one)
    try:
        yield
    finally:
        for one in filter(None, handlers):
            _log.removeHandler(one)


class _Memory(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: Records = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


class _LogFile(logging.FileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """A full disk ends the run where a checkpoint cannot be written; that a line is missing here is no news."""
