"""Lines of text with numbers of a run in them."""

from __future__ import annotations

import math

import pytest
from pydantic_core import PydanticCustomError

from framework.config.check import check
from framework.config.compose import compose
from framework.config.line import Line
from framework.errors import ConfigError


def test_numbers_are_written_as_python_writes_them():
    line = Line.parse("Epoch: {epoch:04d} cost= {train/loss:.9f} {{}} {step}")
    assert line.names == ["epoch", "train/loss", "step"]
    assert line.filled({"epoch": 1, "train/loss": 54.984976748, "step": 550.0}) == (
        "Epoch: 0001 cost= 54.984976748 {} 550"
    )


def test_what_is_not_known_yet_is_not_a_number():
    assert Line.parse("{a} {b:d}").filled({"a": 1e30, "b": 2.5}) == "1e+30 2.5"
    assert Line.parse("{a:04d} {b:.2f} {c}").filled({"c": math.inf}) == "nan nan inf"


@pytest.mark.parametrize(
    "raw",
    [
        "{a!r}",
        "{a:{b}}",
        "{a:999999999d}",
        "{a:.999f}",
        "{a:x}",
        "{a:s}",
        "{a:,,}",
        "{",
        "}",
        "two\nlines",
        7,
        None,
        ["{a}"],
    ],
)
def test_nothing_but_numbers_in_a_line(raw):
    with pytest.raises(PydanticCustomError):
        Line.parse(raw)


@pytest.mark.parametrize("name", ["epoch.real", "train/loss.__class__", "epoch[0]", "", "0", "train/los"])
def test_a_name_that_no_number_bears_is_a_mistake(name):
    tree = compose(["model=perceptron", "metrics=none"]).tree
    tree["trainer"]["lines"] = {"epoch": "{" + name + "}", "end": "{test/loss:.4f}"}
    with pytest.raises(ConfigError) as caught:
        check(tree)
    (mistake,) = caught.value.mistakes
    assert mistake.path == ("trainer", "lines", "epoch")
    assert f"there is no number '{name}'" in mistake.message


def test_results_of_the_test_are_known_at_the_end_alone():
    tree = compose(["model=perceptron"]).tree
    tree["trainer"]["lines"] = {"epoch": "{test/loss}", "end": "{test/accuracy} {validation/loss} {learning_rate}"}
    with pytest.raises(ConfigError) as caught:
        check(tree)
    assert [mistake.path[-1] for mistake in caught.value.mistakes] == ["epoch"]
