"""Trains the ten seeds of the study, one more with all histograms, and writes what they gave into README.md.

    python experiments/mnist_mlp/study.py [folder]

Runs go into `folder`, by default outputs/studies/mnist_mlp; those that are finished there are not made again.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from experiments.reporting.machine import describe
from experiments.reporting.picture import INK, OTHERS, OURS, dress, panels, save
from experiments.reporting.readme import table, write_measured
from experiments.reporting.runs import epochs, train
from framework.train.status import Status

HERE = Path(__file__).resolve().parent
SEEDS = range(10)
FULL = "trainer.summaries.histograms=[parameters/*,gradients/*,activations/fc*]"
# Two runs of this program as they were published, epoch -> cost, and their accuracies.
PUBLISHED = (
    ({1: 54.984976748, 2: 12.83, 24: 0.238, 25: 0.212}, 0.9347),
    ({1: 59.57, 2: 13.59, 24: 0.164, 25: 0.142}, 0.9336),
)
# The median of ten seeds of a faithful run lies in these.
FAITHFUL = {1: (50.0, 70.0), 25: (0.10, 0.35)}
FAITHFUL_ACCURACY = (0.925, 0.936)


def main(folder: Path) -> None:
    seeds = {folder / f"seed-{seed}": ["experiments=mnist_mlp", f"seed={seed}"] for seed in SEEDS}
    full = folder / "full"
    train({**seeds, full: ["experiments=mnist_mlp", FULL]})
    costs = [epochs(run, "train/loss") for run in seeds]
    accuracies = [Status.read(run).metrics["test/accuracy"] for run in seeds]
    draw(costs, accuracies)
    write_measured(HERE / "README.md", measured(costs, accuracies, list(seeds), full))


def measured(costs: list[list[float]], accuracies: list[float], runs: list[Path], full: Path) -> list[str]:
    """The lines of the README."""
    rows = [row(f"cost of epoch {epoch}", [cost[epoch - 1] for cost in costs], epoch) for epoch in (1, 2, 24, 25)]
    low, high = FAITHFUL_ACCURACY
    published = ", ".join(f"{accuracy:.4f}" for _, accuracy in PUBLISHED)
    within = verdict(statistics.median(accuracies), low, high)
    rows.append([
        "test accuracy", f"{statistics.median(accuracies):.4f}", f"{min(accuracies):.4f} to {max(accuracies):.4f}",
        published, f"{low} to {high}", within,
    ])  # fmt: skip
    header = ["", "median", f"spread over {len(runs)} seeds", "published", "a faithful run's median", ""]
    by_seed = [
        [str(seed), *(f"{cost[epoch - 1]:.4g}" for epoch in (1, 2, 24, 25)), f"{accuracy:.4f}"]
        for seed, (cost, accuracy) in enumerate(zip(costs, accuracies, strict=True))
    ]
    status = Status.read(runs[0])
    versions = f"jax {status.versions['jax']}, {status.started[:10]}"
    events = sum(file.stat().st_size for file in (full / "train").glob("events*"))
    return [
        *table(header, rows),
        "",
        "![cost over the epochs, and accuracies, of ten seeds beside two published runs](curves.png)",
        "",
        *table(["seed", "epoch 1", "epoch 2", "epoch 24", "epoch 25", "accuracy"], by_seed),
        "",
        f"The run with all 14 histograms at each of its {Status.read(full).step:,} steps wrote "
        f"{events / 1e6:,.0f} MB of events, and ended with the same cost and accuracy to the last bit: "
        f"{'yes' if is_same(full, runs[0]) else 'no'}.",
        "",
        f"Measured on {describe()}, {versions}.",
    ]


def row(name: str, values: list[float], epoch: int) -> list[str]:
    middle, bounds = statistics.median(values), FAITHFUL.get(epoch)
    published = ", ".join(f"{cost[epoch]:.4g}" for cost, _ in PUBLISHED)
    asked = ["", ""] if bounds is None else [f"{bounds[0]:g} to {bounds[1]:g}", verdict(middle, *bounds)]
    return [name, f"{middle:.4g}", f"{min(values):.4g} to {max(values):.4g}", published, *asked]


def verdict(number: float, low: float, high: float) -> str:
    return "within" if low <= number <= high else "**outside**"


def is_same(full: Path, run: Path) -> bool:
    """Whether two runs reported the same numbers at every step."""
    return (full / "metrics.csv").read_bytes() == (run / "metrics.csv").read_bytes()


def draw(costs: list[list[float]], accuracies: list[float]) -> None:
    figure, (left, right) = panels(2, 1, 5.2, 3.6)
    for number, cost in enumerate(costs):
        label = "ten seeds" if not number else None
        left.plot(range(1, len(cost) + 1), cost, color=OTHERS, lw=0.9, alpha=0.7, label=label)
    middle = [statistics.median(column) for column in zip(*costs, strict=True)]
    left.plot(range(1, len(middle) + 1), middle, color=OURS, lw=2, label="their median")
    for (points, accuracy), marker in zip(PUBLISHED, ("o", "s"), strict=True):
        left.plot(
            list(points),
            list(points.values()),
            marker,
            color=INK,
            ms=5,
            label=f"a published run, which reached {accuracy:.4f}",
        )
    left.set_yscale("log")
    dress(left, "Mean cost of an epoch's batches", "epoch", "cost (nats an example)")
    right.plot(list(accuracies), range(len(accuracies)), "o", color=OTHERS, ms=5, label="ten seeds")
    right.axvline(statistics.median(accuracies), color=OURS, lw=2, label="their median")
    for (_, accuracy), style in zip(PUBLISHED, ("-", "--"), strict=True):
        right.axvline(accuracy, color=INK, lw=1, ls=style, label=f"a published run, {accuracy:.4f}")
    right.axvspan(*FAITHFUL_ACCURACY, color=OURS, alpha=0.08, lw=0, label="where a faithful median lies")
    right.set_ylim(-0.6, len(accuracies) + 5)  # room for the legend
    dress(right, "Accuracy on the 10,000 test images", "accuracy", "seed")
    right.set_yticks(range(len(accuracies)))
    save(figure, HERE / "curves.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("outputs/studies/mnist_mlp"))
