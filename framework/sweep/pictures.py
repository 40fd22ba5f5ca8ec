"""Pictures of a sweep's results: the metric against each option, parallel coordinates, curves overlaid, a heat map."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from framework.sweep.objective import Spread
from framework.sweep.results import Results, Row
from framework.train.curves import read_curves
from framework.train.folder import RunFolder

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INK, _FAINT, _BEST = "#2b2d42", "#d9dce3", "#d1495b"
_MAP = "viridis_r"
_MOST_CURVES = 60
_MOST_OPTIONS = 12
_FEW_TICKS = 8  # values of an option that are named one by one
_LOG_RATIO = 20.0  # of the greatest to the least; beyond it, an axis is logarithmic


def prepare() -> None:
    """Imports what draws, which takes most of a second; beside other work it costs nothing."""
    import matplotlib.backends.backend_agg
    import matplotlib.figure  # noqa: F401


def draw(folder: RunFolder, results: Results) -> list[str]:
    """Draws what the results allow into `pictures/`; returns the files' names. Raises RunFolderError."""
    finished = [row for row in results.rows if row.value is not None]
    if len(finished) < 2:
        return []
    drawings: dict[str, Callable[[], Figure | None]] = {
        "parameters.png": lambda: _parameters(results, finished),
        "parallel.png": lambda: _parallel(results, finished) if len(results.keys) > 1 else None,
        "curves.png": lambda: _curves(folder.path, results, finished),
        "heat_map.png": lambda: _heat_map(results, finished),
    }
    made = []
    RunFolder(folder.path / "pictures")
    for name, drawing in drawings.items():
        figure = drawing()
        if figure is not None:
            buffer = BytesIO()
            figure.savefig(buffer, format="png", metadata={"Software": None})
            folder.write(f"pictures/{name}", buffer.getvalue())
            made.append(name)
    return made


def _figure(width: float, height: float, title: str) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=110, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    figure.suptitle(title, fontsize=11, color=_INK, x=0.012, ha="left", weight="bold", parse_math=False)
    return figure


def _parameters(results: Results, rows: Sequence[Row]) -> Figure | None:
    """The metric against each option, a point a trial; the line goes through the means."""
    keys = results.keys[:_MOST_OPTIONS]
    if not keys:
        return None
    across = min(len(keys), 3)
    down = math.ceil(len(keys) / across)
    figure = _figure(4.2 * across, 3.2 * down + 0.3, results.objective.title)
    grid = figure.subplots(down, across, squeeze=False, sharey=True).ravel()
    for axes, key in zip(grid, keys, strict=False):
        places, ticks = _places([row.values[key] for row in rows])
        values = np.array([row.value for row in rows], float)
        axes.scatter(places, values, s=16, color=_INK, alpha=0.45, lw=0)
        means = {place: values[places == place].mean() for place in np.unique(places)}
        axes.plot(list(means), list(means.values()), color=_BEST, lw=1.6)
        is_log = ticks is None and places[0] != float(rows[0].values[key])
        _label(axes, key, ticks, places, is_log=is_log)
        if values.min() > 0 and values.max() > _LOG_RATIO * values.min():
            axes.set_yscale("log")
    for axes in grid[len(keys) :]:
        axes.set_visible(False)
    return figure


def _parallel(results: Results, rows: Sequence[Row]) -> Figure:
    """A line a trial, through its place on the axis of each option and of the metric; coloured by the metric."""
    from matplotlib import colormaps

    keys = results.keys[:_MOST_OPTIONS]
    figure = _figure(max(5.0, 1.7 * (len(keys) + 1)), 4.2, f"every trial, coloured by {results.objective.title}")
    axes = figure.subplots()
    columns = [_unit(_places([row.values[key] for row in rows])[0]) for key in keys]
    values = np.array([row.value for row in rows], float)
    scaled = _unit(np.log(values) if values.min() > 0 and values.max() > _LOG_RATIO * values.min() else values)
    goodness = scaled if results.objective.higher_is_better else 1 - scaled
    lines = np.stack([*columns, scaled], axis=1)
    for position in np.argsort(goodness):
        colour = colormaps[_MAP](1 - goodness[position])
        axes.plot(range(lines.shape[1]), lines[position], color=colour, lw=1.1, alpha=0.8)
    for place, key in enumerate(keys):
        given = [row.values[key] for row in rows]
        low, high = _extremes(given)
        axes.text(place, -0.05, low, ha="center", va="top", fontsize=8, color=_INK, parse_math=False)
        axes.text(place, 1.03, high, ha="center", fontsize=8, color=_INK, parse_math=False)
    axes.text(len(keys), -0.05, f"{values.min():.4g}", ha="center", va="top", fontsize=8, color=_INK)
    axes.text(len(keys), 1.03, f"{values.max():.4g}", ha="center", fontsize=8, color=_INK)
    axes.set_xticks(range(len(keys) + 1), [*map(_short_name, keys), results.objective.title], fontsize=8, color=_INK)
    axes.tick_params(length=0, pad=16)
    axes.set_yticks([])
    axes.set_ylim(-0.02, 1.02)
    axes.grid(axis="x", color=_FAINT, lw=1)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure


def _curves(path: Path, results: Results, rows: Sequence[Row]) -> Figure | None:
    """The metric over the steps, of the best trials; the best of all in colour."""
    split, _, name = results.objective.name.partition("/")
    split = "validation" if split == "test" else split
    shown = sorted(rows, key=lambda row: results.objective.order(row.value))[:_MOST_CURVES]
    curves = [read_curves(path / row.trial.folder / "metrics.csv").get(name, {}) for row in shown]
    points = [found.get(split) or found.get("train") or [] for found in curves]
    if not any(points):
        return None
    more = f", the best {len(shown)} of {len(rows)}" if len(shown) < len(rows) else ""
    figure = _figure(7.0, 4.2, f"{split}/{name}{more}")
    axes = figure.subplots()
    for position, curve in reversed(list(enumerate(points))):
        if curve:
            steps, values = zip(*curve, strict=True)
            is_best = position == 0
            label = f"trial {shown[0].trial.folder}  {shown[0].trial.told}" if is_best else None
            axes.plot(
                steps, values, color=_BEST if is_best else "#8d99ae", lw=2.2 if is_best else 0.9,
                alpha=1 if is_best else 0.55, label=label,
            )  # fmt: skip
    values = [value for curve in points for _, value in curve]
    if min(values) > 0 and max(values) > _LOG_RATIO * min(values):
        axes.set_yscale("log")
    axes.set_xlabel("step", fontsize=8, color=_INK)
    axes.legend(frameon=False, fontsize=8, labelcolor=_INK)
    _plain(axes)
    return figure


def _heat_map(results: Results, rows: Sequence[Row]) -> Figure | None:
    """The mean of the metric over two options, those with the most values; numbers stand in few cells."""
    keys = sorted(results.options, key=lambda key: -len({repr(row.values[key]) for row in rows}))[:2]
    if len(keys) < 2:
        return None
    below, aside = keys
    columns = {key: _sorted({repr(row.values[key]): row.values[key] for row in rows}.values()) for key in keys}
    cells = np.full((len(columns[aside]), len(columns[below])), np.nan)
    for y, second in enumerate(columns[aside]):
        for x, first in enumerate(columns[below]):
            chosen = (row.value for row in rows if row.values[below] == first and row.values[aside] == second)
            spread = Spread.of(chosen)
            cells[y, x] = np.nan if spread is None else spread.mean
    figure = _figure(1.8 + 0.62 * cells.shape[1], 1.6 + 0.42 * cells.shape[0], f"mean of {results.objective.title}")
    axes = figure.subplots()
    better = _MAP if not results.objective.higher_is_better else _MAP.removesuffix("_r")
    image = axes.imshow(cells, cmap=better, aspect="auto", origin="lower")
    figure.colorbar(image, ax=axes, shrink=0.9).ax.tick_params(labelsize=8, length=0)
    axes.set_xticks(range(cells.shape[1]), [_text(v) for v in columns[below]], rotation=45, ha="right")
    axes.set_yticks(range(cells.shape[0]), [_text(v) for v in columns[aside]])
    if cells.size <= 100:
        for (y, x), value in np.ndenumerate(cells):
            if np.isfinite(value):
                red, green, blue, _ = image.to_rgba(value)
                ink = _INK if 0.3 * red + 0.6 * green + 0.1 * blue > 0.5 else "white"  # as bright as the eye finds it
                axes.text(x, y, f"{value:.3g}", ha="center", va="center", fontsize=7, color=ink)
    axes.set_xlabel(below, fontsize=8, color=_INK)
    axes.set_ylabel(aside, fontsize=8, color=_INK)
    axes.tick_params(labelsize=8, colors=_INK, length=0)
    return figure


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _places(values: Sequence[Any]) -> tuple[np.ndarray, list[str] | None]:
    """Where values stand on an axis; the names of the places where they are no numbers."""
    if all(map(_is_number, values)):
        numbers = np.array(values, float)
        is_wide = numbers.min() > 0 and numbers.max() > _LOG_RATIO * numbers.min()
        return (np.log10(numbers) if is_wide else numbers), None
    names = list(dict.fromkeys(map(_text, values)))
    return np.array([names.index(_text(value)) for value in values], float), names


def _label(axes: Axes, key: str, names: list[str] | None, places: np.ndarray, *, is_log: bool) -> None:
    if is_log:
        axes.xaxis.set_major_formatter(lambda place, _: f"{10**place:.2g}")
    here = np.unique(places)
    if names is None and len(here) <= _FEW_TICKS:
        axes.set_xticks(here, [f"{10**place if is_log else place:.3g}" for place in here])
    if names is not None:
        axes.set_xticks(range(len(names)), names, rotation=30 if len(names) > 4 else 0)
    axes.set_title(_short_name(key), fontsize=10, color=_INK, loc="left", parse_math=False)
    _plain(axes)


def _plain(axes: Axes) -> None:
    axes.tick_params(which="both", labelsize=8, colors=_INK, length=0)
    axes.grid(color=_FAINT, lw=0.6)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(_FAINT)


def _unit(values: np.ndarray) -> np.ndarray:
    span = values.max() - values.min()
    return (values - values.min()) / span if span else np.full(len(values), 0.5)


def _extremes(values: Sequence[Any]) -> tuple[str, str]:
    """What stands at the ends of an axis."""
    if all(map(_is_number, values)):
        return _text(min(values)), _text(max(values))
    names = list(dict.fromkeys(map(_text, values)))
    return names[0], names[-1]


def _sorted(values: Any) -> list[Any]:
    found = list(values)
    return sorted(found) if all(map(_is_number, found)) else found


def _short_name(key: str) -> str:
    return key.rpartition(".")[2]


def _text(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
