"""The command line's overrides: the runs of a sweep, and what may be set of Hydra."""

from __future__ import annotations

import pytest

from framework.config.overrides import allowed_of_hydra, expand, parse
from framework.errors import ConfigError


def runs(*texts: str) -> list[list[str]]:
    return expand(parse(texts, is_sweep=True))


def test_a_sweep_is_every_combination_the_last_changing_fastest():
    assert runs("a=1,2", "b=x,y", "c=3") == [
        ["a=1", "b=x", "c=3"],
        ["a=1", "b=y", "c=3"],
        ["a=2", "b=x", "c=3"],
        ["a=2", "b=y", "c=3"],
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=range(1,4)", ["a=1", "a=2", "a=3"]),
        ("a=choice(x,y)", ["a=x", "a=y"]),
        ("a=[1,2],[3]", ["a=[1,2]", "a=[3]"]),
        ("a={b:1},{b:2}", ["a={b:1}", "a={b:2}"]),
        ("hydra.sweeper.params.a=1,2", ["a=1", "a=2"]),
        ("~a", ["~a"]),
        ("++a=1,2", ["++a=1", "++a=2"]),
        ("a='1,2'", ["a='1,2'"]),
    ],
)
def test_what_can_be_listed(text, expected):
    assert runs(text) == [[override] for override in expected]


def test_a_stretch_of_numbers_has_no_end_of_runs():
    with pytest.raises(ConfigError, match="does not support sweep type"):
        runs("a=interval(0,1)")


@pytest.mark.parametrize(
    "key",
    ["hydra.run.dir", "hydra.sweep.dir", "hydra.sweep.subdir", "hydra/launcher", "hydra.launcher.n_jobs",
     "hydra.sweeper.params.seed"],
)  # fmt: skip
def test_what_may_be_set_of_hydra(key):
    assert allowed_of_hydra(key, 1)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("hydra", {"run": {"dir": "x"}}),
        ("hydra.launcher", {"n_jobs": 2}),
        ("hydra.launcher.a._target_", "os.system"),
        ("hydra.launcher.a", {"b": [{"class": "os.system"}]}),
        ("hydra.callbacks", None),
        ("hydra/sweeper", "optuna"),
        ("hydra.run.dirt", "x"),
    ],
)
def test_what_may_not(key, value):
    assert not allowed_of_hydra(key, value)
