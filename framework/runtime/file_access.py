"""Which files the ops of a graph may reach.

A graph may come from anybody, and may name any file of this machine. So its ops reach none, but for what lies below the
one folder that a session was made with: `Session(graph, files=folder)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from framework.errors import InvalidArgumentError

_folder: ContextVar[Path | None] = ContextVar("folder", default=None)


@contextmanager
def files_below(folder: Path | None) -> Iterator[None]:
    """Ops that run inside may reach what lies below `folder`; None for nothing."""
    before = _folder.set(folder)
    try:
        yield
    finally:
        _folder.reset(before)


def place_of(name: str) -> Path:
    """The path that an op means by `name`, which is taken from the session's folder on.

    Raises InvalidArgumentError where the session was allowed no folder, and for what does not lie below it.
    """
    folder = _folder.get()
    if folder is None:
        raise InvalidArgumentError(
            f"the graph reaches for the file '{name}', and this session allows it none; "
            "let it reach what is below one folder: Session(graph, files=folder)"
        )
    root = folder.resolve()
    path = (root / name).resolve()  # as the system would follow links and dots
    if path == root or not path.is_relative_to(root):
        raise InvalidArgumentError(f"the graph reaches for '{name}', which is not below '{folder}'")
    return path
