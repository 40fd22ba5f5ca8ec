"""Trains three seeds with dropout and three without, and writes what they gave into README.md, with its pictures.

    python experiments/mnist_cnn/study.py [folder]

Runs go into `folder`, by default outputs/studies/mnist_cnn; those that are finished there are not made again.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from experiments.mnist_cnn.matrix_product import differences
from experiments.reporting.machine import describe
from experiments.reporting.picture import BLUE, INK, OURS, dress, panels, save
from experiments.reporting.readme import table, write_measured
from experiments.reporting.runs import epochs, train
from framework.build import build
from framework.layers import Mode
from framework.train.drawing import draw_grid, stretched
from framework.train.past_run import Run
from framework.train.views import Views

HERE = Path(__file__).resolve().parent
SEEDS = range(3)
KINDS = {"with dropout": [], "without dropout": ["model.layers.drop.rate=0"]}
COLOURS = {"with dropout": BLUE, "without dropout": OURS}
SPLITS = ("train", "validation", "test")


def main(folder: Path) -> None:
    runs = {kind: [folder / f"{kind.replace(' ', '-')}-{seed}" for seed in SEEDS] for kind in KINDS}
    train({
        run: ["experiments=mnist_cnn", f"seed={seed}", *KINDS[kind]]
        for kind, paths in runs.items() for seed, run in enumerate(paths)
    })  # fmt: skip
    opened = {kind: [Run(path) for path in paths] for kind, paths in runs.items()}
    found = {kind: [evaluated(run) for run in each] for kind, each in opened.items()}
    draw_gap(runs)
    draw_maps(opened["with dropout"][0])
    write_measured(HERE / "README.md", measured(found, opened))


def evaluated(run: Run) -> dict[str, float]:
    """Losses and accuracies of each split, without dropout, by the variables after the last step."""
    return {f"{split}/{name}": number for split in SPLITS for name, number in run.evaluate(split).items()}


def measured(found: Mapping[str, list[dict[str, float]]], opened: Mapping[str, list[Run]]) -> list[str]:
    """The lines of the README."""
    header = ["", "test accuracy, mean", "of each seed", "train loss", "validation loss", "train accuracy", "gap"]
    rows = []
    for kind, seeds in found.items():
        accuracies = [seed["test/accuracy"] for seed in seeds]
        middle = {name: statistics.mean(seed[name] for seed in seeds) for name in seeds[0]}
        gap = middle["train/accuracy"] - middle["validation/accuracy"]
        rows.append([
            kind, f"**{statistics.mean(accuracies):.2%}**", ", ".join(f"{accuracy:.2%}" for accuracy in accuracies),
            f"{middle['train/loss']:.4f}", f"{middle['validation/loss']:.4f}", f"{middle['train/accuracy']:.2%}",
            f"{gap * 100:.2f} points",
        ])  # fmt: skip
    status = opened["with dropout"][0].status
    seconds = [run.status.seconds for each in opened.values() for run in each]
    return [
        *table(header, rows),
        "",
        "All are of the variables after the last epoch, evaluated without dropout, on the training split too. The gap "
        "is that of the accuracies on the training and validation splits.",
        "",
        "![losses over the epochs, with and without dropout](gap.png)",
        "",
        "![a digit, the learned windows, and what the layers make of the digit](maps.png)",
        "",
        "The convolution beside its matrix product, by the trained kernels, over 64 test images:",
        "",
        *table(["", "greatest difference in float32", "relative to the greatest value", "in float64"],
               differences(opened["with dropout"][0])),
        "",
        f"A run of {status.total_steps:,} steps took {min(seconds):,.0f} to {max(seconds):,.0f} s. Measured on "
        f"{describe()}, jax {status.versions['jax']}, {status.started[:10]}.",
    ]  # fmt: skip


def draw_gap(runs: Mapping[str, list[Path]]) -> None:
    figure, grid = panels(2, 1, 5.2, 3.6)
    units = {"loss": "nats an example", "accuracy": "share of the examples"}
    for axes, (number, unit) in zip(grid, units.items(), strict=True):
        for kind, paths in runs.items():
            for split, style in (("train", "--"), ("validation", "-")):
                curves = np.array([epochs(path, f"{split}/{number}") for path in paths])
                x = range(1, curves.shape[1] + 1)
                axes.plot(x, curves.mean(0), style, color=COLOURS[kind], lw=1.8, label=f"{split}, {kind}")
                axes.fill_between(x, curves.min(0), curves.max(0), color=COLOURS[kind], alpha=0.12, lw=0)
        dress(axes, f"Mean {number} of {len(SEEDS)} seeds, and their spread", "epoch", f"{number} ({unit})")
    grid[0].set_yscale("log")
    grid[1].set_ylim(0.97, 1.001)
    save(figure, HERE / "gap.png")


def draw_maps(run: Run) -> None:
    """A digit, the 32 windows of the first layer, and the maps of both convolutions."""
    data, spec = run.experiment.dataset.load(), run.experiment.dataset.spec()
    views = Views(build(run.experiment, Mode.EVALUATE), spec, data.splits["test"])
    state = run.checkpoint.state
    maps, kernel = views.maps(state), np.asarray(state["conv1/kernel"])
    drawn = (stretched(kernel[:, :, 0, k])[..., None] for k in range(kernel.shape[-1]))
    windows = np.stack([np.pad(window, ((1, 1), (1, 1), (0, 0)), constant_values=255) for window in drawn])
    figure, grid = panels(4, 1, 3.4, 3.7)
    shown = {
        "A test image": data.splits["test"]["image"][0],
        "The 32 learned windows of 5 x 5": draw_grid(windows),
        "conv1: 32 maps of 28 x 28": maps["features/conv1"],
        "conv2: 64 maps of 14 x 14": maps["features/conv2"],
    }
    for axes, (title, image) in zip(grid, shown.items(), strict=True):
        axes.imshow(image[..., 0], cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        axes.set_title(title, fontsize=10, color=INK, loc="left")
        axes.axis("off")
    save(figure, HERE / "maps.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("outputs/studies/mnist_cnn"))
