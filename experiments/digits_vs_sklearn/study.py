"""Networks trained here beside scikit-learn's models, by cross-validation over the same folds.

    python experiments/digits_vs_sklearn/study.py [data set ...]

What was measured goes into results.json after each model, so a study that was stopped goes on; from there into
README.md and scores.png. Named data sets are measured anew.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold

from experiments.digits_vs_sklearn import networks
from experiments.digits_vs_sklearn.models import Model, models
from experiments.reporting.machine import describe
from experiments.reporting.picture import OTHERS, OURS, dress, panels, save
from experiments.reporting.readme import table, write_measured

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
OUTER, INNER = 5, 3
NETWORK = "a network of Graphwright"
# What is tried of a network on the training rows of a fold; nothing of the one for digits, which takes longest.
TRIED = [
    (f"model.layers.drop.rate={rate}", f"optimizer.weight_decay={decay}") for rate, decay in ((0.3, 0.01), (0.5, 0.1))
]
Scores = dict[str, dict[str, dict[str, Any]]]  # data set -> model -> scores of the folds and seconds
Split = tuple[np.ndarray, np.ndarray]


def main(names: list[str]) -> None:
    unknown = [name for name in names if name not in networks.OVERRIDES]
    if unknown:
        sys.exit(f"{__doc__}\ndata sets: {', '.join(networks.OVERRIDES)}")
    results: Scores = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in names:
        results.pop(name, None)
    for name in networks.OVERRIDES:
        known = results.setdefault(name, {})
        for model, score in contestants(name):
            if model not in known:
                known[model] = measured(name, score)
                print(f"{name}, {model}: {statistics.mean(known[model]['scores']):.4f}", flush=True)
                RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    draw(results)
    write_measured(HERE / "README.md", lines(results))


def contestants(name: str) -> Iterator[tuple[str, Callable[[Split, int], float]]]:
    """Name of a model -> what fits it to the training rows of a fold, choosing by them alone, and scores the others."""
    arrays = rows_of(name)
    is_regression = "target" in arrays
    target = arrays["target" if is_regression else "label"]
    source = next(array for feature, array in arrays.items() if array is not target)
    x, y = source.reshape(len(source), -1).astype(np.float64), target.ravel()

    def network(split: Split, seed: int) -> float:
        train, test = ({feature: array[rows] for feature, array in arrays.items()} for rows in split)
        options = () if name == "digits" else tried(name, train, y[split[0]], is_regression)
        return networks.score(name, options, train, test, seed)

    def fitted(model: Model) -> Callable[[Split, int], float]:
        def score(split: Split, seed: int) -> float:
            search = GridSearchCV(clone(model[0]), model[1], cv=folds(INNER, is_regression))
            return float(search.fit(x[split[0]], y[split[0]]).score(x[split[1]], y[split[1]]))

        return score

    yield NETWORK, network
    for model_name, model in models(is_regression).items():
        yield model_name, fitted(model)


def tried(name: str, train: networks.Arrays, labels: np.ndarray, is_regression: bool) -> tuple[str, ...]:
    """The options that score best on average over inner folds of the training rows."""

    def mean_score(options: tuple[str, ...]) -> float:
        return statistics.mean(
            networks.score(name, options, *({f: array[rows] for f, array in train.items()} for rows in split), seed=0)
            for split in folds(INNER, is_regression).split(labels, labels)
        )

    return max(TRIED, key=mean_score)


def folds(number: int, is_regression: bool) -> KFold | StratifiedKFold:
    return (KFold if is_regression else StratifiedKFold)(number, shuffle=True, random_state=0)


def rows_of(name: str) -> dict[str, np.ndarray]:
    """All rows of a data set, feature -> `[rows, ...]`."""
    splits = networks.experiment_of(name).dataset.load().splits
    return {feature: np.concatenate([split[feature] for split in splits.values()]) for feature in splits["train"]}


def measured(name: str, score: Callable[[Split, int], float]) -> dict[str, Any]:
    arrays = rows_of(name)
    labels = arrays.get("label", arrays.get("target"))
    if labels is None:
        raise ValueError(f"{name} has nothing to predict")
    began = time.perf_counter()
    outer = folds(OUTER, "target" in arrays).split(labels, labels)
    scores = [score(split, seed) for seed, split in enumerate(outer)]
    return {"scores": scores, "seconds": round(time.perf_counter() - began, 1), "date": date.today().isoformat()}


def lines(results: Scores) -> list[str]:
    """The lines of the README."""
    found = []
    for name, known in results.items():
        arrays = rows_of(name)
        quantity = "R2" if "target" in arrays else "accuracy"
        best = max(known, key=lambda model: statistics.mean(known[model]["scores"]))
        rows = [
            [
                f"**{model}**" if model == best else model,
                f"{statistics.mean(each['scores']):.4f}",
                f"{statistics.stdev(each['scores']):.4f}",
                f"{min(each['scores']):.4f} to {max(each['scores']):.4f}",
                f"{each['seconds']:,.0f} s",
            ]
            for model, each in sorted(known.items(), key=lambda item: -statistics.mean(item[1]["scores"]))
        ]
        examples = len(next(iter(arrays.values())))
        header = [f"{name}, {examples:,} examples", f"{quantity}, mean", "deviation", f"{OUTER} folds", "took"]
        found += [*table(header, rows), ""]
    packages = ", ".join(f"{package} {version(package)}" for package in ("jax", "scikit-learn"))
    latest = max(each["date"] for known in results.values() for each in known.values())
    return [
        "![scores of every model on every data set](scores.png)",
        "",
        *found,
        f"Measured on {describe()}, {packages}, {latest}.",
    ]


def draw(results: Scores) -> None:
    figure, grid = panels(2, 2, 5.2, 2.7)
    for axes, (name, known) in zip(grid, results.items(), strict=True):
        order = sorted(known, key=lambda model: statistics.mean(known[model]["scores"]))
        for place, model in enumerate(order):
            scores, colour = known[model]["scores"], OURS if model == NETWORK else OTHERS
            axes.plot(scores, [place] * len(scores), "o", color=colour, ms=3.5, alpha=0.55, mew=0)
            axes.plot(statistics.mean(scores), place, "D", color=colour, ms=7)
        axes.set_yticks(range(len(order)), order)
        axes.set_ylim(-0.6, len(order) - 0.4)
        dress(axes, name, "R2" if name == "diabetes" else "accuracy")
    figure.suptitle(f"Scores of {OUTER} folds, and their means", fontsize=11, x=0.01, ha="left")
    save(figure, HERE / "scores.png")


if __name__ == "__main__":
    main(sys.argv[1:])
