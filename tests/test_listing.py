"""The text of `list` and `describe`, within the width of a terminal."""

from __future__ import annotations

import pytest
import yaml

from framework.catalog import SHELVES, find, shelf
from framework.layers import LAYERS
from framework.listing import columns, description, entries, shelves


def test_columns_are_as_wide_as_their_widest_cell():
    assert columns([("a", "1"), ("long", "22")], right=[1]) == ["a      1", "long  22"]


@pytest.mark.parametrize("width", [80, 120])
def test_every_line_fits(width):
    assert all(len(line) <= width for line in shelves())
    for one in SHELVES:
        lines = entries(one, width)
        assert len(lines) == len(one.contents()) + 2
        assert all(len(line) <= width for line in lines)


@pytest.mark.parametrize("width", [80, 120])
def test_every_layer_optimizer_and_section_is_described_within_the_width(width):
    for kind in ("layer", "optimizer", "schedule", "section"):
        for entry in shelf(kind).entries():
            for line in description(entry, width):
                assert len(line) <= width or line.startswith("  "), line  # an example is one line, to be copied


def test_the_count_is_that_of_the_registry():
    assert entries(shelf("layers"), None)[-1] == f"{len(LAYERS)} layers, named in model.layers.<name>"


def test_a_layer_is_described_by_its_options_and_an_example():
    text = "\n".join(description(*find("conv2d"), 80))
    assert "raw_ops/Conv2D" in text
    assert "kernel_size         integer >= 1 or 2 of them  required        structural" in text
    assert "height and width of the window, in pixels" in text
    assert "repeat: how many of it" in text
    example = yaml.safe_load(text.partition("\nexample\n")[2])
    assert example == {"name": {"type": "conv2d", "filters": 32, "kernel_size": 3}}


def test_an_op_is_described_by_its_inputs_and_attributes():
    text = "\n".join(description(*find("MatMul"), 80))
    assert "input  a: T" in text
    assert "transpose_a  bool" in text


def test_a_model_is_shown_as_it_is_written():
    text = "\n".join(description(*find("cnn"), 80))
    assert "    conv1: {type: conv2d, filters: 32" in text
    assert text.endswith("chosen by model=cnn")


def test_where_an_example_stands_is_shown():
    assert description(*find("adam"), 80)[-1] == "  optimizer: {type: adam}"
    assert description(*find("he_normal"), 80)[-1].endswith("kernel_initializer: he_normal}")
    assert description(*find("gelu", "activation"), 80)[-1].endswith("activation: gelu}")
