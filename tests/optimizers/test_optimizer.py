"""Optimizers as components: options, limits, and what they say of the program."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from pydantic import ValidationError

from framework.fields import Kind, value
from framework.optimizers import OPTIMIZERS, Optimizer

NAMES = sorted(OPTIMIZERS)


@pytest.mark.parametrize(
    ("name", "values", "structural"),
    [
        ("sgd", {"learning_rate", "momentum"}, {"nesterov", "accumulator_dtype"}),
        ("adam", {"learning_rate", "b1", "b2", "eps", "eps_root"}, {"mu_dtype", "nesterov"}),
        ("nadam", {"learning_rate", "b1", "b2", "eps", "eps_root"}, {"mu_dtype"}),
        ("lbfgs", {"learning_rate"}, {"memory_size", "scale_init_precond"}),
        ("noisy_sgd", {"learning_rate", "eta", "gamma"}, {"key"}),
        ("lars", {"learning_rate", "weight_decay", "trust_coefficient", "eps", "momentum"}, {"nesterov"}),
        ("polyak_sgd", {"max_learning_rate", "scaling", "f_min", "eps"}, {"variant"}),
        (
            "rmsprop",
            {"learning_rate", "decay", "eps", "initial_scale", "momentum"},
            {"eps_in_sqrt", "centered", "nesterov", "bias_correction"},
        ),
    ],
)
def test_kinds(name, values, structural):
    kinds = {option: OPTIMIZERS[name].kind_of(option) for option in OPTIMIZERS[name].model_fields}
    assert {option for option, kind in kinds.items() if kind is Kind.VALUE} == values
    assert {option for option, kind in kinds.items() if kind is Kind.STRUCTURAL} == structural | {"clip", "groups"}


@pytest.mark.parametrize("name", NAMES)
def test_values_are_not_in_the_structure(name):
    optimizer = OPTIMIZERS[name](clip={"global_norm": 1.0})
    hyper = optimizer.hyper()
    assert all(isinstance(number, float) for number in hyper.values())
    own = {option: 0.9 * number for option, number in hyper.items() if "/" not in option}
    other = OPTIMIZERS[name].model_construct(**{**dict(optimizer), **own, "clip": {"global_norm": 2.0}})
    other = other.model_copy(update={"clip": type(optimizer.clip)(global_norm=2.0)})
    assert other.hyper().keys() == hyper.keys()
    assert other.hyper()["clip/global_norm"] == 2.0
    assert other.structure() == optimizer.structure()
    assert json.loads(json.dumps(optimizer.structure())) == optimizer.structure()


@pytest.mark.parametrize("name", NAMES)
def test_every_option_is_documented_in_the_schema(name):
    schema = OPTIMIZERS[name].model_json_schema()
    assert schema["additionalProperties"] is False
    for option, said in schema["properties"].items():
        assert said["description"], option
        assert said["kind"] in ("value", "structural")


def test_a_number_against_none_is_structural():
    plain, moving = OPTIMIZERS["sgd"](), OPTIMIZERS["sgd"](momentum=0.9)
    assert plain.hyper() == {"learning_rate": 0.01}
    assert moving.hyper() == {"learning_rate": 0.01, "momentum": 0.9}
    assert plain.structure() != moving.structure()
    assert moving.structure() == OPTIMIZERS["sgd"](momentum=0.5).structure()


def test_none_is_told_from_optaxs_own_default():
    assert OPTIMIZERS["adafactor"]().hyper()["clipping_threshold"] == 1.0
    without = OPTIMIZERS["adafactor"](clipping_threshold=None)
    assert "clipping_threshold" not in without.hyper()
    assert without.structure()["arguments"]["clipping_threshold"] is None


def test_the_bounds_that_there_are_belong_to_the_structure():
    structures = [
        OPTIMIZERS["sgd"](clip=clip).structure()
        for clip in (None, {"value": 1.0}, {"global_norm": 1.0}, {"value": 1.0, "global_norm": 1.0})
    ]
    assert len({json.dumps(structure) for structure in structures}) == 4


def test_arguments_that_decide_the_program_are_in_the_structure():
    assert OPTIMIZERS["adam"](nesterov=True).structure() == {
        "type": "adam",
        "arguments": {"mu_dtype": None, "nesterov": True},
        "clip": [],
    }


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("sgd", {"learning_rte": 0.1}, "learning_rte\n  Extra inputs are not permitted"),
        ("sgd", {"learning_rate": -1}, "greater than or equal to 0"),
        ("sgd", {"learning_rate": None}, "valid number"),
        ("sgd", {"momentum": 1.0}, "less than 1"),
        ("adam", {"b1": 1.5}, "less than 1"),
        ("adam", {"mu_dtype": "int8"}, "'bfloat16', 'float16' or 'float32'"),
        ("adam", {"learning_rate": float("nan")}, "finite number"),
        ("adamw", {"mask": True}, "mask\n  Extra inputs are not permitted"),
        ("lbfgs", {"memory_size": 0}, "greater than or equal to 1"),
        ("polyak_sgd", {"variant": "sps++"}, "'sps' or 'sps\\+'"),
        ("sgd", {"clip": {"global_norm": 0}}, "greater than 0"),
        ("sgd", {"clip": {"norm": 1}}, "clip.norm\n  Extra inputs are not permitted"),
    ],
)
def test_a_wrong_option_is_refused(name, options, message):
    with pytest.raises(ValidationError, match=message):
        OPTIMIZERS[name](**options)


def test_an_unknown_name_gets_the_nearest():
    assert OPTIMIZERS.get("adm") is None
    with pytest.raises(KeyError, match=r"there is no optimizer 'adm'; did you mean 'adam'\?"):
        OPTIMIZERS["adm"]


def test_a_class_is_made_once_under_its_name():
    assert OPTIMIZERS["adam"] is OPTIMIZERS["adam"]
    assert issubclass(OPTIMIZERS["adam"], Optimizer)
    assert OPTIMIZERS.name_of(OPTIMIZERS["adam"]()) == "adam"
    assert "adam" in OPTIMIZERS
    assert "adm" not in OPTIMIZERS
    assert len(OPTIMIZERS) == len(NAMES)


def test_a_class_derived_from_another_is_the_same_function_of_optax():
    class Slow(OPTIMIZERS["adam"]):
        learning_rate: float = value(1e-5, "the size of a step", ge=0)

    assert Slow().structure() == OPTIMIZERS["adam"]().structure()
    assert Slow().hyper() == {**OPTIMIZERS["adam"]().hyper(), "learning_rate": 1e-5}


def test_adafactor_takes_the_whole_range_of_its_exponent():
    # It is an exponent, so 1 is as good as any below it.
    assert OPTIMIZERS["adafactor"](decay_rate=1.0).hyper()["decay_rate"] == 1.0
    with pytest.raises(ValidationError, match="less than or equal to 1"):
        OPTIMIZERS["adafactor"](decay_rate=1.1)


def test_a_name_of_optax_cannot_be_registered_again():
    with pytest.raises(ValueError, match="'sgd' is registered already"):
        OPTIMIZERS.register("sgd")(type("Other", (Optimizer,), {}))


def test_neither_jax_nor_optax_is_imported():
    program = """
import sys
from framework.optimizers import OPTIMIZERS, SCHEDULES
for registry in (OPTIMIZERS, SCHEDULES):
    for name in registry:
        registry[name].model_json_schema()
print(sorted({"jax", "jaxlib", "optax", "framework.kernels"} & set(sys.modules)))
"""
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
