"""Options in words, for a component whose fields are known."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import Field, Strict

from framework.config.interval import Interval
from framework.config.options import in_yaml, options, words
from framework.fields import Component, loop, structural, value
from framework.layers import INITIALIZERS, LAYERS
from framework.layers.initializers import InitializerOption, initializer

Side = Annotated[int, Field(ge=1)]


class Base(Component):
    late: bool = structural(False, "an option of all")


class Sample(Base):
    rate: float = value(0.5, "a share", ge=0, lt=1)
    size: Side | Annotated[tuple[Side, Side], Strict(False)] = structural(..., "a size", unit="pixels")
    mode: Literal["same", "valid"] | None = structural(None, "a mode")
    every: Interval = loop("2 epochs", "how often", validate_default=True)
    first: InitializerOption = initializer("he_normal", "first value")


def test_each_option_is_said_in_words():
    found = {option.name: option for option in options(Sample)}
    assert {name: option.takes for name, option in found.items()} == {
        "size": "integer >= 1 or 2 of them",
        "rate": "0 <= number < 1",
        "mode": "same | valid or null",
        "every": "such as 1 epoch, 50 steps",
        "first": "initializer",
        "late": "true | false",
    }
    assert {name: option.default for name, option in found.items()} == {
        "size": None,
        "rate": "0.5",
        "mode": "null",
        "every": "2 epochs",
        "first": "he_normal",
        "late": "false",
    }
    assert (found["rate"].kind, found["every"].kind, found["size"].unit) == ("value", "loop", "pixels")


def test_what_must_be_given_comes_first_and_what_all_have_last():
    names = [option.name for option in options(Sample)]
    assert (names[0], names[-1]) == ("size", "late")


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "integer", "exclusiveMinimum": 0}, "integer > 0"),
        ({"type": "number", "maximum": 2.5}, "number <= 2.5"),
        ({"type": "array", "items": {"type": "string"}}, "list of text"),
        ({"type": "object", "additionalProperties": {"$ref": "#/$defs/EarlyStop"}}, "mapping to early_stop"),
        ({"enum": [f"name_{k}" for k in range(9)]}, "one of 9 names"),
        ({}, "anything"),
    ],
)
def test_words_of_a_schema(schema, said):
    assert words(schema) == said


def test_a_default_stands_as_in_yaml():
    assert in_yaml({"a": [1, 2.0, None], "b": True}) == "{a: [1, 2, null], b: true}"
    assert in_yaml(INITIALIZERS["normal"].model_validate({"stddev": 0.25})) == "{type: normal, stddev: 0.25}"
    assert in_yaml(1e-8) == "1e-08"


def test_every_option_of_a_layer_has_a_description():
    for name in LAYERS:
        for option in options(LAYERS[name]):
            assert option.description, f"{name}.{option.name}"
