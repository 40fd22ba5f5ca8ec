"""`curves.png`: loss and metrics over the steps, training and validation in one picture."""

from __future__ import annotations

from pathlib import Path

from framework.train.observer import Moment, Observer
from framework.train.table import read

_COLOURS = {"train": "#7a8ba3", "validation": "#d1495b"}


class Curves(Observer):
    """Draws the picture of `metrics.csv` when a run ends."""

    def __init__(self, metrics: Path, picture: Path, title: str):
        self.metrics, self.picture, self.title = metrics, picture, title

    def end(self, moment: Moment) -> None:
        draw(self.metrics, self.picture, self.title)


def draw(metrics: Path, picture: Path, title: str) -> None:
    """Draws a metrics file into a PNG, a panel for each number that has a validation or training column."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = read(metrics)
    columns = [name for name in (rows[0] if rows else {}) if "/" in name]
    panels = list(dict.fromkeys(name.partition("/")[2] for name in columns))
    if not panels:
        return
    figure = Figure(figsize=(4.8 * len(panels), 3.4), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title, fontsize=10, x=0.01, ha="left")
    for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        for split, colour in _COLOURS.items():
            name = f"{split}/{panel}"
            points = [(int(row["step"]), float(row[name])) for row in rows if row.get(name)]
            if points:
                few = len(points) <= 40
                axes.plot(*zip(*points, strict=True), color=colour, label=split, lw=1.6, marker="o" * few, ms=2.5)
        values = [float(row[n]) for row in rows for n in columns if n.endswith(f"/{panel}") and row.get(n)]
        positive = [v for v in values if v > 0]
        if panel == "loss" and len(positive) == len(values) and max(values) > 50 * min(values):
            axes.set_yscale("log")
        axes.set_title(panel, fontsize=10, loc="left")
        axes.set_xlabel("step", fontsize=9)
        axes.tick_params(labelsize=8)
        axes.grid(alpha=0.25, lw=0.6)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, fontsize=8)
    figure.savefig(picture)
