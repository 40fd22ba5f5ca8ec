"""Trains five seeds of the study, and writes what they gave into README.md.

    python experiments/digits_cnn/study.py [folder]

Runs go into `folder`, by default outputs/studies/digits_cnn; those that are finished there are not made again.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from experiments.reporting.machine import describe
from experiments.reporting.picture import BLUE, INK, OURS, dress, panels, save
from experiments.reporting.readme import table, write_measured
from experiments.reporting.runs import epochs, train
from framework.train.past_run import Run

HERE = Path(__file__).resolve().parent
SEEDS = range(5)
MOST = 12  # mistakes that are shown


def main(folder: Path) -> None:
    paths = [folder / f"seed-{seed}" for seed in SEEDS]
    train({path: ["experiments=digits_cnn", f"seed={seed}"] for seed, path in enumerate(paths)})
    runs = [Run(path) for path in paths]
    draw(paths, runs[0])
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
        "![losses over the epochs, and the test images that the first seed mistakes](digits.png)",
        "",
        f"Measured on {describe()}, jax {status.versions['jax']}, {status.started[:10]}.",
    ]


def draw(paths: list[Path], run: Run) -> None:
    figure, (left, right) = panels(2, 1, 5.2, 3.5)
    for split, colour in (("train", BLUE), ("validation", OURS)):
        curves = np.array([epochs(path, f"{split}/loss") for path in paths])
        x = range(1, curves.shape[1] + 1)
        left.plot(x, curves.mean(0), color=colour, lw=1.8, label=split)
        left.fill_between(x, curves.min(0), curves.max(0), color=colour, alpha=0.15, lw=0)
    left.set_yscale("log")
    dress(left, f"Mean loss of {len(paths)} seeds, and their spread", "epoch", "loss (nats an example)")
    test = run.experiment.dataset.load().splits["test"]
    found = run.predict({"image": test["image"]})["class"]
    wrong = np.flatnonzero(found != test["label"])[:MOST]
    right.set_title("Test images that the first seed mistakes: digit, taken for", fontsize=10, color=INK, loc="left")
    right.axis("off")
    for place, row in enumerate(wrong):
        inset = right.inset_axes((place % 4 * 0.25, 0.68 - place // 4 * 0.34, 0.22, 0.24))
        inset.imshow(16 - test["image"][row, ..., 0].astype(int), cmap="gray", interpolation="nearest")
        inset.set_title(f"{test['label'][row]}, {found[row]}", fontsize=9, color=INK, pad=3)
        inset.set_xticks([])
        inset.set_yticks([])
    save(figure, HERE / "digits.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("outputs/studies/digits_cnn"))
