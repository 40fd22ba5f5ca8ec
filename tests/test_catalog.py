"""All that can be named, found by name."""

from __future__ import annotations

import pytest

from framework.catalog import SHELVES, find, shelf
from framework.config.loader import ROOT
from framework.errors import ConfigError
from framework.layers import LAYERS, LOSSES, METRICS


def test_everything_has_a_line_about_it():
    for one in SHELVES:
        for entry in one.entries():
            assert entry.line, f"{entry.kind} {entry.name} does not say what it is"
            assert "\n" not in entry.line


def test_a_shelf_holds_what_its_registry_holds():
    assert {entry.name for entry in shelf("layers").entries()} == set(LAYERS)
    assert {entry.name for entry in shelf("model").entries()} == {p.stem for p in ROOT.glob("conf/model/*.yaml")}


def test_a_line_is_the_first_sentence():
    (entry,) = find("leaky_relu", "layer")
    assert entry.line == "x where x > 0 and alpha * x elsewhere"  # the paper is not part of it
    (entry,) = find("cnn")
    assert entry.line == "Two convolutions and two dense layers"


def test_a_name_of_several_kinds_is_found_in_each():
    assert [entry.thing for entry in find("mean_squared_error")] == [
        LOSSES["mean_squared_error"],
        METRICS["mean_squared_error"],
    ]
    assert [entry.kind for entry in find("mean_squared_error", "metrics")] == ["metric"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("conv2dd",), "there is nothing called 'conv2dd'; did you mean 'conv2d'?"),
        (("adm", "optimizer"), "there is no optimizer called 'adm'; did you mean 'adam'?"),
        (("conv2d", "loss"), "there is no loss called 'conv2d'"),
        (("conv2d", "layrs"), "there is nothing to list as 'layrs'; did you mean 'layers'?"),
    ],
)
def test_a_wrong_name_is_answered_with_the_nearest(words, message):
    with pytest.raises(ConfigError, match=message.replace("?", r"\?")):
        find(*words)


def test_sections_are_found_in_the_options_that_take_them():
    assert {"experiment", "model", "trainer", "summaries", "early_stop", "clip"} <= {
        entry.name for entry in shelf("sections").entries()
    }
    assert not {"layer", "optimizer", "schedule"} & {entry.name for entry in shelf("sections").entries()}
