"""The picture of the study: six panels."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib.ticker import LogLocator, NullFormatter

from experiments.reporting.picture import BLUE, GREEN, OTHERS, OURS, dress, panels, save

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Results = Mapping[str, Any]


def draw(results: Results, path: Path) -> None:
    """Draws a PNG of the series that there are."""
    figure, (batch, width, step, compiling, memory, rate) = panels(3, 2, 4.2, 3.1)
    networks = (("perceptron by batch", "perceptron", OURS), ("convolutions by batch", "convolutions", BLUE))
    for name, label, colour in networks:
        curve(batch, results, name, "examples", 1, label, colour)
        curve(rate, results, name, "flops", 1e-9, f"{label}, by batch", colour)
    dress(batch, "Speed by batch", "batch (examples)", "examples a second")
    curve(width, results, "perceptron by width", "examples", 1, "perceptron, batch 128", OURS)
    dress(width, "Speed by width", "width of both layers (units)", "examples a second")
    curve(rate, results, "perceptron by width", "flops", 1e-9, "perceptron, by width", GREEN)
    dress(rate, "Arithmetic a second", "batch (examples) or width (units)", "GFLOP a second, by the plan")
    curve(step, results, "step by depth", "seconds", 1e3, "layers of 256, batch 128", OURS)
    dress(step, "Step time by depth", "depth (layers)", "milliseconds a step")
    curve(compiling, results, "compiling by depth", "compiling", 1, "compiling a step", OURS)
    curve(compiling, results, "compiling by depth", "building", 1, "composing, building, planning", OTHERS)
    dress(compiling, "Before the first step, by depth", "depth (layers)", "seconds")
    for name, label, colour in (
        ("memory of the perceptron", "perceptron", OURS),
        ("memory of the convolutions", "convolutions", BLUE),
    ):
        curve(memory, results, name, "xla", 1e-6, f"{label}, by XLA", colour)
        curve(memory, results, name, "planned", 1e-6, f"{label}, planned", colour, "--")
    dress(memory, "Memory of a training step by batch", "batch (examples)", "MB")
    for axes in (batch, width, step, compiling, memory, rate):
        axes.set_xscale("log", base=2)
        axes.set_yscale("log")
        axes.xaxis.set_major_formatter(lambda number, _: f"{number:,.0f}")
        axes.yaxis.set_major_locator(LogLocator(10, (1, 2, 5)))
        axes.yaxis.set_major_formatter(lambda number, _: f"{number:,.10g}")
        axes.yaxis.set_minor_formatter(NullFormatter())
    save(figure, path)


def curve(
    axes: Axes, results: Results, name: str, key: str, scale: float, label: str, colour: str, style: str = "-"
) -> None:
    if name in results:
        points = results[name]["points"]
        values = [point[key] * scale for point in points]
        axes.plot([p["at"] for p in points], values, style, color=colour, marker="o", ms=3.5, lw=1.7, label=label)
