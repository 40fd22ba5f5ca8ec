"""Schedules as components: what optax is called with."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from framework.errors import ConfigError
from framework.fields import Kind
from framework.optimizers import SCHEDULES, Span

RUN = Span(steps_per_epoch=40, steps=1000)


def test_names():
    assert set(SCHEDULES) == {
        "constant", "cosine_decay", "cosine_onecycle", "exponential_decay", "join", "linear", "linear_onecycle",
        "piecewise_constant", "piecewise_interpolate", "polynomial", "warmup_constant", "warmup_cosine_decay",
        "warmup_exponential_decay",
    }  # fmt: skip


def test_optaxs_own_name_is_accepted():
    assert SCHEDULES["cosine_decay_schedule"] is SCHEDULES["cosine_decay"]
    assert SCHEDULES["join_schedules"] is SCHEDULES["join"]


@pytest.mark.parametrize("name", sorted(SCHEDULES))
def test_no_option_of_a_schedule_changes_the_program(name):
    assert {SCHEDULES[name].kind_of(option) for option in SCHEDULES[name].model_fields} == {Kind.LOOP}
    assert all(said["description"] for said in SCHEDULES[name].model_json_schema()["properties"].values())


@pytest.mark.parametrize(
    ("name", "options", "function", "arguments"),
    [
        ("constant", {}, "constant_schedule", {"value": 0.5}),
        (
            "warmup_cosine_decay",
            {},
            "warmup_cosine_decay_schedule",
            {
                "init_value": 0,
                "peak_value": 0.5,
                "warmup_steps": 100,
                "decay_steps": 1000,
                "end_value": 0,
                "exponent": 1,
            },
        ),
        (
            "linear",
            {"init_value": 0.2, "end_value": 0.1, "transition_steps": "2 epochs", "transition_begin": 0.5},
            "linear_schedule",
            {"init_value": 0.2, "end_value": 0.1, "transition_steps": 80, "transition_begin": 500},
        ),
        (
            "exponential_decay",
            {"transition_steps": 0.0001, "decay_rate": 0.9},
            "exponential_decay",
            {"init_value": 0.5, "transition_steps": 1, "decay_rate": 0.9, "transition_begin": 0, "staircase": False},
        ),
        (
            "piecewise_constant",
            {"boundaries_and_scales": {"1 epoch": 0.5, 0.9: 0.1, 40: 0.5}},
            "piecewise_constant_schedule",
            {"init_value": 0.5, "boundaries_and_scales": {40: 0.25, 900: 0.1}},
        ),
    ],
)
def test_the_learning_rate_is_the_top_and_the_run_is_the_length(name, options, function, arguments):
    call = SCHEDULES[name](**options).call(0.5, RUN)
    assert (call.function, call.arguments) == (function, arguments)


@pytest.mark.parametrize("steps", [1, 2, 3, 9, 10, 11])
def test_the_usual_schedule_fits_a_run_of_any_length(steps):
    arguments = SCHEDULES["warmup_cosine_decay"]().call(0.5, Span(1, steps)).arguments
    assert arguments["warmup_steps"] < arguments["decay_steps"] == steps


def test_a_warm_up_of_no_steps_ends_at_the_peak():
    assert SCHEDULES["warmup_constant"]().call(0.5, Span(1, 5)).arguments == {"value": 0.5}


def test_a_warm_up_longer_than_the_run_is_a_mistake():
    with pytest.raises(ConfigError) as caught:
        SCHEDULES["warmup_cosine_decay"](warmup_steps=500).call(0.5, Span(30, 300))
    (mistake,) = caught.value.mistakes
    assert mistake.path == ("schedule", "warmup_steps")
    assert "takes 500 steps" in mistake.message
    assert "only 300" in mistake.message


def test_joined_schedules_take_their_parts_for_the_run():
    join = SCHEDULES["join"](
        schedules=[{"type": "constant"}, {"type": "cosine_decay"}, {"type": "linear", "transition_steps": 0.5}],
        boundaries=["5 epochs", 0.4],
    )
    call = join.call(0.5, RUN)
    assert call.arguments["boundaries"] == [200, 400]
    first, second, third = call.arguments["schedules"]
    assert (first.function, second.function) == ("constant_schedule", "cosine_decay_schedule")
    assert second.arguments["decay_steps"] == 200
    assert third.arguments["transition_steps"] == 300


@pytest.mark.parametrize(
    ("boundaries", "message"),
    [
        ([], "2 schedules need 1 boundaries between them, found 0"),
        ([0.1, 0.2], "2 schedules need 1 boundaries between them, found 2"),
        ([0], "must increase from 0 to the 1000 steps"),
        ([1.0], "must increase from 0 to the 1000 steps"),
    ],
)
def test_boundaries_that_do_not_fit_are_a_mistake(boundaries, message):
    join = SCHEDULES["join"](schedules=[{"type": "constant"}, {"type": "constant"}], boundaries=boundaries)
    with pytest.raises(ConfigError, match=message) as caught:
        join.call(0.5, RUN)
    assert caught.value.mistakes[0].path == ("schedule", "boundaries")


def test_all_mistakes_of_joined_schedules_are_found_with_their_places():
    wrong = {"type": "warmup_cosine_decay", "warmup_steps": 900}
    join = SCHEDULES["join"](schedules=[wrong, {"type": "constant"}, wrong], boundaries=[0.1, 0.5])
    with pytest.raises(ConfigError) as caught:
        join.call(0.5, RUN)
    assert [mistake.path for mistake in caught.value.mistakes] == [
        ("schedule", "schedules", "0", "warmup_steps"),
        ("schedule", "schedules", "2", "warmup_steps"),
    ]


@pytest.mark.parametrize(
    ("name", "options", "place", "message"),
    [
        ("linear", {"transition_stps": 1}, ("transition_stps",), "Extra inputs"),
        ("cosine_decay", {"decay_steps": 0}, ("decay_steps",), "more than 0"),
        ("cosine_decay", {"alpha": 2}, ("alpha",), "less than or equal to 1"),
        ("exponential_decay", {}, ("decay_rate",), "Field required"),
        ("piecewise_constant", {"boundaries_and_scales": {10: -1}}, None, "greater than or equal to 0"),
        ("piecewise_interpolate", {"interpolate_type": "cubic", "boundaries_and_scales": {}}, None, "'linear' or 'cos"),
        ("warmup_cosine_decay", {"warmup_steps": 1.5}, ("warmup_steps",), "a fraction of the run"),
        ("join", {"schedules": [{"type": "linaer"}], "boundaries": []}, ("schedules", 0), "did you mean 'linear'"),
        ("join", {"schedules": [{}], "boundaries": []}, ("schedules", 0), "a mapping with a 'type'"),
        (
            "join",
            {"schedules": [{"type": "cosine_decay", "alpha": 2}], "boundaries": []},
            ("schedules", 0, "alpha"),
            "less than or equal to 1",
        ),
    ],
)
def test_a_wrong_option_is_refused_at_its_place(name, options, place, message):
    with pytest.raises(ValidationError, match=message) as caught:
        SCHEDULES[name](**options)
    (error,) = caught.value.errors()
    assert place is None or error["loc"] == place
