"""The look that the pictures of all studies share: few lines, and colours that mean something."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OURS, OTHERS, BLUE, GREEN, AMBER = "#d1495b", "#8d99ae", "#1454a0", "#2a9d8f", "#e9a23b"
INK, FAINT = "#2b2d42", "#d9dce3"


def panels(across: int, down: int = 1, width: float = 4.6, height: float = 3.3) -> tuple[Figure, list[Axes]]:
    """A figure and its panels, row by row; width and height: of a panel, in inches."""
    figure = Figure(figsize=(width * across, height * down), dpi=144, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure, list(figure.subplots(down, across, squeeze=False).ravel())


def dress(axes: Axes, title: str, x: str = "", y: str = "") -> None:
    """Titles, labels with units, a faint grid; a legend where curves have names."""
    axes.set_title(title, fontsize=10, color=INK, loc="left")
    axes.set_xlabel(x, fontsize=8.5, color=INK)
    axes.set_ylabel(y, fontsize=8.5, color=INK)
    axes.tick_params(which="both", labelsize=8, colors=INK, length=0)
    axes.grid(color=FAINT, lw=0.6)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("bottom", "left"))
        spine.set_color(FAINT)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize=8, labelcolor=INK)


def save(figure: Figure, path: Path) -> None:
    """Writes a PNG that is the same for the same numbers."""
    figure.savefig(path, metadata={"Software": None})
