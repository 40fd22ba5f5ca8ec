"""The picture of the table: a panel a workload, a bar a program, longer is faster."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from textwrap import wrap

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

OURS, OTHERS, INK, FAINT = "#d1495b", "#8d99ae", "#2b2d42", "#d9dce3"
ACROSS = 2
Bars = Mapping[str, tuple[float, str, bool]]  # program -> speed, what is written beside it, whether it is ours


def draw(panels: Mapping[str, Bars], path: Path) -> None:
    """Draws a PNG."""
    across, down = min(ACROSS, len(panels)), math.ceil(len(panels) / ACROSS)
    figure = Figure(figsize=(6.2 * across, 2.5 * down), dpi=144, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    grid = figure.subplots(down, across, squeeze=False).ravel()
    for axes, (title, bars) in zip(grid, panels.items(), strict=False):
        names = sorted(bars, key=lambda name: bars[name][0])
        lengths = [bars[name][0] for name in names]
        axes.barh(names, lengths, color=[OURS if bars[name][2] else OTHERS for name in names], height=0.7)
        for place, name in enumerate(names):
            weight = "bold" if bars[name][2] else "normal"
            axes.annotate(bars[name][1], (bars[name][0], place), (4, 0), textcoords="offset points", va="center",
                          fontsize=8, color=INK, weight=weight)  # fmt: skip
        axes.set_title("\n".join(wrap(title, 62)), fontsize=9.5, color=INK, loc="left")
        axes.set_xlim(0, 1.3 * max(lengths, default=1))
        axes.set_xticks([])
        axes.tick_params(labelsize=8, colors=INK, length=0)
        for side, spine in axes.spines.items():
            spine.set_visible(side == "left")
            spine.set_color(FAINT)
    for axes in grid[len(panels) :]:
        axes.set_visible(False)
    figure.savefig(path, metadata={"Software": None})
