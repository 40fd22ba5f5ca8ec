"""The few exceptions of the framework, and the record of a user's mistake.

A `Mistake` says what is wrong and how to mend it, at a path of the configuration; where that path was
written (file, line, column, or the override on the command line) is looked up only when it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Mistake:
    """One mistake of a user: where, what was found, what was allowed, what to do.

    path: keys from the root of the configuration, such as `("model", "layers", "fc1")`.
    message: what was found and what was allowed, in one or two sentences.
    hint: what to do about it, when there is something better to say than the message.
    related: a second path that the message speaks of; its place is shown behind the message.
    place: shown instead of looking `path` up (a data file, a device, a flag).
    """

    path: tuple[str, ...]
    message: str
    hint: str | None = None
    related: tuple[str, ...] | None = None
    place: str | None = None

    def below(self, *prefix: str) -> Mistake:
        """The same mistake, seen from further up the tree."""
        related = None if self.related is None else prefix + self.related
        return replace(self, path=prefix + self.path, related=related)


class FrameworkError(Exception):
    """The base of every error that a user can cause."""


class ConfigError(FrameworkError):
    """All mistakes that one stage found; `str()` lists them without their places."""

    def __init__(self, mistakes: Iterable[Mistake]):
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(f"{'.'.join(m.path) or m.place or 'run'}: {m.message}" for m in self.mistakes))


@dataclass
class GraphError(FrameworkError, ValueError):
    """A node that cannot be: its op, attributes, inputs or shapes do not fit.

    message: what was found and what was allowed.
    node: the name of the node, when it is known.
    hint: what to do about it.
    """

    message: str
    node: str | None = None
    hint: str | None = None
    related: tuple[str, ...] | None = field(default=None)

    def __str__(self) -> str:
        where = f"{self.node}: " if self.node else ""
        return f"{where}{self.message}" + (f" ({self.hint})" if self.hint else "")


class UntraceableError(GraphError):
    """A node that no compiled program can hold, since it must know a value that the program computes."""


@dataclass(eq=False)
class DataError(FrameworkError):
    """A data file that is missing, truncated, of the wrong kind, or holds what cannot be trained on.

    message: the file, what was found there, and what was allowed.
    hint: what to do about it.
    """

    message: str
    hint: str | None = None

    def __str__(self) -> str:
        return self.message + (f"\n  {self.hint}" if self.hint else "")


class CheckpointError(FrameworkError):
    """A checkpoint that is missing, damaged, or does not fit the graph."""


class RunFolderError(FrameworkError):
    """A run folder that is in use, cannot be written, or is not one."""


class DivergenceError(FrameworkError):
    """A loss that is no longer finite."""


class InvalidArgumentError(FrameworkError, ValueError):
    """A feed or fetch that does not fit the graph."""


class NotFoundError(FrameworkError, KeyError):
    """A name that the graph does not hold."""

    __str__ = Exception.__str__


class FailedPreconditionError(FrameworkError):
    """A variable was read before it had a value."""
