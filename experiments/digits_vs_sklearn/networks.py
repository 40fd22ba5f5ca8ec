"""The networks of the study: trained on the rows of a fold by the engine that `train.py` runs, scored on others."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from framework.config.experiment import Experiment
from framework.data import Data
from framework.data.statistics import learn
from framework.train.engine import Engine

# Beside the recipe: what each data set changes of it. Chosen before anything was measured.
OVERRIDES = {
    "digits": ["experiments=digits_cnn", "trainer.drop_last=true"],
    "wine": ["experiments=digits_vs_sklearn", "dataset=wine"],
    "breast_cancer": ["experiments=digits_vs_sklearn", "dataset=breast_cancer"],
    "diabetes": [
        "experiments=digits_vs_sklearn", "dataset=diabetes", "model=regressor", "loss=mean_squared_error",
        "metrics=regression_detailed", "model.layers={fc1: {units: 64}, fc2: {units: 64, inputs: [drop]}, "
        "drop: {type: dropout, rate: 0.3, inputs: [fc1]}}",
    ],
}  # fmt: skip
SCORES = {"diabetes": "r2"}
Arrays = Mapping[str, np.ndarray]


@cache
def experiment_of(name: str, *options: str) -> Experiment:
    return Experiment.compose(*OVERRIDES[name], *options)


def score(name: str, options: tuple[str, ...], train: Arrays, test: Arrays, seed: int) -> float:
    """Trains on some rows, feature -> `[rows, ...]`, and returns the accuracy, or R2, on others.

    Numbers to predict are standardised by the rows trained on, which changes no R2.
    """
    experiment = experiment_of(name, *options, f"seed={seed}")
    if "target" in train:
        mean, deviation = train["target"].mean(), train["target"].std()
        train, test = ({**rows, "target": (rows["target"] - mean) / deviation} for rows in (train, test))
    spec, statistics = experiment.dataset.spec(), {}
    if experiment.dataset.normalize != "none":
        (source,) = spec.inputs
        statistics[source] = learn(train[source], spec.features[source], experiment.dataset.normalize)
    engine = Engine(experiment, Data({"train": dict(train)}, statistics))
    state, step = engine.initialize(), 0
    while step < engine.total_steps:
        state, records = engine.advance(state, step, engine.total_steps, lambda: False)
        step += len(records)
    return engine.evaluator(state, test)[SCORES.get(name, "accuracy")]
