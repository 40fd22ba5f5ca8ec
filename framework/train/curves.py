"""`curves.png`: loss and metrics over the steps, training and validation in one picture."""

from __future__ import annotations

import math
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from framework.errors import RunFolderError
from framework.files import write_atomically
from framework.train.observer import Moment, Numbers, Observer
from framework.train.table import read

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = {"train": "#8d99ae", "validation": "#d1495b"}
_INK, _FAINT = "#2b2d42", "#d9dce3"
_ACROSS = 3  # panels in a row
_FEW = 40  # points of a curve that are marked one by one

Curve = list[tuple[int, float]]


class Curves(Observer):
    """Draws the picture of `metrics.csv` when a run ends.

    What draws is imported meanwhile, by a thread, so that nobody waits for it at the end.
    """

    def __init__(self, metrics: Path, picture: Path, title: str):
        self.metrics, self.picture, self.title = metrics, picture, title
        self._importing: threading.Thread | None = None

    def evaluated(self, moment: Moment, found: Numbers) -> None:
        if self._importing is None:  # not sooner: the first steps are waited for
            self._importing = threading.Thread(target=_import, name="curves", daemon=True)
            self._importing.start()

    def end(self, moment: Moment) -> None:
        draw(self.metrics, self.picture, self.title)


def _import() -> None:
    import matplotlib.backends.backend_agg
    import matplotlib.figure  # noqa: F401


def draw(metrics: Path, picture: Path, title: str) -> bool:
    """Draws a metrics file into a PNG, a panel for each number; False where it has no rows, and nothing is drawn.

    Raises RunFolderError when the picture cannot be written.
    """
    panels = read_curves(metrics)
    if not panels:
        return False
    from io import BytesIO

    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    across = min(len(panels), _ACROSS)
    down = math.ceil(len(panels) / across)
    figure = Figure(figsize=(4.6 * across, 3.2 * down + 0.4), dpi=144, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    figure.suptitle(title, fontsize=11, color=_INK, x=0.012, ha="left", weight="bold", parse_math=False)
    grid = figure.subplots(down, across, squeeze=False).ravel()
    for axes, (name, curves) in zip(grid, panels.items(), strict=False):
        _draw_panel(axes, name, curves)
    for axes in grid[len(panels) :]:
        axes.set_visible(False)
    buffer = BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    try:
        write_atomically(picture, buffer.getvalue())
    except OSError as error:
        raise RunFolderError(f"cannot write '{picture}': {error.strerror}") from None
    return True


def read_curves(metrics: Path) -> dict[str, dict[str, Curve]]:
    """Number -> split -> its finite points (step, value)."""
    panels: dict[str, dict[str, Curve]] = {}
    for row in read(metrics):
        for column, text in row.items():
            split, slash, name = column.partition("/")
            if slash and text and math.isfinite(float(text)):
                panels.setdefault(name, {}).setdefault(split, []).append((int(row["step"]), float(text)))
    return panels


def _draw_panel(axes: Axes, name: str, curves: dict[str, Curve]) -> None:
    for split, curve in curves.items():
        steps, values = zip(*curve, strict=True)
        marker = "o" if len(curve) <= _FEW else ""
        colour = _COLOURS.get(split, _INK)
        label = f"{split}  {values[-1]:.4g}"
        axes.plot(steps, values, color=colour, label=label, lw=1.8, marker=marker, ms=3.2, solid_capstyle="round")
    values = [value for curve in curves.values() for _, value in curve]
    if min(values) > 0 and max(values) > 50 * min(values):
        axes.set_yscale("log")
    axes.set_title(name, fontsize=10, color=_INK, loc="left", parse_math=False)
    axes.set_xlabel("step", fontsize=8, color=_INK)
    axes.tick_params(which="both", labelsize=8, colors=_INK, length=0)
    axes.grid(color=_FAINT, lw=0.6)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(_FAINT)
    axes.legend(frameon=False, fontsize=8, labelcolor=_INK)
