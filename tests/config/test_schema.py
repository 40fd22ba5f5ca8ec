"""The JSON Schema accepts every configuration of the repository, and refuses what the check refuses."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from framework.config.block_declaration import CONTROLS
from framework.config.check import import_plugins
from framework.config.compose import compose
from framework.config.loader import ROOT, Loader, Source
from framework.config.schema import experiment_schema, group_schema, groups, recipe_schema
from framework.layers import LAYERS
from framework.layers.activations import ACTIVATIONS

list(import_plugins(["models"]))
LOADER = Loader(Source())


@cache
def validator(kind: str) -> Draft202012Validator:
    schema = {"experiment": experiment_schema, "recipe": recipe_schema}.get(kind, lambda: group_schema(kind))()
    return Draft202012Validator(schema)


def wrong(kind: str, tree: Any) -> list[str]:
    return [f"{'.'.join(map(str, e.absolute_path))}: {e.message[:300]}" for e in validator(kind).iter_errors(tree)]


@cache
def resolved(*overrides: str) -> dict[str, Any]:
    return compose(overrides, Source(), LOADER).tree


def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).glob("*.yaml"))


CHOICES = [f"{group}={file.stem}" for group in groups() for file in files(f"conf/{group}")]
CHOICES += [f"experiments={recipe}" for recipe in LOADER.choices("experiments")]


def test_it_is_a_schema():
    for group in ("trainer", "loss", "schedule"):
        Draft202012Validator.check_schema(group_schema(group))


@pytest.mark.parametrize("choice", CHOICES)
def test_every_resolved_configuration_is_accepted(choice):
    small = () if choice.startswith(("model", "experiments")) else ("model=perceptron",)
    assert wrong("experiment", resolved(choice, *small)) == []


@pytest.mark.parametrize("group", groups())
def test_every_file_of_a_group_is_accepted(group):
    assert files(f"conf/{group}")
    for file in files(f"conf/{group}"):
        assert wrong(group, yaml.safe_load(file.read_text(encoding="utf-8")) or {}) == [], file


def test_recipes_and_the_primary_file_are_accepted():
    for file in [*files("experiments"), *files("experiments/benchmarks"), ROOT / "conf" / "config.yaml"]:
        assert wrong("recipe", yaml.safe_load(file.read_text(encoding="utf-8"))) == [], file


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("optimizer.learning_rtae", 0.1, "'learning_rtae' was unexpected"),
        ("optimizer.type", "adm", "'adm' is not one of"),
        ("optimizer.learning_rate", "fast", "'fast' is not valid under any"),
        ("trainer.batch_size", 0, "0 is not valid under any"),
        ("trainer.device", "gpuu", "'gpuu' is not"),
        ("trainer.evaluate_every", "1 week", "'1 week' is not valid under any"),
        ("model.layers.conv1.filtres", 3, "'filtres' was unexpected"),
        ("model.layers.conv1.padding", "wide", "'wide' is not"),
        ("model.layers.conv1.activation", "rleu", "'rleu' is not"),
        ("model.layers.conv1.repeat", 0, "0 is not valid under any"),
        ("model.layers.conv1.type", "conv2dd", "'conv2dd' is not one of"),
        ("model.layers.fc.kernel_initializer", "he_norml", "'he_norml' is not valid under any"),
        ("model.layers.fc.kernel_initializer", {"type": "constant", "valeu": 1}, "is not valid under any"),
        ("dataset.augment", [{"type": "nothing"}], "'nothing' is not one of"),
        ("loss.classification.weight", -1, "-1 is not valid under any"),
        ("sead", 0, "'sead' was unexpected"),
    ],
)
def test_a_mistake_is_found_where_it_stands(path, value, message):
    tree = copy.deepcopy(resolved())
    *above, last = path.split(".")
    holder = tree
    for key in above:
        holder = holder[key]
    holder[last] = value
    found = wrong("experiment", tree)
    assert len(found) == 1, found
    assert message in found[0]
    assert found[0].startswith(".".join(above))


def test_what_must_be_given_is_required():
    tree = copy.deepcopy(resolved())
    del tree["model"]["layers"]["conv1"]["filters"]
    assert len(wrong("experiment", tree)) == 1
    del tree["optimizer"]
    assert any("'optimizer' is a required property" in text for text in wrong("experiment", tree))
    assert wrong("recipe", {"optimizer": {"learning_rate": 0.1}, "model": {"layers": {"conv1": {"strides": 2}}}}) == []


def test_a_layer_that_shares_may_leave_out_its_options():
    tree = copy.deepcopy(resolved())
    tree["model"]["layers"]["again"] = {"type": "dense", "share": "fc", "inputs": ["flatten"]}
    tree["model"]["layers"]["once_more"] = {"share": "fc", "inputs": "flatten"}
    assert wrong("experiment", tree) == []


def test_blocks_bring_types_and_names_of_parameters():
    block = {
        "parameters": {"width": 8, "is_wide": False},
        "layers": {
            "a": {"type": "conv2d", "filters": "4 * width", "kernel_size": "width", "when": "is_wide"},
            "b": {"type": "batch_norm", "momentum": "width", "repeat": "width"},
            "c": {"type": "inner"},
        },
        "output": "b",
    }
    layers = {"stage": {"type": "residual", "width": 3, "repeat": 3, "first": {"width": 4}}}
    model = {"blocks": {"residual": block}, "layers": layers, "outputs": {"out": "stage"}}
    assert wrong("model", model) == []
    tree = {**resolved(), "model": model}
    assert wrong("experiment", tree) == []
    without = {key: item for key, item in model.items() if key != "blocks"}
    assert wrong("experiment", {**tree, "model": without})[0].startswith("model.layers.stage.type: 'residual'")
    misspelt = copy.deepcopy(model)
    misspelt["blocks"]["residual"]["layers"]["a"]["filtres"] = 3
    assert "'filtres' was unexpected" in wrong("experiment", {**tree, "model": misspelt})[0]
    # Outside of a block there are no parameters.
    outside = {**model, "layers": {**layers, "pool": {"type": "max_pool2d", "pool_size": "width"}}}
    assert len(wrong("experiment", {**tree, "model": outside})) == 1


def test_an_interpolation_may_stand_for_any_option():
    tree = copy.deepcopy(resolved())
    tree["trainer"]["epochs"] = "${oc.env:EPOCHS}"
    tree["optimizer"]["learning_rate"] = "${seed}"
    assert wrong("experiment", tree) == []


def test_editors_are_told_what_an_option_is():
    found = experiment_schema()["$defs"]["Layer.conv2d"]["properties"]
    assert found["kernel_size"]["description"] == "height and width of the window (in pixels; structural)"
    assert found["strides"]["default"] == 1
    assert {"enum": list(ACTIVATIONS)} in found["activation"]["anyOf"]
    assert set(CONTROLS) <= set(found)


def test_every_layer_is_offered():
    found = experiment_schema()["$defs"]["Layer"]["properties"]["type"]["anyOf"][0]
    assert found["enum"] == sorted(LAYERS)
