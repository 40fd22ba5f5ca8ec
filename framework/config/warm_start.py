"""What a run takes over from the checkpoint of another before its first step."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Literal

from framework.fields import Component, loop


class WarmStart(Component):
    """The variables that begin with the values another run has given them: parameters, and statistics of layers.

    Where the other run kept averages of its parameters, those are taken, since it was evaluated with them. What was
    learned of the data, such as how features are normalised, is never taken.
    """

    run: str = loop(..., "folder of the other run")
    checkpoint: Literal["latest", "best"] = loop("latest", "which of its checkpoints")
    parameters: str | list[str] = loop(
        "*", "patterns over the names of variables; * matches any characters; a leading ! leaves out what it matches"
    )
    rename: dict[str, str] = loop({}, "the beginning of names here -> their beginning in the other run")

    def patterns(self) -> list[str]:
        """The patterns as a list."""
        return [self.parameters] if isinstance(self.parameters, str) else self.parameters

    def takes(self, name: str) -> bool:
        """Whether a variable is to be taken."""
        left_out = (pattern[1:] for pattern in self.patterns() if pattern.startswith("!"))
        return _any(name, self.patterns()) and not _any(name, left_out)

    def source(self, name: str) -> str:
        """The name that a variable has in the other run: by the longest beginning that is renamed."""
        fitting = [new for new in self.rename if starts(name, new)]
        if not fitting:
            return name
        new = max(fitting, key=len)
        return f"{self.rename[new].rstrip('/')}/{_rest(name, new)}".strip("/")


def starts(name: str, beginning: str) -> bool:
    """Whether a name begins with whole words of a path: `a/b` begins `a/b/c` and not `a/bc`."""
    return f"{name}/".startswith(f"{beginning.rstrip('/')}/")


def _rest(name: str, beginning: str) -> str:
    return name[len(beginning.rstrip("/")) :].lstrip("/")


def _any(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
