"""A change of a runtime value, or of the loop, never changes a program; a change of structure always does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from framework.build import build
from framework.build.values import with_values
from framework.config.compose import Source
from framework.config.experiment import Experiment
from framework.fields import Component, Kind
from framework.launch import prepare
from framework.layers import AUGMENTATIONS, INITIALIZERS, LAYERS, LOSSES, Initializer, Mode
from framework.train.engine import Engine

pytestmark = pytest.mark.usefixtures("unoptimized")
# Two networks, one over a table and one over images, that use every component that has a value option.
BASE = (
    "model=mlp",
    "dataset=iris",
    "optimizer=adamw",
    "optimizer.clip={global_norm: 1.0, value: 0.5}",
    "optimizer.weight_decay=0.01",
    "optimizer.groups=[{parameters: 'fc2/*', learning_rate_multiplier: 0.5}, "
    "{parameters: '*/bias', weight_decay: 0.03}]",
    "trainer.accumulate=2",
    "trainer.ema=0.9",
    "trainer.batch_size=15",
    "trainer.execution=loop",
    "trainer.epochs=2",
    "model.layers.fc1={type: dense, units: 8, kernel_initializer: {type: normal}, bias_initializer: {type: constant}}",
    "model.layers.norm={type: batch_norm, inputs: [fc1], activation: relu}",
    "model.layers.drop={type: dropout, rate: 0.2, inputs: [norm]}",
    "model.layers.depth={type: stochastic_depth, rate: 0.1, inputs: [drop]}",
    "model.layers.fc2={type: dense, units: 6, inputs: [depth], kernel_initializer: {type: uniform}}",
    "model.layers.fc3={type: dense, units: 6, inputs: [fc2], kernel_initializer: he_normal}",
    "model.layers.fc4={type: dense, units: 6, inputs: [fc3], kernel_initializer: glorot_normal}",
    "model.layers.fc5={type: dense, units: 6, inputs: [fc4], kernel_initializer: he_uniform}",
    "model.layers.elu={type: elu, inputs: [fc5]}",
    "model.layers.noise={type: gaussian_noise, stddev: 0.1, inputs: [elu]}",
    "model.layers.factor={type: gaussian_dropout, rate: 0.1, inputs: [noise]}",
    "model.layers.logits={type: dense, units: num_classes, inputs: [factor]}",
    "loss.classification.label_smoothing=0.1",
    "loss.decay={type: l2, weight: 0.001}",
    "loss.expression={type: expression, value: 'mean(square(fc2))', weight: 0.1}",
    "loss.distance={type: mean_squared_error, predictions: fc3, targets: fc2, weight: 0.1}",
)
IMAGES = (
    "model=mlp",
    "dataset=digits",
    "dataset.augment=[{type: random_shift, pixels: 1}, {type: random_crop}, {type: random_flip}, "
    "{type: random_brightness, delta: 0.1}, {type: random_contrast, delta: 0.2}, {type: cutout, size: 3}, "
    "{type: random_rotation, degrees: 10}, {type: mixup}]",
    "model.layers.spatial={type: spatial_dropout2d, rate: 0.1, inputs: [image]}",
    "model.layers.rows={type: reshape, shape: [8, 8], inputs: [spatial]}",
    "model.layers.attention={type: multi_head_attention, heads: 2, dropout: 0.1, inputs: [rows]}",
    "model.layers.lstm={type: lstm, units: 4, dropout: 0.1, return_sequences: true, inputs: [attention]}",
    "model.layers.gru={type: gru, units: 4, dropout: 0.1, inputs: [lstm]}",
    "model.layers.flatten={type: flatten, inputs: [gru]}",
    "trainer.batch_size=15",
    "trainer.execution=loop",
)
WEIGHED = (
    "model=perceptron",
    "dataset=iris",
    "loss.classification.class_weights=[1.0, 0.5, 2.0]",
    "loss.sparse={type: l1, weight: 0.001}",
    "loss.absolute={type: mean_absolute_error, predictions: logits, targets: logits, weight: 0.1}",
    "loss.robust={type: huber, predictions: logits, targets: logits, weight: 0.1, delta: 0.4}",
    "loss.angle={type: cosine_similarity, predictions: logits, targets: logits, weight: 0.1}",
    "loss.both={type: sigmoid_cross_entropy, logits: logits, labels: logits, weight: 0.01}",
    "loss.hard={type: focal_cross_entropy, activation: softmax, gamma: 1.5, alpha: 0.3, weight: 0.1}",
    "loss.margin={type: hinge, weight: 0.1}",
    "loss.divergence={type: kl_divergence, logits: logits, labels: logits, weight: 0.01}",
    "trainer.batch_size=15",
    "trainer.execution=loop",
)
BASES = {"table": BASE, "images": IMAGES, "weighed": WEIGHED}


def experiment(*more: str, base: tuple[str, ...] = BASE) -> Experiment:
    return prepare([*base, *more], Source()).experiment


def fingerprint(*more: str) -> str:
    return build(experiment(*more), Mode.TRAIN).fingerprint


def numbers(component: Component, path: str = "") -> Iterator[tuple[str, Any, Component]]:
    """Every value option that holds numbers: its path in the configuration, the number or list, and whose it is."""
    for name in type(component).model_fields:
        held = getattr(component, name)
        below = f"{path}.{name}" if path else name
        if isinstance(held, Component):
            yield from numbers(held, below)
        elif isinstance(held, (dict, list)) and component.kind_of(name) is not Kind.VALUE:
            for key, item in held.items() if isinstance(held, dict) else enumerate(held):
                if isinstance(item, Component):
                    yield from numbers(item, f"{below}.{key}")
        elif held is not None and component.kind_of(name) is Kind.VALUE:
            yield below, held, component


VALUES: dict[str, list[tuple[str, Any, Component]]] = {}
for _base in BASES:  # each option once
    _known = {path for found in VALUES.values() for path, _, _ in found}
    VALUES[_base] = [found for found in numbers(experiment(base=BASES[_base])) if found[0] not in _known]


def test_every_component_with_a_value_option_is_here():
    here = {type(component) for found in VALUES.values() for _, _, component in found}
    for registry in (LAYERS, LOSSES, INITIALIZERS, AUGMENTATIONS):
        for name in registry:
            kind = registry[name]
            if any(kind.kind_of(field) is Kind.VALUE for field in kind.model_fields):
                assert kind in here, f"{registry.kind} {name} has value options, but is not in this test"


@pytest.fixture(scope="module")
def engines() -> dict[str, Engine]:
    found = {}
    for name, base in BASES.items():
        started = experiment(base=base)
        found[name] = Engine(started, started.dataset.load())
        found[name].advance(found[name].initialize(), 0, 3, lambda: False)
    return found


@pytest.fixture
def first(engines: dict[str, Engine]) -> Engine:
    return engines["table"]


def another(number: float) -> float:
    return number + 1 if isinstance(number, int) else round(number * 0.5 + 0.01, 6)


@pytest.mark.parametrize(("base", "path"), [(base, path) for base, found in VALUES.items() for path, _, _ in found])
def test_a_value_never_recompiles(engines: dict[str, Engine], base: str, path: str):
    first = engines[base]
    held, owner = next((number, owner) for name, number, owner in VALUES[base] if name == path)
    changed = [another(number) for number in held] if isinstance(held, list) else another(held)
    option, _, field = path.rpartition(".")
    if isinstance(owner, Initializer):  # it may have been given by name, without a mapping to change
        path, changed = option, f"{{type: {INITIALIZERS.name_of(owner)}, {field}: {changed}}}"
    other = experiment(f"{path}={changed}", base=BASES[base])
    engine = Engine(other, first.data)
    assert engine.built.fingerprint == first.built.fingerprint
    assert engine.built.hyper != first.built.hyper
    known = with_values(first.built, first.experiment, other)
    assert known is None or known.hyper == engine.built.hyper
    before = first.compilations
    engine.advance(engine.initialize(), 0, 3, lambda: False)
    assert engine.program is first.program
    assert engine.compilations == before


@pytest.mark.parametrize(
    "change",
    [
        ["schedule=constant"],
        ["schedule=exponential_decay"],
        ["schedule.warmup_steps=0.5"],
        ["schedule.decay_steps=17"],
        ["trainer.epochs=5"],
        ["trainer.epochs=null", "trainer.steps=7"],
        ["trainer.keep=1"],
        ["trainer.shuffle=false"],
        ["trainer.evaluate_every=3 steps"],
        ["trainer.checkpoint_every=3 steps"],
        ["trainer.summaries.every=3 steps"],
        ["trainer.early_stop={patience: 2}"],
        ["trainer.keep_best=null"],
        ["name=another"],
    ],
    ids=" ".join,
)
def test_the_loop_never_recompiles(first: Engine, change: list[str]):
    other = experiment(*change)
    engine = Engine(other, first.data)
    assert engine.built.fingerprint == first.built.fingerprint
    before = first.compilations
    engine.advance(engine.initialize(), 0, 3, lambda: False)
    assert engine.compilations == before


STRUCTURE = [
    "plugins=[json]",
    "model.layers.fc1.units=9",
    "model.layers.fc1.use_bias=false",
    "model.layers.fc1.activation=tanh",
    "model.layers.fc1.kernel_initializer={type: he_normal}",
    "model.layers.fc1.bias_initializer={type: ones}",
    "model.layers.norm.inputs=[flatten]",
    "model.layers.norm.epsilon=0.01",
    "model.layers.norm.center=false",
    "model.layers.norm.scale=false",
    "model.layers.norm.activation=tanh",
    "model.outputs.second=fc2",
    "dataset=wine",
    "dataset.split=head",
    "dataset.split_seed=1",
    "dataset.validation_fraction=0.2",
    "dataset.validation_examples=7",
    "dataset.test_fraction=0.3",
    "dataset.normalize=min_max",
    "model.layers.elu={type: leaky_relu, inputs: [fc5]}",
    "model.layers.elu={type: leaky_relu, alpha: 0.1, inputs: [fc5]}",
    "loss.classification.logits=fc2",
    "loss.classification.label_smoothing=null",
    "loss.decay.parameters=fc1/*",
    "~loss.decay",
    "metrics.second={type: accuracy}",
    "optimizer={type: nadamw}",
    "optimizer.nesterov=true",
    "optimizer.mu_dtype=bfloat16",
    "optimizer.clip.value=null",
    "optimizer.clip=null",
    "optimizer.groups=[]",
    "optimizer.groups.0.parameters=fc3/*",
    "optimizer.groups.1.parameters=fc1/bias",
    "optimizer.groups.0={freeze: true, learning_rate_multiplier: null}",
    "trainer.accumulate=3",
    "trainer.ema=null",
    "trainer.precision=bfloat16",
    "trainer.batch_size=16",
    "trainer.batch_size=all",
    "trainer.drop_last=true",
    "trainer.evaluation_batch=3",
    "trainer.summaries.histograms=true",
    "trainer.device=cpu",
    "trainer.execution=step",
]


def test_every_change_of_structure_is_another_program():
    found = {change: fingerprint(change) for change in STRUCTURE}
    found["nothing"] = fingerprint()
    assert len(set(found.values())) == len(found)


def test_every_change_of_augmentation_is_another_program():
    shift = "{type: random_shift, pixels: 1, feature: image%s}"
    lists = ["", shift % "", shift % ", fill: edge", f"{shift % ''}, {{type: mixup}}", f"{{type: mixup}}, {shift % ''}"]
    base = ("model=mlp", "dataset=digits")
    found = {build(experiment(f"dataset.augment=[{text}]", base=base), Mode.TRAIN).fingerprint for text in lists}
    assert len(found) == len(lists)


def test_a_number_against_null_is_structure():
    assert fingerprint("optimizer.clip.value=null") != fingerprint("optimizer.clip.value=0.7") == fingerprint()
