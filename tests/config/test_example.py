"""The example of every component can be built: nobody is shown YAML that does not work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from framework.build import Built, build
from framework.config.check import check, import_plugins
from framework.config.example import example
from framework.data import DATASETS
from framework.errors import ConfigError
from framework.layers import AUGMENTATIONS, INITIALIZERS, LAYERS, LOSSES, METRICS, Mode
from framework.optimizers import OPTIMIZERS, SCHEDULES, Span

list(import_plugins(["models"]))

DIGITS = {"type": "digits"}
TEXT = {"type": "text"}
# Layers that stand before the one that is looked at, so that it reads a tensor of some rank.
BEFORE: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "[batch, 8, 8, 1]": (DIGITS, {}),
    "[batch, 64]": (DIGITS, {"before": {"type": "flatten"}}),
    "[batch, 8, 8]": (DIGITS, {"before": {"type": "reshape", "shape": [8, 8]}}),
    "[batch, 8, 64]": (DIGITS, {"before": {"type": "reshape", "shape": [8, -1]}}),
    "int32 [batch, window]": (TEXT, {}),
}


def built(mode: Mode = Mode.TRAIN, **sections: Any) -> Built:
    base: dict[str, Any] = {
        "model": {
            "layers": {
                "flatten": {"type": "flatten"},
                "logits": {"type": "dense", "units": 10},
                "back": {"type": "dense", "units": 64},
                "reconstruction": {"type": "reshape", "shape": [8, 8, 1]},
            },
            "outputs": {"logits": "logits", "predictions": "back", "reconstruction": "reconstruction"},
        },
        "dataset": DIGITS,
        "loss": {"size": {"type": "l2", "parameters": "*"}},
        "optimizer": {"type": "sgd"},
        "schedule": {"type": "constant"},
        "trainer": {"epochs": 40},
    }
    return build(check({**base, **sections}), mode)


def first_that_works(attempts: Mapping[str, Callable[[], Any]]) -> None:
    """Passes when one of them does. A component fits some tensors only; which, its own tests say."""
    failures = {}
    for name, attempt in attempts.items():
        try:
            attempt()
            return
        except ConfigError as error:
            failures[name] = str(error)
    pytest.fail("\n".join(f"{name}: {failure}" for name, failure in failures.items()))


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_layers(name):
    written = example(name, LAYERS[name])
    probe = {
        "probe_in": {"type": "op", "op": "Cast", "attributes": {"DstT": "float32"}},
        "probe_flat": {"type": "flatten"},
        "probe": {"type": "dense", "units": 1},
    }
    reads = [{}, {"inputs": ["before", "before"]}, {"inputs": ["before", "before", "before"]}]

    def attempt(dataset: Mapping[str, Any], before: Mapping[str, Any], more: Mapping[str, Any]) -> Callable[[], Built]:
        layers = {"before": {"type": "identity"}, **before, "looked_at": {**written, **more}, **probe}
        return lambda: built(model={"layers": layers, "outputs": {"out": "probe"}}, dataset=dataset)

    first_that_works(
        {f"{shape} {more}": attempt(*BEFORE[shape], more) for shape in BEFORE for more in reads}
        | {"as it is": lambda: built(model={"layers": {"a": written, "b": probe["probe"]}, "outputs": {"o": "b"}})}
    )


@pytest.mark.parametrize("name", sorted(INITIALIZERS))
def test_initializers(name):
    layer = {"type": "dense", "units": 8, "kernel_initializer": example(name, INITIALIZERS[name])}
    built(model={"layers": {"flatten": {"type": "flatten"}, "fc": layer}, "outputs": {"out": "fc"}})


@pytest.mark.parametrize(("registry", "name"), [(r, n) for r in (LOSSES, METRICS) for n in sorted(r)], ids=str)
def test_losses_and_metrics(registry, name):
    written = example(name, registry[name])
    probe = {"size": {"type": "l2", "parameters": "*"}}
    section = {"loss": {"looked_at": written}} if registry is LOSSES else {"loss": probe, "metrics": {"m": written}}

    def model(units: int | str) -> dict[str, Any]:
        layers = {"flatten": {"type": "flatten"}, "logits": {"type": "dense", "units": units}}
        return {"layers": layers, "outputs": dict.fromkeys(("predictions", "probabilities", "embedding"), "logits")}

    text = {
        "layers": {
            "embed": {"type": "embedding", "vocabulary": "vocabulary", "units": 8},
            "logits": {"type": "dense", "units": "vocabulary"},
        },
        "outputs": {"logits": "logits"},
    }
    attempts = {
        "images": lambda: built(**section),
        "classes": lambda: built(model=model("num_classes"), **section),
        "two classes": lambda: built(model=model(1), dataset={"type": "breast_cancer"}, **section),
        "numbers": lambda: built(model=model(1), dataset={"type": "diabetes"}, **section),
        "next characters": lambda: built(model=text, dataset=TEXT, **section),
    }
    first_that_works(attempts)


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_optimizers(name):
    assert built(optimizer=example(name, OPTIMIZERS[name])).train_op


@pytest.mark.parametrize("name", sorted(SCHEDULES))
def test_schedules(name):
    options = {key: item for key, item in example(name, SCHEDULES[name]).items() if key != "type"}
    assert SCHEDULES[name].model_validate(options).call(0.1, Span(10, 400)).function


@pytest.mark.parametrize("name", sorted(AUGMENTATIONS))
def test_augmentations(name):
    built(dataset={**DIGITS, "augment": [example(name, AUGMENTATIONS[name])]})


@pytest.mark.parametrize("name", sorted(DATASETS))
def test_datasets(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("data.npz", x=np.zeros((20, 3), np.float32), label=np.zeros(20, np.int32))
    written = example(name, DATASETS[name])
    DATASETS[name].model_validate({key: item for key, item in written.items() if key != "type"})
