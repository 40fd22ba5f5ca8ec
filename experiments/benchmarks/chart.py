"""The picture of the table: a panel a workload, a bar a program, longer is faster."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from textwrap import wrap

from experiments.reporting.picture import INK, OTHERS, OURS, dress, panels, save

ACROSS = 2
Bars = Mapping[str, tuple[float, str, bool]]  # program -> speed, what is written beside it, whether it is ours


def draw(workloads: Mapping[str, Bars], path: Path) -> None:
    """Draws a PNG. workloads: title -> bars."""
    figure, grid = panels(min(ACROSS, len(workloads)), math.ceil(len(workloads) / ACROSS), 6.2, 2.5)
    for axes, (title, bars) in zip(grid, workloads.items(), strict=False):
        names = sorted(bars, key=lambda name: bars[name][0])
        lengths = [bars[name][0] for name in names]
        axes.barh(names, lengths, color=[OURS if bars[name][2] else OTHERS for name in names], height=0.7)
        for place, name in enumerate(names):
            length, text, is_ours = bars[name]
            axes.annotate(
                text, (length, place), (4, 0), textcoords="offset points", va="center", fontsize=8, color=INK,
                weight="bold" if is_ours else "normal",
            )  # fmt: skip
        dress(axes, "\n".join(wrap(title, 46)))
        axes.grid(visible=False)
        axes.spines["bottom"].set_visible(False)
        axes.set_xlim(0, 1.42 * max(lengths, default=1))
        axes.set_xticks([])
    for axes in grid[len(workloads) :]:
        axes.set_visible(False)
    save(figure, path)
