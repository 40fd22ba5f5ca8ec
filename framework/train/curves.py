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
# Inches. A layout that measures every text draws the picture twice, and a run ends only when it is there.
_PANEL, _LEFT, _ABOVE, _BETWEEN = (3.8, 2.4), 0.75, 0.65, 0.75

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
    (wide, high), step = _PANEL, (_PANEL[0] + _BETWEEN, _PANEL[1] + _BETWEEN)
    width, height = _LEFT + across * step[0] - _BETWEEN + 0.2, _ABOVE + down * step[1] - _BETWEEN + 0.55
    figure = Figure(figsize=(width, height), dpi=144, facecolor="white")
    FigureCanvasAgg(figure)
    figure.text(
        0.1 / width, 1 - 0.1 / height, title, fontsize=11, color=_INK, va="top", weight="bold", parse_math=False
    )
    for number, (name, curves) in enumerate(panels.items()):
        row, column = divmod(number, across)
        left, top = _LEFT + column * step[0], height - _ABOVE - row * step[1]
        axes = figure.add_axes((left / width, (top - high) / height, wide / width, high / height))
        _draw_panel(axes, name, curves)
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
    axes.locator_params("x", integer=True)
    axes.tick_params(which="both", labelsize=8, colors=_INK, length=0)
    axes.grid(color=_FAINT, lw=0.6)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(_FAINT)
    axes.legend(frameon=False, fontsize=8, labelcolor=_INK)
