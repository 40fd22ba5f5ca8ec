"""Trains five seeds of the study, and writes what they gave into README.md.

    python experiments/digits_cnn/study.py [folder]

Runs go into `folder`, by default outputs/studies/digits_cnn; those that are finished there are not made again.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from experiments.reporting.machine import describe
from experiments.reporting.picture import BLUE, INK, OURS, dress, panels, save
from experiments.reporting.readme import table, write_measured
from experiments.reporting.runs import epochs, train
from framework.train.past_run import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HERE = Path(__file__).resolve().parent
SEEDS = range(5)
ACROSS, DOWN = 3, 2  # mistakes that are shown


def main(folder: Path) -> None:
    paths = [folder / f"seed-{seed}" for seed in SEEDS]
    train({path: ["experiments=digits_cnn", f"seed={seed}"] for seed, path in enumerate(paths)})
    runs = [Run(path) for path in paths]
    draw(paths, runs)
    write_measured(HERE / "README.md", lines(runs))


def lines(runs: list[Run]) -> list[str]:
    """The lines of the README."""
    accuracies = [run.status.metrics["test/accuracy"] for run in runs]
    rows = [
        [str(seed), f"{run.status.metrics['validation/accuracy']:.2%}", f"{run.status.metrics['test/accuracy']:.2%}"]
        for seed, run in enumerate(runs)
    ]
    status = runs[0].status
    spread = f"{min(accuracies):.2%} to {max(accuracies):.2%}"
    return [
        f"Test accuracy: **{statistics.mean(accuracies):.2%}** on average, {spread} over {len(runs)} seeds.",
        "",
        *table(["seed", "validation", "test"], rows),
        "",
        "![losses over the epochs, and the test images that some seed mistakes](digits.png)",
        "",
        f"Measured on {describe()}, jax {status.versions['jax']}, {status.started[:10]}.",
    ]


def draw(paths: list[Path], runs: list[Run]) -> None:
    figure, (left, right) = panels(2, 1, 5.2, 3.5)
    for split, colour in (("train", BLUE), ("validation", OURS)):
        curves = np.array([epochs(path, f"{split}/loss") for path in paths])
        x = range(1, curves.shape[1] + 1)
        left.plot(x, curves.mean(0), color=colour, lw=1.8, label=split)
        left.fill_between(x, curves.min(0), curves.max(0), color=colour, alpha=0.15, lw=0)
    left.set_yscale("log")
    dress(left, f"Mean loss of {len(paths)} seeds, and their spread", "epoch", "loss (nats an example)")
    draw_mistakes(right, runs)
    save(figure, HERE / "digits.png")


def draw_mistakes(axes: Axes, runs: list[Run]) -> None:
    """The test images that some seed takes for another digit, each once."""
    test = runs[0].experiment.dataset.load().splits["test"]
    found = [run.predict({"image": test["image"]})["class"] for run in runs]
    taken = {int(row): int(classes[row]) for classes in found for row in np.flatnonzero(classes != test["label"])}
    dress(axes, "Test images that some seed mistakes: digit, taken for")
    axes.axis("off")
    for place, (row, other) in enumerate(sorted(taken.items())[: ACROSS * DOWN]):
        corner = place % ACROSS / ACROSS, 0.55 - place // ACROSS * 0.52
        inset = axes.inset_axes((*corner, 0.3, 0.38))
        inset.imshow(16 - test["image"][row, ..., 0].astype(int), cmap="gray", interpolation="nearest")
        inset.set_title(f"{test['label'][row]}, {other}", fontsize=9, color=INK, pad=3)
        inset.axis("off")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("outputs/studies/digits_cnn"))
