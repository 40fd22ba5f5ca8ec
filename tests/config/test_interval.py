"""Intervals are said as users say them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from pydantic_core import PydanticCustomError

from framework.config.interval import Interval


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("1 epoch", (1, "epoch")),
        ("3 epochs", (3, "epoch")),
        ("50 steps", (50, "step")),
        (" 1  step ", (1, "step")),
        ("7steps", (7, "step")),
        (20, (20, "step")),
    ],
)
def test_what_is_taken(raw, expected):
    assert Interval.parse(raw) == expected


@pytest.mark.parametrize(
    "raw", ["0 steps", "-1 epoch", "epoch", "1.5 epochs", "2 weeks", "", 0, -3, True, 1.0, None, []]
)
def test_what_is_refused(raw):
    with pytest.raises(PydanticCustomError, match="such as '50 steps' or '1 epoch'"):
        Interval.parse(raw)


def test_in_steps():
    assert Interval(3, "epoch").steps(550) == 1650
    assert Interval(3, "step").steps(550) == 3


@given(st.integers(1, 10**6), st.sampled_from(["epoch", "step"]))
def test_text_and_back(count, unit):
    assert Interval.parse(str(Interval(count, unit))) == (count, unit)


def test_its_schema_is_for_editors():
    schema = TypeAdapter(Interval).json_schema()
    assert [option["type"] for option in schema["anyOf"]] == ["string", "integer"]
