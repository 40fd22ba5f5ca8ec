"""What a study has measured, written into its README between two marks; no number is written by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

BEGIN, END = "<!-- measured: written by the command above -->", "<!-- until here -->"


def write_measured(readme: Path, lines: Iterable[str]) -> None:
    """Puts lines between the marks. Raises ValueError where there are none."""
    before, begin, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{readme} has no lines '{BEGIN}' and '{END}'")
    text = "\n".join(lines).strip()
    readme.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table in Markdown."""
    return [f"| {' | '.join(cells)} |" for cells in (header, ["---"] * len(header), *rows)]
