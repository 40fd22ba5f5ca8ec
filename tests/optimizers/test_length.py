"""Lengths in steps, fractions of the run, and epochs."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from framework.optimizers import Length

LENGTH = TypeAdapter(Length)


@pytest.mark.parametrize(
    ("raw", "steps"),
    [
        (500, 500), (0, 0), (1, 1), (1.0, 1000), (0.1, 100), (0.0, 0), (0.29, 290), (0.0005, 0),
        ("2 epochs", 80), ("1 epoch", 40), ("0.5 epochs", 20), ("1.5epoch", 60), ("500 steps", 500),
        ("500", 500), ("0.25", 250), (".25", 250),
    ],
)  # fmt: skip
def test_units(raw, steps):
    assert LENGTH.validate_python(raw).steps(steps_per_epoch=40, total_steps=1000) == steps


def test_a_fraction_is_not_lost_to_rounding():
    assert [Length(k / 100, "run").steps(1, 100) for k in range(101)] == list(range(101))


@pytest.mark.parametrize("raw", [-1, 1.5, -0.1, True, None, "", "two epochs", "2 hours", "0.5 steps", "-3", [1], 2.0])
def test_anything_else_is_refused(raw):
    with pytest.raises(ValidationError, match="a number of steps such as 500, a fraction of the run"):
        LENGTH.validate_python(raw)


@pytest.mark.parametrize("raw", [0, 0.0, "0 epochs", "0"])
def test_nothing_is_no_positive_length(raw):
    with pytest.raises(ValueError, match="more than 0"):
        Length.parse_positive(raw)


@pytest.mark.parametrize(("raw", "text"), [(500, "500 steps"), (1, "1 step"), (0.1, "0.1"), ("2 epochs", "2 epochs")])
def test_text(raw, text):
    assert str(Length.parse(raw)) == text
