"""The default session of a thread: what `tensor.eval()` and `operation.run()` run in."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from framework.graph.graph import Graph


class Runner(Protocol):
    """What runs fetches of a graph; the runtime's Session is one."""

    graph: Graph

    def run(self, fetches: Any, feed_dict: Mapping[Any, Any] | None = None) -> Any:
        """The values of `fetches`."""
        ...


_local = threading.local()


def _stack() -> list[Runner]:
    if not hasattr(_local, "stack"):
        _local.stack = []
    return _local.stack


def get_default_session() -> Runner | None:
    """The session of the innermost `with session` or `session.as_default()` of this thread, or None."""
    stack = _stack()
    return stack[-1] if stack else None


@contextmanager
def default_session(session: Runner) -> Iterator[None]:
    """Makes `session` the default one inside."""
    stack = _stack()
    stack.append(session)
    try:
        yield
    finally:
        # Blocks may be left in another order than they were entered: interactive sessions, generators.
        last = max(index for index, entry in enumerate(stack) if entry is session)
        del stack[last]


def run_in(session: Runner | None, what: Any, graph: Graph, feed_dict: Mapping[Any, Any] | None) -> Any:
    """The value of `what` in `session`, by default in the default one.

    Raises ValueError when there is none, or when it runs another graph.
    """
    chosen = get_default_session() if session is None else session
    if chosen is None:
        raise ValueError(f"{what!r} needs a session: give one, or enter one with `with session:`")
    if chosen.graph is not graph:
        raise ValueError(f"{what!r} belongs to another graph than the session's")
    return chosen.run(what, feed_dict)
