"""Groups of parameters: what they say of the parameters they match, and the mistakes in them."""

from __future__ import annotations

import pytest

from framework.optimizers import OPTIMIZERS, Group
from framework.optimizers.groups import contradictions, frozen_by, misfits, parts

NAMES = ["stem/kernel", "stem/bias", "body/kernel", "body/bias", "head/kernel"]


def groups(*options: dict) -> list[Group]:
    return [Group(**option) for option in options]


def test_parameters_are_divided_by_what_is_another_for_them():
    found = parts(
        groups(
            {"parameters": "body/*", "learning_rate_multiplier": 0.1},
            {"parameters": "*/bias", "weight_decay": 0.0},
            {"parameters": "stem/kernel", "freeze": True},
        ),
        ["stem/bias", "body/kernel", "body/bias", "head/kernel"],
    )
    assert {part["groups"]: (part["parameters"], part["numbers"]) for part in found} == {
        "": (["head/kernel"], {}),
        "0": (["body/kernel"], {"learning_rate_multiplier": "groups/0/learning_rate_multiplier"}),
        "0+1": (
            ["body/bias"],
            {
                "learning_rate_multiplier": "groups/0/learning_rate_multiplier",
                "weight_decay": "groups/1/weight_decay",
            },
        ),
        "1": (["stem/bias"], {"weight_decay": "groups/1/weight_decay"}),
    }


def test_without_groups_there_are_no_parts():
    assert parts([], NAMES) == []
    assert parts(groups({"parameters": "stem/*", "freeze": True}), NAMES[2:]) == []


def test_frozen_parameters():
    assert frozen_by(groups({"parameters": "stem/*", "freeze": True}, {"parameters": "*"}), NAMES) == NAMES[:2]


def test_the_numbers_of_groups_are_runtime_values():
    optimizer = OPTIMIZERS["adamw"](
        groups=[{"parameters": "*/bias", "weight_decay": 0.0}, {"parameters": "a", "learning_rate_multiplier": 0.1}]
    )
    found = {name: number for name, number in optimizer.hyper().items() if name.startswith("groups/")}
    assert found == {"groups/0/weight_decay": 0.0, "groups/1/learning_rate_multiplier": 0.1}


@pytest.mark.parametrize(
    ("options", "position", "message"),
    [
        ([{"parameters": "steam/*", "freeze": True}], 0, "'steam/*' matches no parameter"),
        ([{"parameters": "stem/kernal", "freeze": True}], 0, "did you mean 'stem/kernel'?  parameters: stem/kernel, "),
        (
            [{"parameters": "*/bias", "weight_decay": 0.0}, {"parameters": "stem/*", "weight_decay": 0.1}],
            1,
            "'stem/*' and '*/bias' both set weight_decay for the parameter 'stem/bias'",
        ),
        (
            [{"parameters": "stem/*", "freeze": True}, {"parameters": "stem/bias", "weight_decay": 0.1}],
            1,
            "every parameter that 'stem/bias' matches is frozen by another group",
        ),
    ],
)
def test_patterns_that_do_not_fit_the_parameters(options: list[dict], position: int, message: str):
    (mistake,) = misfits(groups(*options), NAMES)
    assert mistake.path == ("optimizer", "groups", str(position), "parameters")
    assert message in mistake.message


def test_overlapping_groups_with_different_options_are_right():
    options = {"parameters": "stem/*", "freeze": True}, {"parameters": "*/bias", "weight_decay": 0.1}
    assert list(misfits(groups(*options), NAMES)) == []


def test_everything_frozen_is_a_mistake():
    (mistake,) = misfits(groups({"parameters": "*", "freeze": True}), NAMES)
    assert mistake.message == "every parameter is frozen, so there is nothing to train"


@pytest.mark.parametrize(
    ("optimizer", "group", "key", "message"),
    [
        ("sgd", {"weight_decay": 0.1}, "weight_decay", "the optimizer sgd has no option 'weight_decay'"),
        ("adafactor", {"learning_rate_multiplier": 0.1}, "learning_rate_multiplier", "has no learning rate that could"),
        ("polyak_sgd", {"learning_rate_multiplier": 0.1}, "learning_rate_multiplier", "a group can only freeze"),
        ("adamw", {}, "0", "changes nothing"),
        ("adamw", {"freeze": True, "weight_decay": 0.1}, "weight_decay", "weight_decay would have no effect"),
    ],
)
def test_what_an_optimizer_cannot_do(optimizer: str, group: dict, key: str, message: str):
    (mistake,) = contradictions(OPTIMIZERS[optimizer](groups=[{"parameters": "*", **group}]))
    assert mistake.path[-1] == key
    assert message in mistake.message
