"""How mistakes are shown: one screen with the place, what is wrong, and what to do."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from framework.config.origins import Origins, Place, PlacedError
from framework.errors import ConfigError, DataError, FrameworkError, GraphError, Mistake


@dataclass(frozen=True)
class Line:
    """One line of a screen; indented ones say more of the heading above. style: for a terminal with colours."""

    text: str
    style: str = ""
    is_indented: bool = True

    def __post_init__(self) -> None:
        """What a name holds that cannot be shown, a break or an order to the terminal, is escaped."""
        shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in self.text)
        object.__setattr__(self, "text", shown)


def screen(error: FrameworkError, origins: Origins | None = None) -> str:
    """What is wrong, as plain text: all mistakes of a stage, each with the place where it was written."""
    return "\n".join("  " * line.is_indented + line.text for line in _lines(error, origins or Origins()))


def print_screen(error: FrameworkError, origins: Origins | None = None) -> None:
    """Shows what is wrong on standard error; with colours, and wrapped, when that is a terminal."""
    if not sys.stderr.isatty():
        print(screen(error, origins), file=sys.stderr)
        return
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(stderr=True, highlight=False)
    for line in _lines(error, origins or Origins()):
        console.print(Padding(Text(line.text, style=line.style), (0, 0, 0, 2 * line.is_indented)))


def _lines(error: FrameworkError, origins: Origins) -> Iterator[Line]:
    if not isinstance(error, ConfigError):
        yield from _single(error)
        return
    placed = error.placed if isinstance(error, PlacedError) else [(mistake, origins) for mistake in error.mistakes]
    # The runs of a sweep may share a mistake.
    entries = dict.fromkeys(_entry(*pair) for pair in placed)
    before = None
    for entry in sorted(entries, key=lambda entry: entry.order):
        if entry.heading != before:
            yield Line(entry.heading, "bold cyan", is_indented=False)
        before = entry.heading
        yield from entry.lines
    count = len(entries)
    yield Line(f"{count} mistake{'s' * (count != 1)}; nothing was run", "bold red", is_indented=False)


def _single(error: FrameworkError) -> Iterator[Line]:
    """An error that has no place in the configuration."""
    message = error.message if isinstance(error, (GraphError, DataError)) else str(error)
    hint = error.hint if isinstance(error, (GraphError, DataError)) else None
    where = f"{error.node}: " if isinstance(error, GraphError) and error.node else ""
    for line in (where + message).split("\n"):
        yield Line(line, "bold red", is_indented=False)
    if hint:
        yield Line(hint, "green")


@dataclass(frozen=True)
class _Entry:
    """A mistake as it is shown. order: by file and line; what stands on the command line comes last."""

    order: tuple[bool, str, int, int]
    heading: str
    lines: tuple[Line, ...]


def _entry(mistake: Mistake, origins: Origins) -> _Entry:
    place = origins.locate(mistake.path) if mistake.place is None else None
    is_in_file = place is not None and place.override is None
    return _Entry(
        order=(False, place.file, place.line, place.column) if place and is_in_file else (True, "", 0, 0),
        heading=mistake.place or _heading(mistake, place),
        lines=tuple(_explained(mistake, origins)),
    )


def _explained(mistake: Mistake, origins: Origins) -> Iterator[Line]:
    related = origins.locate(mistake.related) if mistake.related else None
    yield Line(mistake.message + (f"  ({related})" if related else ""))
    for keys, place in origins.sources(mistake.path) if mistake.place is None else []:
        yield Line(f"the value is taken from {'.'.join(keys)}  ({place})", "dim")
    if mistake.hint:
        yield Line(mistake.hint, "green")


def _heading(mistake: Mistake, place: Place | None) -> str:
    path = ".".join(mistake.path)
    if place is None:
        return path or "configuration"
    if place.override is None:
        return f"{place}  {path}"
    key = place.override.lstrip("+~").partition("=")[0]
    return f"{place}" + ("" if key == path else f"  {path}")
