"""How mistakes are shown: one screen with the place, what is wrong, and what to do."""

from __future__ import annotations

from framework.config.origins import Origins, Place
from framework.errors import ConfigError, Mistake


def screen(error: ConfigError, origins: Origins | None = None) -> str:
    """All mistakes of a stage, each with the place where it was written."""
    known = origins or Origins()
    entries = [_entry(mistake, known) for mistake in error.mistakes]
    entries.sort(key=lambda entry: entry[0])
    count = len(error.mistakes)
    closing = f"{count} mistake{'s' * (count != 1)}; nothing was run"
    return "\n".join([*(text for _, text in entries), closing])


def _entry(mistake: Mistake, origins: Origins) -> tuple[tuple[str, int, int], str]:
    place = origins.locate(mistake.path)
    heading = mistake.place or _heading(mistake, place)
    lines = [heading]
    message = mistake.message
    if mistake.related is not None and (related := origins.locate(mistake.related)) is not None:
        message += f"  ({_where(related)})"
    lines.append(f"  {message}")
    source = origins.behind(place) if place is not None else None
    if source is not None and place is not None:
        lines.append(f"  the value comes from {place.text.partition('=')[2] or place.text}  ({_where(source)})")
    if mistake.hint:
        lines.append(f"  {mistake.hint}")
    return _order(heading), "\n".join(lines)


def _heading(mistake: Mistake, place: Place | None) -> str:
    path = ".".join(mistake.path)
    if place is None:
        return path or "configuration"
    if place.is_override:
        key = place.text.lstrip("+~").partition("=")[0]
        return f"command line  {place.text}" + ("" if key == path else f"  ({path})")
    return f"{place.where}  {path}"


def _where(place: Place) -> str:
    return f"command line  {place.text}" if place.is_override else place.where


def _order(heading: str) -> tuple[str, int, int]:
    """Mistakes of a file stand together, by line; those of the command line come last."""
    file, _, rest = heading.partition("  ")[0].partition(":")
    line, _, column = rest.partition(":")
    is_numbered = line.isdigit() and column.isdigit()
    return (f"~{file}" if file.startswith("command line") else file, *((int(line), int(column)) if is_numbered else (0, 0)))
